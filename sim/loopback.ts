/** A handler behind real HTTP on this machine, and on this machine only. Knows sockets, not what is served. */
import type { Fetch } from "../lib/http.ts";
import type { TlsIdentity } from "./tls.ts";

export const LOOPBACK = "127.0.0.1";

export interface LoopbackServer {
  readonly port: number;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Hangs up, whatever is under way: who serves should have ended that first. */
  stop(): Promise<void>;
}

/** Listens on a port that the system chooses; over HTTPS, HTTP/2 included, when there is an identity. */
export function serveLoopback(
  handle: Fetch,
  tls?: TlsIdentity,
): LoopbackServer {
  const hangUp = new AbortController();
  const common = {
    hostname: LOOPBACK,
    port: 0,
    signal: hangUp.signal,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  };
  const server = tls === undefined
    ? Deno.serve(common, handle)
    : Deno.serve({ ...common, cert: tls.cert, key: tls.key }, handle);
  const { port } = server.addr;
  return {
    port,
    origin: `${tls === undefined ? "http" : "https"}://${LOOPBACK}:${port}`,
    stop: async () => {
      hangUp.abort();
      await server.finished;
    },
  };
}
