/** Jobs that go on until a story has seen what it waits for, however slow the machine is. Knows a clock, and no job. */
import type { Clock } from "../../lib/clock.ts";

export interface HeldJobs {
  /** The same time for those who do jobs: while jobs are held, nobody who sleeps wakes up. */
  readonly clock: Clock;
  /** From now on, until what is returned is called. Not to be called again before. */
  hold(): () => void;
}

export function heldJobs(clock: Clock): HeldJobs {
  let gate: PromiseWithResolvers<void> | undefined;
  return {
    clock: {
      now: () => clock.now(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        if (gate !== undefined) await passed(gate.promise, signal);
      },
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = { promise, resolve, reject: resolve };
      return () => {
        gate = undefined;
        resolve();
      };
    },
  };
}

/** Rejects with the signal's reason when that aborts before. */
async function passed(gate: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await gate;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = () => reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  gate.then(resolve);
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
