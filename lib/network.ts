/**
 * The network of a process: connections through the proxies and with the certificates that a caller wants, chosen anew
 * for each request. Knows the platform's HTTP client; what is a proxy's business is in `proxy.ts`.
 */
import { type Clock, DeadlineExceeded } from "./clock.ts";
import type { Fetch } from "./http.ts";
import { proxyFor, type ProxyServer, type ProxySettings } from "./proxy.ts";

/** How servers are reached. */
export interface NetworkSettings {
  /** Absent: as the process itself was told. */
  readonly proxy?: ProxySettings | undefined;
  /** PEM texts of certificates that can be read: trusted besides the system's. */
  readonly rootCertificates: readonly string[];
}

/** The way to the network for some settings. In memory it may record them and go its own way. */
export type FetchFor = (settings: NetworkSettings) => Fetch;

/** As the process was told: its own proxies, the system's certificates. */
export const OWN_NETWORK: NetworkSettings = { rootCertificates: [] };

export interface Network extends Disposable {
  readonly fetchFor: FetchFor;
}

export interface NetworkOptions {
  /** The process's own. The platform must not know of them, or it would use them where nobody wants them. */
  readonly proxy: ProxySettings;
  readonly clock: Clock;
  /** In place of the rules, for tests: by the rules no address of this machine is ever proxied. */
  readonly choose?: typeof proxyFor;
}

/** A connection that nobody used for so long is closed, in ms. Longer than any call lasts. */
const IDLE_MS = 600_000;

interface Client {
  readonly http: Deno.HttpClient;
  usedAtMs: number;
}

/**
 * A network over sockets. A request that ran into a deadline takes its connection with it: a half-open one would never
 * recover by itself (decision 1). Throws what the platform says of certificates that it cannot read.
 */
export function createNetwork(options: NetworkOptions): Network {
  const clients = new Map<string, Client>();
  const nowMs = () => options.clock.now().getTime();
  const choose = options.choose ?? proxyFor;

  function clientFor(settings: NetworkSettings, server: ProxyServer | undefined): Client {
    const key = JSON.stringify([
      server?.url,
      server?.credentials?.username,
      server?.credentials?.password.reveal(),
      settings.rootCertificates,
    ]);
    const known = clients.get(key);
    if (known !== undefined) {
      known.usedAtMs = nowMs();
      return known;
    }
    closeIdle();
    const client = { http: opened(settings, server), usedAtMs: nowMs() };
    clients.set(key, client);
    return client;
  }

  function closeIdle(): void {
    for (const client of clients.values()) {
      if (nowMs() - client.usedAtMs > IDLE_MS) close(client);
    }
  }

  /** Graceful: calls under way keep what they hold. */
  function close(client: Client): void {
    for (const [key, held] of clients) {
      if (held !== client) continue;
      clients.delete(key);
      client.http.close();
    }
  }

  return {
    fetchFor: (settings) => (request) => {
      const proxies = settings.proxy ?? options.proxy;
      const client = clientFor(settings, choose(new URL(request.url), proxies));
      const { signal } = request;
      signal.addEventListener("abort", () => {
        if (signal.reason instanceof DeadlineExceeded) close(client);
      }, { once: true });
      return fetch(request, { client: client.http });
    },
    [Symbol.dispose]: () => {
      for (const client of [...clients.values()]) close(client);
    },
  };
}

function opened(settings: NetworkSettings, server: ProxyServer | undefined): Deno.HttpClient {
  return Deno.createHttpClient({
    caCerts: [...settings.rootCertificates],
    ...(server && {
      proxy: {
        url: server.url,
        ...(server.credentials && {
          basicAuth: {
            username: server.credentials.username,
            password: server.credentials.password.reveal(),
          },
        }),
      },
    }),
  });
}
