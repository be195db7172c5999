/**
 * One HTTP exchange with GitHub, with everything that may go wrong on the way: time limits, retries, redirects, endless
 * bodies. Knows no token, no endpoint and no JSON; a status is an answer here, whatever it says.
 */
import { backoffMs } from "../lib/backoff.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import { errorCode } from "../lib/errors.ts";
import type { Fetch } from "../lib/http.ts";
import type { Logger } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { bodyText, cancelBody, responseOrAborted } from "./body.ts";
import { BadShape } from "./decode.ts";
import {
  badAnswer,
  type FailedAnswer,
  type FailedCall,
  GitHubError,
  isTransientStatus,
  retryAfterMs,
  sentence,
} from "./errors.ts";
import { REQUESTS, RETRIES, SECONDS } from "./metrics.ts";
import { scrub } from "./redaction.ts";

/** A request, as data: it may be sent several times. */
export interface Call extends FailedCall {
  /** The headers to send, all of them. */
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined`: no body. A POST or PATCH then says `Content-Length: 0`. */
  readonly body?: string | undefined;
  /** Time limit of each attempt, body included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Statuses worth another attempt besides 429 and 5xx. */
  readonly retryAlso?: readonly number[];
}

/** A complete answer; a byte order mark in front of the text is gone. */
export type Answer = FailedAnswer;

/** `metrics` must have declared `GITHUB_METRICS`; `fetch` may be called several times for one call. */
export interface ExchangeOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Sends a call until an answer comes that is worth handing on, at most five times; the last answer is handed on
 * whatever its status. Rejects with `call.signal.reason`, or with a {@link GitHubError} when no answer came.
 */
export type Exchange = <T>(call: Call, read: (answer: Answer) => T) => Promise<T>;

/** Attempts beyond the first. Source: spec github-protocol.md §3.3. */
const MAX_RETRIES = 4;

/** Waits are never shorter than upstream's 1, 2, 4, 8 s, and at most twice as long: a crowd must spread out. */
const BACKOFF = { baseMs: 2_000, capMs: 60_000 };

/** A server that wants a longer pause gets it from the caller's queue: no call hangs on for it. */
const MAX_WAIT_MS = 30_000;

const MAX_REDIRECTS = 5;

/** An {@link Exchange} over `fetch`. Counts, times and logs (at debug level) every call by its operation. */
export function createExchange(options: ExchangeOptions): Exchange {
  return async (call, read) => {
    const { clock, metrics, log } = options;
    const startMs = clock.now().getTime();
    const operation = call.operation;
    let outcome = "ok";
    try {
      return read(await retried(call, options));
    } catch (thrown) {
      outcome = call.signal?.aborted ? "aborted" : errorCode(thrown);
      throw thrown;
    } finally {
      const ms = clock.now().getTime() - startMs;
      metrics.increment(REQUESTS.name, { operation, outcome });
      metrics.observe(SECONDS.name, ms / 1000, { operation });
      log.debug("Called GitHub", { operation, outcome, ms });
    }
  };
}

async function retried(call: Call, options: ExchangeOptions): Promise<Answer> {
  for (let attempt = 0;; attempt++) {
    const result = await attempted(call, options);
    const answer = result instanceof GitHubError ? undefined : result;
    const transient = answer === undefined ||
      isTransientStatus(answer.status) || call.retryAlso?.includes(answer.status) === true;
    const asked = answer && retryAfterMs(answer, options.clock.now());
    const waitMs = asked ?? backoffMs(attempt, BACKOFF, options.random);
    const givesUp = !transient || attempt === MAX_RETRIES || waitMs > MAX_WAIT_MS;
    if (givesUp && answer) return answer;
    if (result instanceof GitHubError && (givesUp || !isPassing(result))) throw result;
    options.metrics.increment(RETRIES.name, { operation: call.operation });
    await options.clock.sleep(waitMs, call.signal);
  }
}

/** A connection that failed; a certificate, a sandbox or a redirect will say the same again. */
function isPassing(error: GitHubError): boolean {
  return error.code === "github_unreachable" && error.disposition.kind === "retry";
}

/** One attempt: its answer, or why there is none. Rejects only when the caller aborted, or by a bug. */
async function attempted(call: Call, options: ExchangeOptions): Promise<Answer | GitHubError> {
  call.signal?.throwIfAborted();
  try {
    return await withDeadline(
      options.clock,
      { ms: call.timeoutMs, parent: call.signal },
      (signal) => redirected(call, { fetch: options.fetch, signal }),
    );
  } catch (thrown) {
    call.signal?.throwIfAborted();
    if (thrown instanceof GitHubError) return thrown;
    if (thrown instanceof BadShape) return badAnswer(call, thrown.message);
    return unreachable(call, thrown);
  }
}

/** Follows what GitHub uses redirects for (a renamed repository), and nothing that would carry a token elsewhere. */
async function redirected(
  call: Call,
  way: { readonly fetch: Fetch; readonly signal: AbortSignal },
): Promise<Answer> {
  let url = call.url;
  for (let hops = 0;; hops++) {
    const response = await responseOrAborted(
      way.fetch(requestOf(call, url, way.signal)),
      way.signal,
    );
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) {
      const text = await bodyText(response, way.signal);
      return { status: response.status, headers: response.headers, text };
    }
    await cancelBody(response);
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    const keepsMethod = call.method === "GET" || response.status === 307 || response.status === 308;
    if (next?.origin !== url.origin || !keepsMethod || hops === MAX_REDIRECTS) {
      const where = next?.origin === url.origin ? "here" : "to another host";
      throw badAnswer(call, `a redirect (${response.status}) ${where} that must not be followed`);
    }
    url = next;
  }
}

function requestOf(call: Call, url: URL, signal: AbortSignal): Request {
  const takesBody = call.method !== "GET" && call.method !== "DELETE";
  const empty = takesBody && call.body === undefined;
  return new Request(url, {
    method: call.method,
    headers: empty ? { ...call.headers, "Content-Length": "0" } : call.headers,
    // Without an empty text as body, a PATCH goes out with no Content-Length at all.
    ...(takesBody && { body: call.body ?? "" }),
    redirect: "manual",
    signal,
  });
}

function unreachable(call: Call, thrown: unknown): GitHubError {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const secrets = Object.values(call.headers).flatMap((value) =>
    /^(?:Bearer|RemoteAuth) (.+)$/s.exec(value)?.[1] ?? []
  );
  const reason = scrub(cause instanceof Error ? cause.message : String(cause), secrets);
  const message = `${sentence(call)} got no answer: ${reason}`;
  if (thrown instanceof Deno.errors.NotCapable) {
    return new GitHubError("github_host_denied", message);
  }
  // A certificate that is not trusted stays so until somebody changes a setting.
  const lasting = /certificate/i.test(reason) ? { disposition: { kind: "stop" } as const } : {};
  return new GitHubError("github_unreachable", message, lasting);
}
