/**
 * A way to the API server that understands HTTP: it answers in the server's place, holds watches back, or ends one in the
 * middle of an object. Knows requests and answers, not what they mean.
 */
import { createHttpClients } from "../../../kube/http_clients.ts";
import { systemClock } from "../../../lib/clock.ts";
import { serveLoopback } from "../../../sim/loopback.ts";
import { loopbackIdentity } from "../../../sim/tls.ts";
import { type Facts, type OwnConnection, tokenConnection } from "../facts.ts";

export interface HttpProxy extends AsyncDisposable {
  /** Answers in place of the server where it returns something. */
  answer: ((request: Request) => Response | undefined) | undefined;
  /** How many watches are to be cut short from now on, after some events and in the middle of the next. */
  truncate: number;
  readonly truncated: number;
  /** What watches say waits for this. */
  held: Promise<void> | undefined;
  /** In place of `tokenConnection`. */
  connect(facts: Facts, token: string): OwnConnection;
}

/** Enough of a line to be a broken one. */
const BROKEN_BYTES = 25;

export async function startHttpProxy(facts: Facts): Promise<HttpProxy> {
  const tls = await loopbackIdentity(systemClock.now());
  const upstream = createHttpClients({ caCerts: [facts.ca], http1: true, http2: true });
  let truncated = 0;

  async function handle(request: Request): Promise<Response> {
    const answer = proxy.answer?.(request);
    if (answer !== undefined) {
      await request.body?.cancel();
      return answer;
    }
    const { pathname, search } = new URL(request.url);
    const hasBody = request.method !== "GET" && request.method !== "DELETE" || request.body;
    const response = await upstream.fetch(
      new Request(facts.server + pathname + search, {
        method: request.method,
        headers: request.headers,
        body: hasBody ? new Uint8Array(await request.arrayBuffer()) : null,
        signal: request.signal,
      }),
    );
    const isWatch = search.includes("watch=true") || search.includes("watch=1");
    if (!isWatch || response.body === null) return response;
    return new Response(response.body.pipeThrough(cutter()), response);
  }

  /** Passes events on, until one of them is wanted in two. */
  function cutter(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      async transform(chunk, controller) {
        await proxy.held;
        if (proxy.truncate <= 0) return controller.enqueue(chunk);
        proxy.truncate--;
        truncated++;
        controller.enqueue(chunk.subarray(0, Math.min(BROKEN_BYTES, chunk.length - 1)));
        controller.terminate();
      },
    });
  }

  const server = serveLoopback(handle, tls);
  const proxy: HttpProxy = {
    answer: undefined,
    truncate: 0,
    held: undefined,
    get truncated() {
      return truncated;
    },
    connect: (own, token) =>
      tokenConnection({ ...own, server: server.origin, ca: `${own.ca}\n${tls.ca}` }, token),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      upstream[Symbol.dispose]();
    },
  };
  return proxy;
}
