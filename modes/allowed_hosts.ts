/**
 * The list that keeps a sandbox as it is: with it, no runner set can make us contact a host that the operator did not
 * name. Pure. Decision 19.
 */
import { hostsOf, parseConfigUrl } from "../github/config_url.ts";
import { InvalidInput } from "../lib/errors.ts";
import { list } from "../lib/flag_parsers.ts";
import type { FlagTable } from "../lib/flags.ts";

export interface AllowedHosts {
  /** Hosts as config URLs name them, and of proxies and vaults; empty: the sandbox may grow. */
  readonly allowedGithubHosts: readonly string[];
}

export const ALLOWED_HOSTS_FLAGS: FlagTable<AllowedHosts> = {
  allowedGithubHosts: {
    flag: "--allowed-github-hosts",
    env: "LONGSHORE_ALLOWED_GITHUB_HOSTS",
    parser: list(),
    default: [],
    help: "The only hosts that runner sets may name, for GitHub, proxies and vaults, e.g. " +
      "github.com,ghes.example.com:8443; without it GitHub's own, and others as sets name them.",
  },
};

/** What follows from the list, as words for a sandbox. Throws {@link InvalidInput}. */
export function allowedNet({ allowedGithubHosts }: AllowedHosts): readonly string[] {
  return [...new Set(allowedGithubHosts.flatMap(netOfHost))];
}

/** Of a host, perhaps with a port. For GitHub's own hosts also those that they hand out. */
export function netOfHost(host: string): readonly string[] {
  try {
    if (!/^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i.test(host)) throw new TypeError();
    return hostsOf(parseConfigUrl(`https://${host}/any`));
  } catch {
    throw new InvalidInput(
      `--allowed-github-hosts names ${JSON.stringify(host)}, expected a host such as github.com ` +
        "or ghes.example.com:8443, which is neither link-local nor a cloud's metadata service",
    );
  }
}
