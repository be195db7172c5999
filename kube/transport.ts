/**
 * One exchange with the API server: credentials, body, time limit, abort, count, error mapping. Knows HTTP; refuses to
 * know what the verbs mean.
 */
import { type Clock, DeadlineExceeded, withDeadline } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import { type Metrics, silentMetrics } from "../lib/metrics.ts";
import type { Connection } from "./connection.ts";
import { KubeError, refused } from "./errors.ts";
import { type Place, resourcePath } from "./paths.ts";
import type { RateLimit } from "./rate_limit.ts";
import type { AnyType, Status } from "./types.ts";

export interface TransportOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  /** For a whole exchange, or for the headers of a stream, in ms. Default 60 s. */
  readonly timeoutMs?: number;
  readonly metrics?: Metrics;
  /** Absent: no limit on our side. */
  readonly rateLimit?: RateLimit | undefined;
  /** Names us in audit logs; the part before a slash is the field manager of plain writes. Default `longshore`. */
  readonly userAgent?: string;
}

export interface KubeCall {
  /** For error messages: `Cannot <verb> pods "a/b"`. */
  readonly verb: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly type: AnyType;
  readonly place: Place;
  /** For what is no resource, such as discovery: in place of the path that `type` and `place` give. */
  readonly path?: string;
  /** From `queryText`. */
  readonly query?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  /** The parsed JSON of a successful answer. Throws {@link KubeError}, or `signal.reason` when that aborted. */
  request(call: KubeCall): Promise<unknown>;
  /**
   * An answer that goes on: resolves at its headers. Throws as {@link Transport.request}. An abort by a
   * `DeadlineExceeded`, of the call's signal too, abandons the connection.
   */
  open(call: KubeCall): Promise<OpenStream>;
}

/** Must be disposed, also after its end. */
export interface OpenStream extends Disposable {
  readonly body: ReadableStream<Uint8Array>;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** Sends nothing before the first call. */
export function createTransport(options: TransportOptions): Transport {
  const { connection, clock, rateLimit } = options;
  const metrics = options.metrics ?? silentMetrics;
  const userAgent = options.userAgent ?? "longshore";
  const ms = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  /** Open streams with the number of requests that were sent before each. */
  const streams = new Map<AbortController, number>();
  let sentCount = 0;

  /** A connection that is dead for one call is dead for the streams that were open before it, which nobody else tells. */
  function endStreams(before: number): void {
    for (const [broken, order] of [...streams]) {
      if (order < before) broken.abort(new TypeError("its connection fell silent"));
    }
  }

  /** Sends, counts, and throws for every answer but a success. Who is refused asks once more as somebody else. */
  async function exchange(call: KubeCall, signal: AbortSignal): Promise<Response> {
    const identity = await connection.headers();
    let response = await sent(call, identity, signal);
    if (response.status === 401 && connection.renew !== undefined) {
      const refused = await refusal(call, response);
      if (!await renewed(identity, refused)) throw refused;
      response = await sent(call, await connection.headers(), signal);
    }
    if (!response.ok) throw await refusal(call, response);
    return response;
  }

  /** Whether there is another identity. Throws what was refused with what stands in the way of one. */
  async function renewed(
    identity: Readonly<Record<string, string>>,
    refused: KubeError,
  ): Promise<boolean> {
    try {
      return await connection.renew?.(identity) ?? false;
    } catch (thrown) {
      throw new KubeError(`${refused.message}. ${messageOf(thrown)}`, {
        code: refused.code,
        disposition: refused.disposition,
        httpStatus: refused.httpStatus,
        reason: refused.reason,
        cause: thrown,
      });
    }
  }

  async function sent(
    call: KubeCall,
    identity: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> {
    const request = new Request(
      connection.server + pathOf(call) + (call.query ?? ""),
      {
        method: call.method,
        headers: {
          ...identity,
          accept: "application/json",
          "user-agent": userAgent,
          ...(call.body === undefined
            ? undefined
            : { "content-type": call.contentType ?? "application/json" }),
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        redirect: "manual",
        signal,
      },
    );
    const order = ++sentCount;
    signal.addEventListener("abort", () => {
      if (!(signal.reason instanceof DeadlineExceeded)) return;
      connection.abandon?.(request);
      if (connection.abandon) endStreams(order);
    }, { once: true });
    let response: Response;
    try {
      response = await connection.fetch(request);
    } catch (thrown) {
      metrics.increment("rest_client_requests_total", { code: "<error>", method: call.method });
      throw unreachable(call, thrown);
    }
    metrics.increment("rest_client_requests_total", {
      code: String(response.status),
      method: call.method,
    });
    if (signal.aborted) await response.body?.cancel();
    signal.throwIfAborted();
    return response;
  }

  return {
    async request(call) {
      try {
        await rateLimit?.wait(call.signal);
        return await withDeadline(
          clock,
          { ms, parent: call.signal },
          (signal) =>
            unlessAborted(signal, async () => {
              const response = await exchange(call, signal);
              return await json(call, response);
            }),
        );
      } catch (thrown) {
        throw translated(call, thrown);
      }
    },

    async open(call) {
      const life = new AbortController();
      const broken = new AbortController();
      const end = () => life.abort(call.signal?.reason);
      const close = () => {
        call.signal?.removeEventListener("abort", end);
        streams.delete(broken);
        life.abort();
      };
      call.signal?.addEventListener("abort", end, { once: true });
      try {
        call.signal?.throwIfAborted();
        await rateLimit?.wait(call.signal);
        const response = await withDeadline(clock, { ms, parent: call.signal }, (signal) => {
          signal.addEventListener("abort", () => life.abort(signal.reason), { once: true });
          return unlessAborted(signal, () => exchange(call, life.signal));
        });
        streams.set(broken, sentCount);
        const body = response.body ?? new Blob([]).stream();
        return { body: brokenBy(broken.signal, body), [Symbol.dispose]: close };
      } catch (thrown) {
        close();
        throw translated(call, thrown);
      }
    },
  };
}

/** As `work`, but ends at once when `signal` aborts, for a server in memory that does not look at it. */
async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The same bytes until `signal` aborts. That of the request will not do: the platform may forget it once an answer began. */
function brokenBy(
  signal: AbortSignal,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener("abort", () => {
        controller.error(signal.reason);
        reader.cancel().catch(() => {}); // broken already
      }, { once: true });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  }, { highWaterMark: 0 });
}

async function json(call: KubeCall, response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw unreachable(call, thrown);
    throw new KubeError(`Cannot ${action(call)}: the answer is not JSON`, {
      code: "kube_bad_response",
      httpStatus: response.status,
    });
  }
}

async function refusal(call: KubeCall, response: Response): Promise<KubeError> {
  let text = "";
  try {
    text = await response.text();
  } catch {
    // The status line says enough.
  }
  return refused(action(call), {
    httpStatus: response.status,
    status: statusIn(text),
    retryAfter: response.headers.get("retry-after"),
    isJsonPatch: call.contentType === "application/json-patch+json",
    isSecret: call.type.plural === "secrets",
  });
}

function statusIn(text: string): Status | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(text);
    return value.kind === "Status" ? value : undefined;
  } catch {
    return undefined;
  }
}

function translated(call: KubeCall, thrown: unknown): unknown {
  if (call.signal?.aborted) return call.signal.reason;
  if (!(thrown instanceof DeadlineExceeded)) return thrown;
  return new KubeError(`Cannot ${action(call)}: ${thrown.message}`, { code: "kube_timeout" });
}

function unreachable(call: KubeCall, cause: unknown): KubeError {
  return new KubeError(`Cannot ${action(call)}: ${networkReason(cause)}`, {
    code: "kube_unreachable",
    cause,
  });
}

/** The platform says "fetch failed" and has the reason underneath, after the URL. */
function networkReason(thrown: unknown): string {
  const { message, cause } = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (message !== "fetch failed" || !(cause instanceof Error)) return message;
  return cause.message.replace(/^error sending request[^(]*\(\S*\): /, "");
}

function pathOf(call: KubeCall): string {
  return call.path ?? resourcePath(call.type, call.place);
}

/** What the call tries, as a person would say it: `create pods "a/b"`. */
export function action({ verb, type, place }: KubeCall): string {
  const scope = place.namespace ?? "";
  if (place.name === undefined) {
    return `${verb} ${type.plural}${scope === "" ? "" : ` in namespace "${scope}"`}`;
  }
  return `${verb} ${type.plural} "${scope === "" ? "" : `${scope}/`}${place.name}"`;
}
