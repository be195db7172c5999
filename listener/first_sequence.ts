/**
 * Where the numbers of a listener's life begin. Runners carry the numbers of former lives, and the controller takes an
 * order for served when its number is the highest among them (spec controllers.md §17.4, X22): lives must not overlap.
 */

const ORIGIN_MS = Date.UTC(2026, 0, 1);
const MAX_SEQUENCE = 2147483646;

/** Seconds since 2026, which suffices as long as a life decides less than once a second on average. Until 2094. */
export function firstSequence(now: Date): number {
  const seconds = Math.floor((now.getTime() - ORIGIN_MS) / 1000);
  return Math.min(Math.max(seconds, 0), MAX_SEQUENCE);
}
