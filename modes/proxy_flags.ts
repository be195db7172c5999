/**
 * The process's own proxies, as environments name them. Pure. The main thread hands them to the worker and takes them out
 * of the environment: the platform would also use them for the API server, and where a runner set says otherwise.
 */
import { text } from "../lib/flag_parsers.ts";
import type { FlagParser, FlagTable } from "../lib/flags.ts";
import { type ProxySettings, proxySettings } from "../lib/proxy.ts";

/** Empty: none. A URL may hold a user name and a password. */
export interface ProxyFlags {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

const secret: FlagParser<string> = { ...text(), secret: true };

export const PROXY_FLAGS: FlagTable<ProxyFlags> = {
  httpProxy: {
    flag: "--http-proxy",
    env: "HTTP_PROXY",
    parser: secret,
    default: "",
    hidden: true,
    help: "Proxy for http URLs of GitHub, where a runner set names none. Also: http_proxy.",
  },
  httpsProxy: {
    flag: "--https-proxy",
    env: "HTTPS_PROXY",
    parser: secret,
    default: "",
    hidden: true,
    help: "Proxy for https URLs of GitHub, where a runner set names none. Also: https_proxy.",
  },
  noProxy: {
    flag: "--no-proxy",
    env: "NO_PROXY",
    parser: text(),
    default: "",
    hidden: true,
    help: "Hosts, domains and networks that are reached directly. Also: no_proxy.",
  },
};

/** Throws `InvalidInput` that names the variable. */
export function ownProxies(flags: ProxyFlags): ProxySettings {
  return proxySettings({
    http_proxy: flags.httpProxy,
    https_proxy: flags.httpsProxy,
    no_proxy: flags.noProxy,
  });
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  "http:": "80",
  "https:": "443",
  "socks5:": "1080",
};

/** As words for a sandbox. */
export function proxyNet(flags: ProxyFlags): readonly string[] {
  const { http, https } = ownProxies(flags);
  return [http, https].filter((server) => server !== undefined).map((server) => {
    const url = new URL(server.url);
    return `${url.hostname}:${url.port || DEFAULT_PORTS[url.protocol]}`;
  });
}
