/** Which hosts a mode may contact for GitHub, as words for a sandbox. Pure. */
import { parseHostOverrides } from "../github/hosts.ts";

/**
 * The hosts that stand in for GitHub's, when there are such; else `"any"`: the URLs of runner sets, and what GitHub
 * answers to them, name hosts that nobody knows at the start. `overrides`: text of the flag `--github-hosts`.
 */
export function githubNet(overrides: string): readonly string[] | "any" {
  const targets = [...parseHostOverrides(overrides).values()];
  return targets.length === 0 ? "any" : targets.map(hostWord);
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
