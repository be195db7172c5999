/** Who may read metrics: whoever sends the token, when there is one. Knows headers, not what is behind them. */
import { createHash, timingSafeEqual } from "node:crypto";
import { messageOf } from "../lib/errors.ts";
import type { Fetch } from "../lib/http.ts";
import type { Logger } from "../lib/log.ts";
import type { MetricsToken } from "./metrics_token.ts";

/**
 * `route`, answered only to requests with the token, which is read anew for each, so that it may be rotated. 401 for
 * others; 503 while the file cannot be read or is empty: then nobody is let in.
 */
export function withMetricsToken(
  route: Fetch,
  options: MetricsToken & { readonly log: Logger },
): Fetch {
  const { metricsTokenFile: path, log } = options;
  if (path === "") return route;
  return async (request) => {
    let token = "";
    try {
      token = (await Deno.readTextFile(path)).trim();
    } catch (thrown) {
      log.warn("Cannot read the token of metrics", { path, error: messageOf(thrown) });
    }
    if (token === "") return new Response("no token is configured\n", { status: 503 });
    const [, given = ""] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ??
      [];
    if (isSame(given, token)) return await route(request);
    return new Response("unauthorized\n", {
      status: 401,
      headers: { "www-authenticate": "Bearer" },
    });
  };
}

/** Takes the same time whatever differs. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
