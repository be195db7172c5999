/**
 * A clock that stands still until it is driven. Everything that waits on it wakes in order of its time, and between two
 * wake-ups all work that the first one caused is done, so that a run in memory has one outcome only.
 */
import type { Clock } from "../lib/clock.ts";

interface Sleeper {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Noon UTC on an ordinary day: no test should depend on the date. */
const DEFAULT_START = "2026-01-01T12:00:00Z";

/** Starts at noon UTC of an ordinary day unless it is told a time (RFC 3339). */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  // A binary heap by (atMs, order).
  readonly #heap: Sleeper[] = [];
  readonly #gone = new WeakSet<Sleeper>();

  constructor(start: string = DEFAULT_START) {
    this.#nowMs = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        this.#gone.add(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        atMs: this.#nowMs + Math.max(ms, 0),
        order: this.#order++,
        wake: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#push(sleeper);
    });
  }

  /** Lets `ms` pass, waking sleepers in order and letting the work settle after each moment. */
  async advance(ms: number): Promise<void> {
    await this.runUntil(() => false, { limitMs: ms });
  }

  /**
   * Lets time pass until `done()` is true after the work of a moment has settled; returns whether it became true within
   * `limitMs`. With nobody asleep the clock jumps to the limit.
   */
  async runUntil(done: () => boolean, options: { readonly limitMs: number }): Promise<boolean> {
    const endMs = this.#nowMs + options.limitMs;
    await settle();
    while (!done()) {
      const next = this.#peek();
      if (next === undefined || next.atMs > endMs) {
        this.#nowMs = endMs;
        return done();
      }
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#pop();
      next.wake();
      await settle();
    }
    return true;
  }

  #peek(): Sleeper | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || !this.#gone.has(first)) return first;
      this.#pop();
    }
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#heap;
    let at = heap.push(sleeper) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(sleeper, heap[parent] as Sleeper)) break;
      heap[at] = heap[parent] as Sleeper;
      at = parent;
    }
    heap[at] = sleeper;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Sleeper, heap[child] as Sleeper)) {
        child++;
      }
      if (!before(heap[child] as Sleeper, last)) break;
      heap[at] = heap[child] as Sleeper;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Sleeper, b: Sleeper): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Returns when all microtasks, and what they caused in turn, have run. Work that waits for real I/O is not waited for. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
