/**
 * Queued keys in lines, one for each kind of work: how many of a kind are held at a time, whose turn it is among those
 * who queue for it, and what they share. Pure. Refuses to know times and failures.
 */

/** What a key is worked on for. */
export interface Work {
  /** One of {@link WorkKinds.limits}; any other waits with what is looked at later. */
  readonly kind: string;
  /** Who waits: of several who have keys of a kind each gets one in turn. Absent: all are one. */
  readonly turn?: string;
  /** What it draws on together with others, see {@link WorkKinds.shares}. Absent: nothing. */
  readonly share?: string;
}

/** What keys are worked on for, so that one kind of work, or one who has much of it, does not hold up another. */
export interface WorkKinds {
  /** How many keys of each kind may be held at a time, at least 1. Kinds that come first go first. */
  readonly limits: Readonly<Record<string, number>>;
  /** How many of them may draw on the same share at a time, at least 1. Absent: as many as the kind's limit. */
  readonly shares?: Readonly<Record<string, number>>;
  /** The work that is due for a key now. */
  readonly of: (key: string) => Work;
}

/** Keys that wait for the same kind of work. Each is in it once. */
export interface Line<T> {
  readonly size: number;
  /** At the end of its turn. */
  add(item: T, work: Work): void;
  /** Takes it out without lending it. */
  remove(item: T): void;
  /** The next one, which is held from now on; `undefined`: none may be lent now. */
  take(): T | undefined;
  /** What {@link take} lent is held no more. */
  release(item: T): void;
}

/** An empty one. `limit` bounds what is held in all, `shareLimit` what is held of each share, both at least 1. */
export function newLine<T>(
  limits: { readonly limit: number; readonly shareLimit: number },
): Line<T> {
  const turns = new Map<string, Set<T>>(); // who comes first is next
  const works = new Map<T, Work>(); // of what waits, and of what is held
  const drawn = new Map<string, number>();
  let size = 0;
  let held = 0;

  const hasRoom = ({ share }: Work) =>
    share === undefined || (drawn.get(share) ?? 0) < limits.shareLimit;

  function draw(work: Work | undefined, by: 1 | -1): void {
    held += by;
    if (work?.share === undefined) return;
    const count = (drawn.get(work.share) ?? 0) + by;
    if (count === 0) drawn.delete(work.share);
    else drawn.set(work.share, count);
  }

  function drop(item: T, turn: string, waiting: Set<T>): void {
    waiting.delete(item);
    size--;
    if (waiting.size === 0) turns.delete(turn);
  }

  return {
    get size() {
      return size;
    },
    add(item, work) {
      const turn = work.turn ?? "";
      const waiting = turns.get(turn) ?? new Set();
      waiting.add(item);
      turns.set(turn, waiting);
      works.set(item, work);
      size++;
    },
    remove(item) {
      const turn = works.get(item)?.turn ?? "";
      works.delete(item);
      drop(item, turn, turns.get(turn) ?? new Set());
    },
    take() {
      if (held >= limits.limit) return undefined;
      for (const [turn, waiting] of turns) {
        const item = waiting.values().next().value as T;
        const work = works.get(item) ?? { kind: "" };
        if (!hasRoom(work)) continue;
        turns.delete(turn); // to the end of the order
        turns.set(turn, waiting);
        drop(item, turn, waiting);
        draw(work, 1);
        return item;
      }
      return undefined;
    },
    release(item) {
      draw(works.get(item), -1);
      works.delete(item);
    },
  };
}
