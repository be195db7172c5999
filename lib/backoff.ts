/** How long to wait before trying again. Pure: the randomness is an argument. */
import type { Random } from "./random.ts";

export interface BackoffLimits {
  /** The ceiling of the first wait, in ms. */
  readonly baseMs: number;
  /** No ceiling grows beyond this, in ms. */
  readonly capMs: number;
}

/**
 * A wait for the given attempt (0 is the first retry): uniform between half of the exponential ceiling and the
 * ceiling. Half is kept so that a crowd spreads out and nobody returns at once.
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: Random): number {
  const ceiling = Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(attempt, 52));
  return Math.round(ceiling * (0.5 + random() / 2));
}
