/** Which hosts a mode may contact for GitHub, as words for a sandbox. Pure. */
import { hostsOf, parseConfigUrl } from "../github/config_url.ts";
import { parseHostOverrides } from "../github/hosts.ts";
import { parseProxyUrl } from "../lib/proxy.ts";
import { type AllowedHosts, allowedNet } from "./allowed_hosts.ts";

/**
 * The hosts that stand in for GitHub's, when there are such; else `"any"`: the URLs of runner sets, and what GitHub
 * answers to them, name hosts that nobody knows at the start. `overrides`: text of the flag `--github-hosts`.
 */
export function githubNet(overrides: string): readonly string[] | "any" {
  const targets = [...parseHostOverrides(overrides).values()];
  return targets.length === 0 ? "any" : targets.map(hostWord);
}

/** What a serving mode is told of GitHub's hosts. */
export interface ServedHosts extends AllowedHosts {
  /** Text of the flag `--github-hosts`. */
  readonly githubHosts: string | undefined;
}

/** Those that stand in for GitHub's, else those that the operator allowed, else GitHub's own. */
export function servedGitHubNet(config: ServedHosts): readonly string[] {
  const stoodFor = githubNet(config.githubHosts ?? "");
  if (stoodFor !== "any") return stoodFor;
  const allowed = allowedNet(config);
  return allowed.length > 0 ? allowed : hostsOf(parseConfigUrl("https://github.com/any"));
}

/** Whether hosts that runner sets name may be added: only where nobody has given a list. */
export function hostsGrow(config: ServedHosts): { readonly growth?: "asked" } {
  const isFixed = config.allowedGithubHosts.length > 0 || (config.githubHosts ?? "") !== "";
  return isFixed ? {} : { growth: "asked" };
}

/** Where somebody's GitHub is, in URLs, as runner sets and listeners' documents name it. */
export interface NamedPlaces {
  readonly configUrl: string;
  /** Those without a URL are none. */
  readonly proxies: readonly (string | undefined)[];
  readonly vault?: string | undefined;
  readonly forceGhes: boolean;
}

/** Who gives out tokens for Azure's vaults. */
const AZURE_LOGIN = "login.microsoftonline.com:443";

/** The hosts that are contacted for these. Throws `InvalidInput` for a URL that is none. */
export function namedHosts(places: NamedPlaces): readonly string[] {
  const { configUrl, proxies, vault, forceGhes } = places;
  const servers = proxies.filter((url) => url).map((url = "") =>
    hostWord(parseProxyUrl(url, "proxy").url)
  );
  return [
    ...hostsOf(parseConfigUrl(configUrl, { forceGhes })),
    ...servers,
    ...(vault ? [hostWord(vault), AZURE_LOGIN] : []),
  ];
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  "https:": "443",
  "http:": "80",
  "socks5:": "1080",
};

/** `host:port` of a URL. */
export function hostWord(text: string): string {
  const url = new URL(text);
  return `${url.hostname}:${url.port || DEFAULT_PORTS[url.protocol]}`;
}

/** All hosts of several lists, or any. */
export function netOf(lists: readonly (readonly string[] | "any")[]): readonly string[] | "any" {
  const all: string[] = [];
  for (const list of lists) {
    if (list === "any") return "any";
    all.push(...list);
  }
  return [...new Set(all)];
}

/** `host:port` of an API server; brackets round an IPv6 address. */
export function serverWord(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
