/**
 * Whether the queue can be heard, as a person should be told: short interruptions are nobody's business. Pure but for its
 * memory; knows code words of failures, refuses to know what is done about them.
 */
import type { ListenerReport } from "../crds/listener_report.ts";
import { DeadlineExceeded } from "../lib/clock.ts";
import { errorCode, messageOf } from "../lib/errors.ts";

export type SessionProblem = NonNullable<ListenerReport["noSession"]>;

/** The queue may be silent for so long, in ms, before anybody is told. */
const TELL_AFTER_MS = 30_000;
/** A problem that changes its face is told again at most so often, in ms. */
const TELL_AGAIN_MS = 300_000;

/** CamelCase words for a condition. */
const REASONS: Readonly<Record<string, string>> = {
  github_unauthorized: "Unauthorized",
  github_forbidden: "Forbidden",
  github_rate_limited: "RateLimited",
  github_unavailable: "GitHubUnavailable",
  github_unreachable: "GitHubUnreachable",
  github_host_denied: "HostDenied",
  github_session_conflict: "SessionConflict",
  github_session_lost: "SessionLost",
  github_bad_answer: "BadAnswer",
};
const NO_ANSWER = "NoAnswer";
const OTHER = "CannotPoll";

/** One for the life of a listener; healthy until it is told of a failure. */
export class SessionHealth {
  #sinceMs: number | undefined;
  #toldMs = -Infinity;
  #problem: SessionProblem | undefined;

  /** What should be told at present; `undefined`: the queue is heard, or has not been silent for long. */
  get problem(): SessionProblem | undefined {
    return this.#problem;
  }

  /** Something failed, and nothing is tried for the next `waitMs`. */
  failed(thrown: unknown, options: { readonly now: Date; readonly waitMs: number }): void {
    const nowMs = options.now.getTime();
    this.#sinceMs ??= nowMs;
    if (nowMs + options.waitMs - this.#sinceMs < TELL_AFTER_MS) return;
    const reason = reasonOf(thrown);
    if (this.#problem?.reason === reason || nowMs - this.#toldMs < TELL_AGAIN_MS) return;
    this.#problem = { reason, message: messageOf(thrown) };
    this.#toldMs = nowMs;
  }

  /** A poll came back as it should. */
  worked(): void {
    this.#sinceMs = undefined;
    this.#toldMs = -Infinity;
    this.#problem = undefined;
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof DeadlineExceeded) return NO_ANSWER;
  return REASONS[errorCode(thrown)] ?? OTHER;
}
