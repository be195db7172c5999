/**
 * What GitHub's refusals mean: a status and an exception name become one code word and a disposition. Pure. Knows no
 * endpoint; refuses to put a token, a query or the body of a success into a message.
 */
import { type Disposition, HouseError, messageOf } from "../lib/errors.ts";
import { scrub } from "./redaction.ts";

/** Every word that a failure of the GitHub room may carry in metrics and logs. */
export type GitHubErrorCode =
  | "github_unauthorized"
  | "github_forbidden"
  | "github_not_found"
  | "github_conflict"
  | "github_refused"
  | "github_rate_limited"
  | "github_unavailable"
  | "github_unreachable"
  | "github_host_denied"
  | "github_runner_exists"
  | "github_runner_not_found"
  | "github_job_still_running"
  | "github_scale_set_not_found"
  | "github_session_conflict"
  | "github_session_lost"
  | "github_bad_answer";

/**
 * A failure of GitHub, or on the way there. `status` is `undefined` when no answer came. Has no `cause`: what `fetch`
 * throws may name addresses with their queries, and would be printed with the error.
 */
export class GitHubError extends HouseError {
  override readonly name: string = "GitHubError";
  override readonly code: GitHubErrorCode;
  override readonly disposition: Disposition;
  readonly status: number | undefined;
  /** What a person can do about it, in words that name fields; absent where nobody can. */
  readonly hint: string | undefined;

  constructor(
    code: GitHubErrorCode,
    message: string,
    options: {
      readonly disposition?: Disposition;
      readonly status?: number | undefined;
      readonly hint?: string | undefined;
    } = {},
  ) {
    super(message);
    this.code = code;
    this.disposition = options.disposition ?? DISPOSITIONS[code];
    this.status = options.status;
    this.hint = options.hint;
  }
}

/** Another session of the scale set is live: wait less than 30 s, with jitter, and try again (F03). */
export class SessionConflict extends GitHubError {
  override readonly name = "SessionConflict";

  constructor(message: string, retryAfterMs: number) {
    super("github_session_conflict", message, {
      status: 409,
      disposition: { kind: "retry-after", ms: retryAfterMs },
    });
  }
}

/** GitHub forgot the session: open another one (F04). */
export class SessionLost extends GitHubError {
  override readonly name = "SessionLost";

  constructor(message: string, status?: number) {
    super("github_session_lost", message, { status });
  }
}

const RETRY: Disposition = { kind: "retry" };
const STOP: Disposition = { kind: "stop" };
/** An outage ends without a word: whatever waits goes on this soon after it, in ms (F06). Few ask while it lasts. */
const WAIT_OUT: Disposition = { kind: "retry", withinMs: 30_000 };

const DISPOSITIONS: Readonly<Record<GitHubErrorCode, Disposition>> = {
  github_unauthorized: STOP,
  github_forbidden: STOP,
  github_not_found: STOP,
  github_conflict: RETRY,
  github_refused: STOP,
  github_rate_limited: RETRY,
  github_unavailable: WAIT_OUT,
  github_unreachable: RETRY,
  github_host_denied: STOP,
  github_runner_exists: RETRY,
  github_runner_not_found: RETRY,
  github_job_still_running: RETRY,
  github_scale_set_not_found: RETRY,
  github_session_conflict: RETRY,
  github_session_lost: RETRY,
  github_bad_answer: RETRY,
};

/**
 * Exception names as the Actions service sends them in `typeName`. Matched as substrings, in this order: the names are
 * assembly-qualified and prefixed. Source: spec github-protocol.md §5.3, §5.4.
 */
const EXCEPTIONS: readonly (readonly [string, GitHubErrorCode])[] = [
  ["AgentExistsException", "github_runner_exists"],
  ["AgentNotFoundException", "github_runner_not_found"],
  ["JobStillRunningException", "github_job_still_running"],
  ["RunnerScaleSetNotFoundException", "github_scale_set_not_found"],
  ["SessionConflictException", "github_session_conflict"],
  ["SessionExpiredException", "github_session_lost"],
];

/** The call that failed. */
export interface FailedCall {
  /** Words that complete "Cannot …", e.g. "create scale set". */
  readonly operation: string;
  readonly method: string;
  readonly url: URL;
}

/** What came back, fully read. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * The error for an answer that is not the success the call wanted. The message holds method, address without query,
 * status, correlation ids and what the service said about it, without anything listed in `secrets`.
 */
export function errorFromAnswer(
  call: FailedCall,
  answer: FailedAnswer,
  context: { readonly now: Date; readonly secrets?: readonly string[] },
): GitHubError {
  const said = reading(answer);
  const { code, disposition } = meaning(answer, { exception: said.exception, now: context.now });
  const message = `${sentence(call)} answered ${answer.status}${correlation(answer.headers)}: ` +
    said.detail;
  return new GitHubError(code, scrub(message, context.secrets ?? []), {
    status: answer.status,
    ...(disposition && { disposition }),
  });
}

/** The beginning of every message: "Cannot create scale set: POST https://host/path". */
export function sentence(call: FailedCall): string {
  return `Cannot ${call.operation}: ${call.method} ${call.url.origin}${call.url.pathname}`;
}

/** The error for an answer of the right status that makes no sense. `what` must not quote the answer. */
export function badAnswer(call: FailedCall, what: string): GitHubError {
  return new GitHubError("github_bad_answer", `${sentence(call)} gave a bad answer: ${what}`);
}

/** The same failure with another hint. */
export function withHint(error: GitHubError, hint: string): GitHubError {
  const { code, message, disposition, status } = error;
  return new GitHubError(code, message, { disposition, status, hint });
}

/** The hint of a failure, if it has one, and its message: what a person reads in a condition. */
export function advice(thrown: unknown): string {
  const message = messageOf(thrown);
  const hint = thrown instanceof GitHubError ? thrown.hint : undefined;
  return hint === undefined ? message : `${hint}. ${message}`;
}

/** Whether `thrown` is a {@link GitHubError} with one of these codes. */
export function isGitHubError(
  thrown: unknown,
  ...codes: readonly GitHubErrorCode[]
): thrown is GitHubError {
  return thrown instanceof GitHubError && codes.includes(thrown.code);
}

/** Worth another attempt in a moment: 429 and 5xx except 501. Source: spec github-protocol.md §3.3. */
export function isTransientStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

/** `Retry-After` in ms from `now`, in seconds or as an HTTP date; honoured on 429 and 503 (§3.3), and on 403. */
export function retryAfterMs(answer: FailedAnswer, now: Date): number | undefined {
  if (![403, 429, 503].includes(answer.status)) return undefined;
  const value = answer.headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = /[a-z]/i.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

function meaning(
  answer: FailedAnswer,
  context: { readonly exception: string; readonly now: Date },
): { readonly code: GitHubErrorCode; readonly disposition?: Disposition } {
  const { status } = answer;
  // A transient status says nothing lasting about a runner or a set, whatever name it carries (§18.1, vector 6), and a
  // refused token nothing at all.
  if (!isTransientStatus(status) && status !== 401) {
    const known = EXCEPTIONS.find(([name]) => context.exception.includes(name));
    if (known) return { code: known[1] };
  }
  const wait = retryAfterMs(answer, context.now) ?? rateLimitResetMs(answer, context.now);
  const disposition: Disposition | undefined = wait === undefined
    ? undefined
    : { kind: "retry-after", ms: Math.max(wait, 1000) };
  if (status === 429 || (status === 403 && disposition)) {
    return { code: "github_rate_limited", ...(disposition && { disposition }) };
  }
  if (status >= 500) return { code: "github_unavailable", ...(disposition && { disposition }) };
  if (status === 401) return { code: "github_unauthorized" };
  if (status === 403) return { code: "github_forbidden" };
  if (status === 404 || status === 410) return { code: "github_not_found" };
  if (status === 409) return { code: "github_conflict" };
  return { code: status >= 400 ? "github_refused" : "github_bad_answer" };
}

/** GitHub's primary rate limit answers 403 or 429 with no request left and the second of the next window. */
function rateLimitResetMs(answer: FailedAnswer, now: Date): number | undefined {
  if (answer.status !== 403 && answer.status !== 429) return undefined;
  if (answer.headers.get("x-ratelimit-remaining") !== "0") return undefined;
  const resetSeconds = Number(answer.headers.get("x-ratelimit-reset") ?? NaN);
  return Number.isFinite(resetSeconds) ? Math.max(0, resetSeconds * 1000 - now.getTime()) : 60_000;
}

const MAX_DETAIL = 160;

function reading(answer: FailedAnswer): { readonly exception: string; readonly detail: string } {
  const nothing = { exception: "", detail: "unknown error" };
  // The body of a success may hold a live token even when its status is not the one we wanted (§15).
  if (answer.status < 300 || answer.text.trim() === "") return nothing;
  const quoted = { exception: "", detail: JSON.stringify(excerpt(answer.text)) };
  if (/text\/plain/i.test(answer.headers.get("content-type") ?? "")) return quoted;
  const body = parsed(answer.text);
  if (typeof body !== "object" || body === null) return quoted;
  const { typeName, message } = body as { typeName?: unknown; message?: unknown };
  const exception = typeof typeName === "string" ? typeName : "";
  const parts = [exception.split(",")[0], typeof message === "string" ? message : ""];
  const detail = excerpt(parts.filter(Boolean).join(": "));
  return { exception, detail: detail || nothing.detail };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MAX_DETAIL ? `${line.slice(0, MAX_DETAIL - 1)}…` : line;
}

function correlation(headers: Headers): string {
  const ids = [
    ["activity_id", headers.get("ActivityId")],
    ["github_request_id", headers.get("X-GitHub-Request-Id")],
  ].filter(([, id]) => id).map(([name, id]) => `${name} ${id}`);
  return ids.length > 0 ? ` (${ids.join(", ")})` : "";
}
