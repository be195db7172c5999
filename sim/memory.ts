/**
 * A network without sockets: requests go straight to the handler that serves their host. Nothing here waits for the
 * platform, so a world built on it runs on virtual time.
 */
import type { Fetch } from "../lib/http.ts";

/**
 * A `Fetch` that knows these hosts (`host` or `host:port`, as in the URL) and no others: an unknown one is refused as a
 * closed port would be. When the request aborts, the call rejects at once with the reason; the handler sees the same
 * signal, and an answer that comes too late is thrown away.
 */
export function inMemory(hosts: Readonly<Record<string, Fetch>>): Fetch {
  return (request) => {
    const { host } = new URL(request.url);
    const handler = hosts[host];
    if (handler === undefined) {
      return Promise.reject(new TypeError(`Cannot connect to ${host}: connection refused`));
    }
    return answered(request, handler);
  };
}

function answered(request: Request, handler: Fetch): Promise<Response> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    handler(request).then(
      (response) => {
        signal.removeEventListener("abort", abort);
        if (signal.aborted) response.body?.cancel().catch(() => {});
        else resolve(response);
      },
      (thrown) => {
        signal.removeEventListener("abort", abort);
        reject(signal.aborted ? signal.reason : connectionLost(thrown));
      },
    );
  });
}

/** A handler that throws is a server that hangs up: the client learns no more than that. */
function connectionLost(cause: unknown): TypeError {
  return new TypeError("Connection closed before an answer came", { cause });
}
