/**
 * Requests to the Actions service and to its queue: address, version, headers, token, one status that means success.
 * Knows no endpoint. Source: spec github-protocol.md §3.2, §5.
 */
import type { Clock } from "../lib/clock.ts";
import type { Secret } from "../lib/secret.ts";
import { addressBelow } from "./address.ts";
import type { Admin } from "./admin.ts";
import { BadShape } from "./decode.ts";
import { badAnswer, errorFromAnswer, GitHubError, isGitHubError } from "./errors.ts";
import type { Answer, Call, Exchange } from "./exchange.ts";

const API_VERSION = "6.0-preview";

/** Per attempt. A poll is held for about 50 s by the service; shorter than 90 s would cut good ones. */
const TIMEOUT_MS = { call: 30_000, poll: 90_000 };

interface AnyCall {
  /** Words that complete "Cannot …"; also the label of its metrics. */
  readonly operation: string;
  /** The statuses that mean success. */
  readonly wanted: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** A call below the service's address. */
export interface ServiceCall extends AnyCall {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Encoded, without a slash at the start. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; `undefined`: no body. */
  readonly body?: unknown;
  /** Sent instead of the admin token. */
  readonly token?: Secret<string>;
}

/** A call to a queue: a poll (GET), or the acknowledgement of a message (DELETE). */
export interface QueueCall extends AnyCall {
  readonly method: "GET" | "DELETE";
  readonly url: URL;
  readonly token: Secret<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A success. */
export interface Reply {
  readonly status: number;
  /** The body as it came; may hold secrets. */
  readonly text: string;
  /** The decoded body; throws `BadShape` when it is not JSON. */
  json(): unknown;
}

/**
 * Both reject with a {@link GitHubError}, or with `signal.reason`. A `BadShape` that `read` throws becomes
 * "github_bad_answer"; no message quotes the body of a success.
 */
export interface Transport {
  service<T>(call: ServiceCall, read: (reply: Reply) => T): Promise<T>;
  queue<T>(call: QueueCall, read: (reply: Reply) => T): Promise<T>;
}

/** `admin` gives address and token of the service, anew for every call. */
export interface TransportOptions {
  readonly admin: Admin;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** A {@link Transport} with the tokens of `admin`. */
export function createTransport(options: TransportOptions): Transport {
  const { admin, userAgent } = options;
  return {
    service: async (call, read) => {
      const connection = await admin.connection(call.signal);
      try {
        return await sent(options, {
          ...call,
          url: addressBelow(connection.url, {
            path: call.path,
            query: { "api-version": API_VERSION, ...call.query },
          }),
          token: call.token ?? connection.token,
          headers: { "Content-Type": "application/json", "User-Agent": userAgent },
          timeoutMs: TIMEOUT_MS.call,
        }, read);
      } catch (thrown) {
        // No refresh within this call (§4.4), but the token gets no second chance either.
        const refused = !call.token && isGitHubError(thrown, "github_unauthorized");
        if (refused) admin.distrust(connection);
        throw thrown;
      }
    },
    queue: (call, read) =>
      sent(options, {
        ...call,
        headers: { ...call.headers, "User-Agent": userAgent },
        timeoutMs: call.method === "GET" ? TIMEOUT_MS.poll : TIMEOUT_MS.call,
      }, read),
  };
}

interface Sending extends AnyCall {
  readonly method: string;
  readonly url: URL;
  readonly token: Secret<string>;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly body?: unknown;
}

function sent<T>(
  options: TransportOptions,
  sending: Sending,
  read: (reply: Reply) => T,
): Promise<T> {
  const token = sending.token.reveal();
  const call: Call = {
    operation: sending.operation,
    method: sending.method,
    url: sending.url,
    headers: { ...sending.headers, "Authorization": `Bearer ${token}` },
    body: sending.body === undefined ? undefined : JSON.stringify(sending.body),
    timeoutMs: sending.timeoutMs,
    signal: sending.signal,
  };
  return options.exchange(call, (answer) => {
    if (!sending.wanted.includes(answer.status)) {
      throw retriedIfUnauthorized(
        errorFromAnswer(call, answer, { now: options.clock.now(), secrets: [token] }),
      );
    }
    try {
      return read({ status: answer.status, text: answer.text, json: () => jsonOf(answer) });
    } catch (thrown) {
      throw thrown instanceof BadShape ? badAnswer(call, thrown.message) : thrown;
    }
  });
}

/** The REST side accepted the credential: what a refused token needs here is a newer one. */
function retriedIfUnauthorized(error: GitHubError): GitHubError {
  if (error.code !== "github_unauthorized") return error;
  const { code, message, status } = error;
  return new GitHubError(code, message, { status, disposition: { kind: "retry" } });
}

function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    throw new BadShape(answer.text === "" ? "its body is empty" : "its body is not JSON");
  }
}
