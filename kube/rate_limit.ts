/** A token bucket on the house's clock. Knows how fast, refuses to know what for. */
import type { Clock } from "../lib/clock.ts";

export interface RateLimitOptions {
  /** Calls per second in the long run; above 0. */
  readonly qps: number;
  /** Calls that may go at once after a pause; at least 1. */
  readonly burst: number;
  readonly clock: Clock;
}

export interface RateLimit {
  /** Resolves when the caller may go; in order of asking. Rejects with `signal.reason`, and gives its place back. */
  wait(signal?: AbortSignal): Promise<void>;
}

/** The limit that the flags `--k8s-client-rate-limiter-qps` and `-burst` set. */
export function createRateLimit({ qps, burst, clock }: RateLimitOptions): RateLimit {
  let tokens = burst; // below zero: that many callers wait
  let atMs = clock.now().getTime();
  return {
    async wait(signal) {
      signal?.throwIfAborted();
      const nowMs = clock.now().getTime();
      tokens = Math.min(burst, tokens + (nowMs - atMs) * qps / 1000);
      atMs = nowMs;
      tokens--;
      if (tokens >= 0) return;
      try {
        await clock.sleep(Math.ceil(-tokens * 1000 / qps), signal);
      } catch (thrown) {
        tokens++;
        throw thrown;
      }
    },
  };
}
