/**
 * Time as an argument. Whoever waits or stamps takes a {@link Clock}, so that the whole product can run on virtual
 * time. Nothing else in the house calls `Date.now`, `new Date()` or `setTimeout`.
 */

export interface Clock {
  /** The present moment. */
  now(): Date;
  /**
   * Resolves after `ms` milliseconds (0 and less: in a later turn). Rejects with `signal.reason` as soon as `signal`
   * aborts, and leaves no timer behind.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Longest delay that a timer of the platform takes, in ms (about 24.8 days). */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The time of the machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
      signal?.addEventListener("abort", abort, { once: true });
    }),
};

/** Thrown by {@link withDeadline} when the time is up. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
}

/**
 * Runs `work` with a signal that aborts when `parent` does, or with {@link DeadlineExceeded} after `ms`. The timer is
 * cleared when the work ends (that of `AbortSignal.timeout` would stay).
 */
export async function withDeadline<T>(
  clock: Clock,
  deadline: { readonly ms: number; readonly parent?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = new AbortController();
  const forward = () => controller.abort(deadline.parent?.reason);
  if (deadline.parent?.aborted) forward();
  else deadline.parent?.addEventListener("abort", forward, { once: true });
  clock.sleep(deadline.ms, timer.signal).then(
    () => controller.abort(new DeadlineExceeded(`No answer within ${deadline.ms} ms`)),
    () => {}, // cleared
  );
  try {
    return await work(controller.signal);
  } finally {
    timer.abort(CLEARED);
    deadline.parent?.removeEventListener("abort", forward);
  }
}

/** Nobody reads it; the platform's own reason is an error with a stack, which is made for every call otherwise. */
const CLEARED = "cleared";
