/**
 * Addresses that GitHub hands out (service, queue) and what we build from them. Pure. Source: spec github-protocol.md
 * §5.1, §9.1, §9.5.
 */
import type { ConfigUrl } from "./config_url.ts";
import { BadShape } from "./decode.ts";

/**
 * An address from an answer. Tokens will be sent there, so it must be https unless the configured URL itself is http,
 * or it never leaves this machine. Throws {@link BadShape}; `what` names it.
 */
export function givenAddress(
  text: string,
  options: { readonly what: string; readonly config: ConfigUrl },
): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new BadShape(`${options.what} is not a usable http or https address`);
  }
  const plainIsFine = /^http:/i.test(options.config.text) || isLoopback(url.hostname);
  if (url.protocol === "http:" && !plainIsFine) {
    throw new BadShape(`${options.what} is http although githubConfigUrl is https`);
  }
  return url;
}

/** Whether a host name of a URL is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}

/**
 * `base` with `path` below its own path (one slash between, a slash at the end of `path` kept) and the query of both,
 * names sorted. Members of `query` win over those of `base`. `path` is encoded already.
 */
export function addressBelow(
  base: URL,
  more: { readonly path?: string; readonly query?: Readonly<Record<string, string>> },
): URL {
  const url = new URL(base);
  if (more.path !== undefined) {
    url.pathname = `${base.pathname}/${more.path}`.replace(/\/{2,}/g, "/");
  }
  for (const [name, value] of Object.entries(more.query ?? {})) url.searchParams.set(name, value);
  url.searchParams.sort();
  url.hash = "";
  return url;
}
