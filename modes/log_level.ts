/** Reading and changing the level of a running mode's log, over HTTP, from its own machine only (`kubectl port-forward`). */
import type { Fetch } from "../lib/http.ts";
import { LOG_LEVELS, type LogLevel } from "../lib/log.ts";
import type { RootLogger } from "../lib/logger.ts";

/** Where it is served. */
export const LOG_LEVEL_PATH = "/log-level";

/** GET tells the level, PUT with a word sets it until the process ends. Anything else is refused with what is accepted. */
export function logLevelRoute(log: RootLogger, initial: LogLevel): Fetch {
  let level = initial;
  return async (request) => {
    if (request.method === "GET") return line(200, level);
    if (request.method !== "PUT") return line(405, "method not allowed", { allow: "GET, PUT" });
    const text = (await request.text()).trim().toLowerCase();
    const wanted = LOG_LEVELS.find((word) => word === text);
    if (wanted === undefined) {
      const shown = JSON.stringify(text.slice(0, 20));
      return line(400, `${shown} is no level: expected ${LOG_LEVELS.join(", ")}`);
    }
    level = wanted;
    log.setLevel(level);
    log.info("The log level was changed", { level });
    return line(200, level);
  };
}

function line(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain", ...headers },
  });
}
