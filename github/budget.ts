/**
 * What GitHub's REST side still grants a credential, shared by all who use the same one: who was told to wait makes all
 * the others wait too. Knows rate-limit headers; makes no request. Source: docs.github.com, "Rate limits for the REST API".
 */
import type { Clock } from "../lib/clock.ts";
import { type Metrics, silentMetrics } from "../lib/metrics.ts";
import { type Credential, credentialFingerprint } from "./credentials.ts";
import {
  type FailedAnswer,
  type FailedCall,
  GitHubError,
  retryAfterMs,
  sentence,
} from "./errors.ts";
import { RATE_LIMIT, RATE_REMAINING } from "./metrics.ts";

/** The budget of one credential at one server. */
export interface Budget {
  /** Throws `github_rate_limited` (retry-after) while GitHub wants no call of this credential. */
  check(call: FailedCall): void;
  /** What an answer says of the budget. */
  note(answer: FailedAnswer): void;
}

/** The budgets of a process. */
export interface Budgets {
  /** `name` stands for the credential in metrics; several may stand for the same one. */
  of(credential: Credential, whose: { readonly apiBase: string; readonly name: string }): Budget;
  /** Nobody uses the credential of that name any more: its series go. */
  forget(name: string): void;
}

/** Longest wait that a server is believed to want, in ms: primary limits are reset within an hour. */
const MAX_WAIT_MS = 3_600_000;
/** When it says that nothing is left and not until when, in ms. */
const UNTOLD_WAIT_MS = 60_000;

/** No budgets yet. `metrics` must have declared `GITHUB_METRICS`. */
export function createBudgets(
  options: { readonly clock: Clock; readonly metrics?: Metrics },
): Budgets {
  const { clock, metrics = silentMetrics } = options;
  const budgets = new Map<string, OneBudget>();

  /** A name stands for one credential at each server; a budget without a name is nobody's. */
  function release(name: string, concerns: (key: string) => boolean): void {
    for (const [key, budget] of budgets) {
      if (concerns(key) && budget.names.delete(name) && budget.names.size === 0) {
        budgets.delete(key);
      }
    }
  }

  return {
    of(credential, { apiBase, name }) {
      const key = `${apiBase} ${credentialFingerprint(credential)}`;
      const budget = budgets.get(key) ?? new OneBudget(clock, metrics);
      budget.names.add(name);
      budgets.set(key, budget);
      release(name, (other) => other.startsWith(`${apiBase} `) && other !== key);
      return budget;
    },
    forget(name) {
      release(name, () => true);
      for (const row of [RATE_LIMIT, RATE_REMAINING]) {
        metrics.forget(row.name, { credential: name });
      }
    },
  };
}

class OneBudget implements Budget {
  readonly names = new Set<string>();
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  #untilMs = -Infinity;

  constructor(clock: Clock, metrics: Metrics) {
    this.#clock = clock;
    this.#metrics = metrics;
  }

  check(call: FailedCall): void {
    const ms = this.#untilMs - this.#clock.now().getTime();
    if (ms <= 0) return;
    throw new GitHubError(
      "github_rate_limited",
      `${sentence(call)} has to wait: the credential's rate limit is used up for another ` +
        `${Math.ceil(ms / 1000)} s`,
      { disposition: { kind: "retry-after", ms: Math.max(ms, 1000) } },
    );
  }

  note(answer: FailedAnswer): void {
    const now = this.#clock.now();
    const remaining = numberIn(answer.headers, "x-ratelimit-remaining");
    this.#record(RATE_REMAINING.name, remaining);
    this.#record(RATE_LIMIT.name, numberIn(answer.headers, "x-ratelimit-limit"));
    const waitMs = retryAfterMs(answer, now) ??
      (remaining === 0 ? resetMs(answer, now) : undefined);
    // A server in trouble (503) says nothing of the credential.
    if (waitMs === undefined || answer.status === 503) return;
    this.#untilMs = Math.max(this.#untilMs, now.getTime() + Math.min(waitMs, MAX_WAIT_MS));
  }

  #record(row: string, value: number | undefined): void {
    if (value === undefined) return;
    for (const credential of this.names) this.#metrics.set(row, value, { credential });
  }
}

/** Until the next window, by GitHub's word; the second of the reset itself belongs to the old one. */
function resetMs({ headers }: FailedAnswer, now: Date): number {
  const seconds = numberIn(headers, "x-ratelimit-reset");
  return seconds === undefined
    ? UNTOLD_WAIT_MS
    : Math.max(0, seconds * 1000 + 1000 - now.getTime());
}

function numberIn(headers: Headers, name: string): number | undefined {
  const text = headers.get(name)?.trim() ?? "";
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
