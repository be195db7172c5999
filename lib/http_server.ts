/**
 * A small HTTP server for those who watch over us: health, readiness, metrics. Knows exact paths, GET and HEAD; anything
 * that other programs call for its meaning is served elsewhere.
 */
import type { Clock } from "./clock.ts";
import type { Fetch } from "./http.ts";
import { bindHosts, type ListenAddress } from "./listen_address.ts";
import { type Metrics, METRICS_CONTENT_TYPE } from "./metrics.ts";

export interface HttpServerOptions extends ListenAddress {
  /** Exact path → what answers. Anything else is 404. */
  readonly routes: ReadonlyMap<string, Fetch>;
  /** The same, with any method, for callers on this machine; others see 404. */
  readonly localRoutes?: ReadonlyMap<string, Fetch>;
  readonly clock: Clock;
  /** How long {@link HttpServer.stop} waits for answers, and then for slow readers, in ms. Default 5000. */
  readonly graceMs?: number;
  /** Told what a route threw; the client sees 500 and no details. */
  readonly onError?: (thrown: unknown) => void;
}

/** A server that listens. Disposing stops it. */
export interface HttpServer extends AsyncDisposable {
  /** The address it really listens on. */
  readonly host: string;
  readonly port: number;
  /** Takes no more connections, waits for answers under way, then says 503 to those who still wait. May be called twice. */
  stop(): Promise<void>;
}

const DEFAULT_GRACE_MS = 5_000;

/** Listens before it returns. Throws what the system says when it cannot: the port taken, the address not ours. */
export function startHttpServer(options: HttpServerOptions): HttpServer {
  const late = new AbortController();
  const server = listen(options, late.signal);
  let stopped: Promise<void> | undefined;
  const stop = () => stopped ??= stopWithin(options, { server, late });
  return {
    host: server.addr.hostname,
    port: server.addr.port,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Whether something is in order: `undefined`, or the reason why not. */
export type Check = () => string | undefined;

/** A route that answers 200 when every check passes, else 503 with a line for each that does not. */
export function checksRoute(checks: ReadonlyMap<string, Check>): Fetch {
  return () => {
    const reasons = [...checks].map(([name, check]) => [name, check()] as const)
      .filter(([, reason]) => reason !== undefined).map(([name, reason]) => `${name}: ${reason}`);
    return Promise.resolve(
      reasons.length === 0 ? plain(200, "ok") : plain(503, reasons.join("\n")),
    );
  };
}

/** A route for Prometheus to scrape. */
export function metricsRoute(metrics: Metrics): Fetch {
  return async () =>
    new Response(await metrics.render(), { headers: { "content-type": METRICS_CONTENT_TYPE } });
}

function listen(options: HttpServerOptions, late: AbortSignal): Deno.HttpServer<Deno.NetAddr> {
  const hosts = bindHosts(options);
  for (const [at, hostname] of hosts.entries()) {
    try {
      return Deno.serve(
        {
          hostname,
          port: options.port,
          onListen() {},
          onError: (thrown) => {
            options.onError?.(thrown);
            return plain(500, "internal error");
          },
        },
        (request, { remoteAddr }) =>
          inTime(answer(request, routesFor(remoteAddr.hostname, options)), late),
      );
    } catch (thrown) {
      if (at === hosts.length - 1 || !lacksAddressFamily(thrown)) throw thrown;
    }
  }
  throw new TypeError("No host to listen on");
}

/** Linux: EAFNOSUPPORT and EADDRNOTAVAIL, as where IPv6 is switched off. */
function lacksAddressFamily(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.AddrNotAvailable ||
    (thrown instanceof Error && /os error 97\b/.test(thrown.message));
}

type Routes = Pick<HttpServerOptions, "routes" | "localRoutes">;

function routesFor(caller: string, { routes, localRoutes }: Routes): Routes {
  const isLocal = /^(127\.|::1$|::ffff:127\.)/.test(caller);
  return isLocal && localRoutes !== undefined ? { routes, localRoutes } : { routes };
}

async function answer(request: Request, { routes, localRoutes }: Routes): Promise<Response> {
  const { pathname } = new URL(request.url);
  const local = localRoutes?.get(pathname);
  if (local !== undefined) return await local(request);
  const route = routes.get(pathname);
  if (route === undefined) return plain(404, "not found");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(405, "method not allowed", { allow: "GET, HEAD" });
  }
  const response = await route(request);
  if (request.method === "GET") return response;
  await response.body?.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/** What `answering` gives, or 503 as soon as it is too late. (A race would collect its losers for the server's life.) */
function inTime(answering: Promise<Response>, late: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(plain(503, "stopping"));
    late.addEventListener("abort", giveUp, { once: true });
    answering.then(resolve, reject).finally(() => late.removeEventListener("abort", giveUp));
  });
}

async function stopWithin(
  options: HttpServerOptions,
  running: { readonly server: Deno.HttpServer; readonly late: AbortController },
): Promise<void> {
  const { clock, graceMs = DEFAULT_GRACE_MS } = options;
  const drained = new AbortController();
  const draining = running.server.shutdown().finally(() => drained.abort());
  const patience = () => clock.sleep(graceMs, drained.signal).catch(() => {});
  await patience();
  running.late.abort();
  await patience();
  if (drained.signal.aborted) await draining;
}
