/**
 * A `Fetch` over the platform's HTTP clients that can be given fresh connections, or other certificates. A half-open
 * HTTP/2 connection never recovers by itself (decision 1), so whoever sees one fall silent abandons it.
 */
import type { Fetch } from "../lib/http.ts";
import { deepEqual } from "../lib/json.ts";

/** As the platform takes them: PEM, `caCerts` added to the default roots. */
export type HttpClientOptions = Deno.CreateHttpClientOptions & Partial<Deno.TlsCertifiedKeyPem>;

export interface HttpClients extends Disposable {
  readonly fetch: Fetch;
  /**
   * Requests from now on take new connections, unless that of `request` was replaced already. What is under way on the
   * old ones goes on to its own end.
   */
  abandon(request: Request): void;
  /** As {@link abandon} for all, with other options, unless they are equal. Throws, and changes nothing, for bad PEM. */
  configure(options: HttpClientOptions): void;
}

/**
 * The platform sends a body of more than 1 KiB over HTTP/2 in a piece of its own, and the system holds that back until
 * the server has confirmed the headers, which takes it 40 ms when it has nothing else to say. Over HTTP/1.1 both go in one
 * piece. So a few writes at a time have connections of their own; in a crowd of them the shared one is never silent.
 */
const MOST_DIRECT = 4;
/** An idle one is closed by us, in ms, well before the API server (90 s) may do so under a request on its way. */
const IDLE_MS = 30_000;

interface Clients {
  /** HTTP/2 where the server speaks it: one connection for all. */
  readonly shared: Deno.HttpClient;
  /** HTTP/1.1. */
  readonly direct: Deno.HttpClient;
}

/** Throws what the platform says of certificates and keys that are none. */
export function createHttpClients(options: HttpClientOptions): HttpClients {
  let wanted = options;
  let current = clientsOf(wanted);
  let directCount = 0;
  const carriers = new WeakMap<Request, Clients>();

  function replace(by: Clients): void {
    const old = current;
    current = by;
    close(old); // graceful: calls under way keep what they hold
  }

  async function direct(request: Request): Promise<Response> {
    directCount++;
    try {
      return await fetch(request, { client: current.direct });
    } finally {
      directCount--;
    }
  }

  return {
    fetch(request) {
      carriers.set(request, current);
      return request.method !== "GET" && directCount < MOST_DIRECT
        ? direct(request)
        : fetch(request, { client: current.shared });
    },
    abandon(request) {
      if (carriers.get(request) === current) replace(clientsOf(wanted));
    },
    configure(options) {
      if (deepEqual(options, wanted)) return;
      const next = clientsOf(options);
      wanted = options;
      replace(next);
    },
    [Symbol.dispose]() {
      close(current);
    },
  };
}

function clientsOf(options: HttpClientOptions): Clients {
  const shared = Deno.createHttpClient(options);
  const direct = Deno.createHttpClient({
    ...options,
    http1: true,
    http2: false,
    poolIdleTimeout: IDLE_MS,
  });
  return { shared, direct };
}

function close({ shared, direct }: Clients): void {
  shared.close();
  direct.close();
}
