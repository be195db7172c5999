/** What both serving modes show to those who watch them: metrics and health, on the addresses that their flags name. */
import type { Clock } from "../lib/clock.ts";
import type { Fetch } from "../lib/http.ts";
import { type HttpServer, startHttpServer } from "../lib/http_server.ts";
import { formatListenAddress, type ListenAddress } from "../lib/listen_address.ts";
import type { LogLevel } from "../lib/log.ts";
import type { RootLogger } from "../lib/logger.ts";
import { LOG_LEVEL_PATH, logLevelRoute } from "./log_level.ts";

/** Paths that are served on one address. */
export interface Served {
  readonly address: ListenAddress | "off";
  readonly routes: Readonly<Record<string, Fetch>>;
}

/**
 * Listens on every address that is not off, and on each lets this machine change the level of the log; what shares an address shares a server. Throws what the system says when it
 * cannot listen. Disposing stops all.
 */
export function serveAll(
  served: readonly Served[],
  options: { readonly clock: Clock; readonly log: RootLogger; readonly level: LogLevel },
): AsyncDisposable {
  const byAddress = new Map<string, { address: ListenAddress; routes: [string, Fetch][] }>();
  for (const { address, routes } of served) {
    if (address === "off") continue;
    const text = formatListenAddress(address);
    const shared = byAddress.get(text) ?? { address, routes: [] };
    byAddress.set(text, { address, routes: [...shared.routes, ...Object.entries(routes)] });
  }
  const localRoutes = new Map([[LOG_LEVEL_PATH, logLevelRoute(options.log, options.level)]]);
  const servers: HttpServer[] = [...byAddress.values()].map(({ address, routes }) =>
    startHttpServer({
      ...address,
      routes: new Map(routes),
      localRoutes,
      clock: options.clock,
      onError: (thrown) => options.log.error("A route failed", { error: thrown }),
    })
  );
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
