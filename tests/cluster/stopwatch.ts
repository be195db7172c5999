/** How long something took, less the time for which the machine let this process stand still. Knows a clock, no claim. */
import { systemClock } from "../../lib/clock.ts";

export interface Stopwatch extends AsyncDisposable {
  /** Since the start. */
  readonly seconds: number;
}

const TICK_MS = 50;
/** What a tick counts at most: one that takes longer tells of the machine. */
const LONGEST_MS = 2 * TICK_MS;

/** Runs until it is disposed of. */
export function stopwatch(): Stopwatch {
  const over = new AbortController();
  let ms = 0;
  const ticking = (async () => {
    while (!over.signal.aborted) {
      const startMs = systemClock.now().getTime();
      await systemClock.sleep(TICK_MS, over.signal).catch(() => {});
      ms += Math.min(systemClock.now().getTime() - startMs, LONGEST_MS);
    }
  })();
  return {
    get seconds() {
      return ms / 1_000;
    },
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await ticking;
    },
  };
}
