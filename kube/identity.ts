/**
 * Who we are to an API server and whom we trust there, kept up with what files and plugins say. Makes a connection of it;
 * refuses to know where either comes from.
 */
import type { Clock } from "../lib/clock.ts";
import { InvalidInput, messageOf } from "../lib/errors.ts";
import type { Fetch } from "../lib/http.ts";
import { deepEqual } from "../lib/json.ts";
import type { Connection } from "./connection.ts";
import { createHttpClients, type HttpClientOptions, type HttpClients } from "./http_clients.ts";
import { createRenewable } from "./renewable.ts";

/** As read at one moment. */
export interface Identity {
  readonly headers: Readonly<Record<string, string>>;
  /** PEM, all of it. */
  readonly tls: {
    /** Trusted besides the system's own. */
    readonly ca?: string | undefined;
    readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
  };
}

export interface IdentifiedOptions {
  /** See {@link Connection.server}. */
  readonly server: string;
  readonly proxyUrl?: string | undefined;
  /** `hard`: what it gave last was refused. */
  readonly load: (how: "soft" | "hard") => Promise<Identity>;
  readonly clock: Clock;
  /** In place of the network, for tests. */
  readonly fetch?: Fetch | undefined;
}

export interface OwnConnection extends Connection, Disposable {}

/**
 * Looks at the identity before it returns, once a minute, after a failure to connect, and when the server refuses it; a
 * change of certificates takes a new network connection. Rejects when the first look does, and with {@link InvalidInput}
 * for certificates that are none.
 */
export async function connectAs(options: IdentifiedOptions): Promise<OwnConnection> {
  let clients: HttpClients | undefined;

  function use(next: Identity): void {
    if (options.fetch !== undefined) return;
    const wanted = clientOptions(next, options.proxyUrl);
    try {
      if (clients === undefined) clients = createHttpClients(wanted);
      else clients.configure(wanted);
    } catch (cause) {
      throw new InvalidInput(`A certificate or key cannot be used: ${messageOf(cause)}`, { cause });
    }
  }

  const identity = createRenewable<Identity>({
    async load(how) {
      const next = await options.load(how);
      use(next);
      return next;
    },
    same: deepEqual,
    clock: options.clock,
  });
  const bearers = new WeakMap<object, Identity>();
  await identity.read();
  const send = options.fetch ?? clients?.fetch ?? fetch;
  return {
    server: options.server,
    async headers() {
      const now = await identity.read();
      bearers.set(now.headers, now);
      return now.headers;
    },
    async fetch(request) {
      try {
        const response = await send(request);
        if (response.status === 401) identity.doubt();
        return response;
      } catch (thrown) {
        identity.doubt(); // the authority may have changed
        throw thrown;
      }
    },
    async renew(headers) {
      const refused = bearers.get(headers);
      return refused !== undefined && await identity.renew(refused);
    },
    abandon: (request) => clients?.abandon(request),
    [Symbol.dispose]: () => clients?.[Symbol.dispose](),
  };
}

/** What the platform must be told to be `identity`, on the way through a proxy if there is one. */
export function clientOptions(
  { tls }: Identity,
  proxyUrl: string | undefined,
): HttpClientOptions {
  return {
    http1: true,
    http2: true,
    ...(tls.ca && { caCerts: [tls.ca] }),
    ...tls.certificate,
    ...(proxyUrl && { proxy: proxyOf(proxyUrl) }),
  };
}

function proxyOf(text: string): Deno.Proxy {
  const url = new URL(text);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (username === "") return { url: url.href };
  return {
    url: url.href,
    basicAuth: {
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    },
  };
}
