/**
 * A `Fetch` over the platform's HTTP client that can be given a fresh connection, or other certificates. A half-open
 * HTTP/2 connection never recovers by itself (`facts.md` 1.5), so whoever sees one fall silent abandons it.
 */
import type { Fetch } from "../lib/http.ts";
import { deepEqual } from "../lib/json.ts";

/** As the platform takes them: PEM, `caCerts` added to the default roots. */
export type HttpClientOptions = Deno.CreateHttpClientOptions & Partial<Deno.TlsCertifiedKeyPem>;

export interface HttpClients extends Disposable {
  readonly fetch: Fetch;
  /**
   * Requests from now on take a new connection, unless that of `request` was replaced already. What is under way on the
   * old one goes on to its own end.
   */
  abandon(request: Request): void;
  /** As {@link abandon} for all, with other options, unless they are equal. Throws, and changes nothing, for bad PEM. */
  configure(options: HttpClientOptions): void;
}

/** Throws what the platform says of certificates and keys that are none. */
export function createHttpClients(options: HttpClientOptions): HttpClients {
  let wanted = options;
  let current = Deno.createHttpClient(wanted);
  const carriers = new WeakMap<Request, Deno.HttpClient>();

  function replace(by: Deno.HttpClient): void {
    const old = current;
    current = by;
    old.close(); // graceful: calls under way keep what they hold
  }

  return {
    fetch(request) {
      carriers.set(request, current);
      return fetch(request, { client: current });
    },
    abandon(request) {
      if (carriers.get(request) === current) replace(Deno.createHttpClient(wanted));
    },
    configure(options) {
      if (deepEqual(options, wanted)) return;
      const next = Deno.createHttpClient(options);
      wanted = options;
      replace(next);
    },
    [Symbol.dispose]() {
      current.close();
    },
  };
}
