/**
 * Which key is to be worked on next. A key is queued once however often it is added, and held by one worker at a time.
 * Knows keys, times and failures in a row; refuses to know what a key stands for.
 */
import { backoffMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { type Metrics, silentMetrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { createDueHeap } from "./due_heap.ts";
import { type Line, newLine, type Work, type WorkKinds } from "./work_lines.ts";

/** "later" gives way to "soon", but one key in eight is from it while both have keys. */
export type Lane = "soon" | "later";

export interface WorkQueueOptions {
  /** For metrics. */
  readonly name: string;
  /** Of keys that are to come soon. Absent: they are all alike. */
  readonly kinds?: WorkKinds;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: Metrics;
}

export interface WorkQueue {
  /**
   * Something about this key changed. While it is held, it comes again after its lease. A key that has just failed waits
   * for up to a second, or for the time that a server asked for.
   */
  add(key: string, lane?: Lane): void;
  /** As {@link add}, in `ms` milliseconds. Of several the earliest counts. */
  addAfter(key: string, ms: number): void;
  /** The next key, first come first served. Rejects with `signal.reason`. */
  take(signal: AbortSignal): Promise<WorkLease>;
  /** Keys that could be taken now. */
  readonly depth: number;
}

/**
 * One key in one worker's hands. Exactly one of its methods is called, once; disposing without is {@link retry}, so
 * that a key is never lost.
 */
export interface WorkLease extends Disposable {
  readonly key: string;
  /** 1, and one more for each failure in a row. */
  readonly attempt: number;
  /** Done; failures are forgotten. */
  succeed(): void;
  /** Done for now; come again in `ms`, or sooner on a change. */
  addAfter(ms: number): void;
  /** Failed. Comes again after a back-off of its own, or after `ms`, and within `mostMs`; a change makes it sooner. */
  retry(ms?: number, mostMs?: number): void;
  /** Failed, and was told when to come back. A change does not make it sooner. */
  retryAfter(ms: number): void;
}

/** First retry after 100–200 ms, then doubling to 5 minutes. */
const BACKOFF = { baseMs: 200, capMs: 300_000 };
/** A change lets a failed key try again, but no attempt follows a failure more closely, in ms. */
const CHANGE_WAIT_MS = 1_000;
/** Of keys that nobody told apart. */
const ALIKE: WorkKinds = { limits: { any: Infinity }, of: () => ({ kind: "any" }) };
/** In the lane "later" all keys are alike. */
const LATER: Work = { kind: "later" };
/** While both lanes have keys, one in so many taken is from the later lane. */
const LATER_SHARE = 8;

interface Entry {
  readonly key: string;
  state: "idle" | "queued" | "held";
  /** Where it is queued or was taken from. */
  line: Line<Entry>;
  /** Where it goes next, while held. */
  lane: Lane;
  /** Added while held. */
  isDirty: boolean;
  failures: number;
  /** Not before this, whatever changes. */
  notBeforeMs: number;
  dueMs: number | undefined;
  queuedMs: number;
}

interface Waiter {
  readonly resolve: (lease: WorkLease) => void;
}

/** Empty. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { clock, random } = options;
  const metrics = options.metrics ?? silentMetrics;
  const labels = { name: options.name };
  const entries = new Map<string, Entry>();
  const kinds: WorkKinds = options.kinds ?? ALIKE;
  const lines = new Map(
    Object.entries(kinds.limits).map(([kind, limit]) => {
      const shareLimit = kinds.shares?.[kind] ?? Infinity;
      return [kind, newLine<Entry>({ limit, shareLimit })];
    }),
  );
  const later = newLine<Entry>({ limit: Infinity, shareLimit: Infinity });
  const delayed = createDueHeap<Entry>(); // an entry counts where its dueMs agrees
  const waiters = new Set<Waiter>();
  let taken = 0;
  let timer: { readonly atMs: number; readonly abort: AbortController } | undefined;

  const nowMs = () => clock.now().getTime();

  function entryOf(key: string): Entry {
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = {
        key,
        state: "idle",
        line: later,
        lane: "later",
        isDirty: false,
        failures: 0,
        notBeforeMs: 0,
        dueMs: undefined,
        queuedMs: 0,
      };
      entries.set(key, entry);
    }
    return entry;
  }

  function depth(): number {
    let sum = later.size;
    for (const { size } of lines.values()) sum += size;
    return sum;
  }

  function placeFor(key: string, lane: Lane): { readonly line: Line<Entry>; readonly work: Work } {
    const work = lane === "later" ? LATER : kinds.of(key);
    const line = lines.get(work.kind);
    return line === undefined ? { line: later, work: LATER } : { line, work };
  }

  function enqueue(entry: Entry, lane: Lane): void {
    entry.dueMs = undefined;
    entry.state = "queued";
    const { line, work } = placeFor(entry.key, lane);
    entry.line = line;
    entry.queuedMs = nowMs();
    line.add(entry, work);
    metrics.increment("workqueue_adds_total", labels);
    metrics.set("workqueue_depth", depth(), labels);
    serve();
  }

  function delay(entry: Entry, atMs: number): void {
    if (entry.dueMs !== undefined && entry.dueMs <= atMs) return;
    entry.dueMs = atMs;
    delayed.push(atMs, entry);
    arm();
  }

  function wake(entry: Entry, lane: Lane): void {
    if (entry.state === "held") {
      if (!entry.isDirty || lane === "soon") entry.lane = lane;
      entry.isDirty = true;
      return;
    }
    if (entry.state === "queued") {
      const { line, work } = placeFor(entry.key, lane);
      if (lane === "later" || entry.line === line) return;
      entry.line.remove(entry);
      entry.line = line;
      line.add(entry, work);
      serve();
      return;
    }
    if (entry.notBeforeMs > nowMs()) delay(entry, entry.notBeforeMs);
    else enqueue(entry, lane);
  }

  /** Moves what has come due into its lane. */
  function promote(): void {
    const now = nowMs();
    for (let next = delayed.peek(); next !== undefined; next = delayed.peek()) {
      const entry = next.item;
      const counts = entry.dueMs === next.atMs;
      if (counts && next.atMs > now) return;
      delayed.pop();
      if (!counts) continue;
      entry.dueMs = undefined;
      wake(entry, "soon");
    }
  }

  /** One timer, for the earliest due key, and only while somebody waits for a key. */
  function arm(): void {
    const next = waiters.size > 0 ? delayed.peek() : undefined;
    if (timer !== undefined && timer.atMs === next?.atMs) return;
    timer?.abort.abort("cleared"); // with no reason of its own the platform makes an error with a stack
    timer = undefined;
    if (next === undefined) return;
    const mine = { atMs: next.atMs, abort: new AbortController() };
    timer = mine;
    clock.sleep(next.atMs - nowMs(), mine.abort.signal).then(
      () => {
        if (timer === mine) timer = undefined;
        promote();
        arm();
      },
      () => {}, // cleared
    );
  }

  function next(): Entry | undefined {
    if (taken % LATER_SHARE === LATER_SHARE - 1 && later.size > 0) return later.take();
    for (const line of lines.values()) {
      const entry = line.take();
      if (entry !== undefined) return entry;
    }
    return later.take();
  }

  function lend(entry: Entry): WorkLease {
    taken++;
    entry.state = "held";
    entry.isDirty = false;
    metrics.set("workqueue_depth", depth(), labels);
    metrics.observe("workqueue_queue_duration_seconds", (nowMs() - entry.queuedMs) / 1000, labels);
    return lease(entry);
  }

  function serve(): void {
    for (const waiter of waiters) {
      const entry = next();
      if (entry === undefined) break;
      waiters.delete(waiter);
      waiter.resolve(lend(entry));
    }
    arm();
  }

  function lease(entry: Entry): WorkLease {
    let isOpen = true;

    /** Ends the lease; false when it has ended before. */
    function close(failures: number, notBeforeMs: number): boolean {
      if (!isOpen) return false;
      isOpen = false;
      entry.line.release(entry);
      entry.failures = failures;
      entry.notBeforeMs = notBeforeMs;
      entry.state = "idle";
      return true;
    }

    /** After the lease: at once when something changed meanwhile, else when due. */
    function release(dueMs: number | undefined): void {
      if (dueMs !== undefined) delay(entry, dueMs);
      if (entry.isDirty) wake(entry, entry.lane);
      else if (entry.dueMs === undefined && entry.failures === 0) entries.delete(entry.key);
      if (waiters.size > 0) serve(); // another one of its kind may come now
    }

    function fail(ms: number, notBeforeMs: number): void {
      const now = nowMs();
      if (!close(entry.failures + 1, now + notBeforeMs)) return;
      metrics.increment("workqueue_retries_total", labels);
      release(now + ms);
    }

    function retry(ms = backoffMs(entry.failures, BACKOFF, random), mostMs = Infinity): void {
      const waitMs = Math.min(ms, mostMs);
      fail(waitMs, Math.min(waitMs, CHANGE_WAIT_MS));
    }

    return {
      key: entry.key,
      attempt: entry.failures + 1,
      succeed() {
        if (close(0, 0)) release(undefined);
      },
      addAfter(ms) {
        if (close(0, 0)) release(nowMs() + ms);
      },
      retry,
      retryAfter: (ms) => fail(ms, ms),
      [Symbol.dispose]() {
        if (isOpen) retry();
      },
    };
  }

  return {
    add: (key, lane = "soon") => wake(entryOf(key), lane),
    addAfter(key, ms) {
      if (ms > 0) delay(entryOf(key), nowMs() + ms);
      else wake(entryOf(key), "soon");
    },
    take(signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      promote();
      const entry = next();
      if (entry !== undefined) return Promise.resolve(lend(entry));
      return new Promise((resolve, reject) => {
        const abort = () => {
          waiters.delete(waiter);
          arm();
          reject(signal.reason);
        };
        const waiter: Waiter = {
          resolve(lease) {
            signal.removeEventListener("abort", abort);
            resolve(lease);
          },
        };
        signal.addEventListener("abort", abort, { once: true });
        waiters.add(waiter);
        arm();
      });
    },
    get depth() {
      promote();
      return depth();
    },
  };
}
