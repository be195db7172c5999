/**
 * Everything in the simulated GitHub that waits: alarms and held calls. It knows the clock, and that at the end nothing
 * may be left waiting.
 */
import type { Clock } from "../../lib/clock.ts";

/** Takes an alarm back; harmless when it has rung. */
export type Cancel = () => void;

/** A call that is kept waiting. */
export interface Hold {
  /** Resolves when woken, when the time is up or when the simulation stops; rejects when the caller gives up. */
  readonly ended: Promise<"woken" | "expired">;
  wake(): void;
}

/** One for a simulated GitHub; stopping it ends every wait. */
export class Waits {
  readonly #clock: Clock;
  readonly #open = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `act` after `ms`, unless taken back or stopped before. */
  after(ms: number, act: () => void): Cancel {
    const timer = new AbortController();
    const cancel = () => {
      this.#open.delete(cancel);
      timer.abort();
    };
    this.#open.add(cancel);
    this.#clock.sleep(ms, timer.signal).then(() => {
      this.#open.delete(cancel);
      act();
    }, () => {}); // taken back
    return cancel;
  }

  /** Holds a call for at most `ms`. `signal` is the caller's: the hold ends with its reason when it aborts. */
  hold(ms: number, signal: AbortSignal): Hold {
    const { promise, resolve, reject } = Promise.withResolvers<"woken" | "expired">();
    const end = () => {
      cancelAlarm();
      this.#open.delete(expire);
      signal.removeEventListener("abort", abort);
    };
    const expire = () => {
      end();
      resolve("expired");
    };
    const abort = () => {
      end();
      reject(signal.reason);
    };
    const cancelAlarm = this.after(ms, expire);
    this.#open.add(expire);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    return {
      ended: promise,
      wake: () => {
        end();
        resolve("woken");
      },
    };
  }

  /** Takes back every alarm and ends every hold. */
  stop(): void {
    for (const end of [...this.#open]) end();
  }
}
