/** What comes due when: a binary heap by time, then by order of arrival. Pure. */

interface Due<T> {
  readonly atMs: number;
  readonly order: number;
  readonly item: T;
}

export interface DueHeap<T> {
  readonly size: number;
  push(atMs: number, item: T): void;
  /** The earliest, without taking it. */
  peek(): { readonly atMs: number; readonly item: T } | undefined;
  /** Takes the earliest. */
  pop(): { readonly atMs: number; readonly item: T } | undefined;
}

/** Empty. */
export function createDueHeap<T>(): DueHeap<T> {
  const heap: Due<T>[] = [];
  let order = 0;

  function siftUp(due: Due<T>): void {
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Due<T>;
      if (isBefore(above, due)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  function siftDown(due: Due<T>): void {
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Due<T>)) child++;
      const below = heap[child] as Due<T>;
      if (isBefore(due, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = due;
  }

  return {
    get size() {
      return heap.length;
    },
    push: (atMs, item) => siftUp({ atMs, order: order++, item }),
    peek: () => heap[0],
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) siftDown(last);
      return first;
    },
  };
}

function isBefore<T>(a: Due<T>, b: Due<T>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
