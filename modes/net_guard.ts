/**
 * Stands before the network of a worker: knows which hosts its sandbox has, asks for those that a runner set names, and
 * says in words what is refused. The sandbox itself would only say no.
 */
import { isLocalToMachine } from "../github/config_url.ts";
import type { Logger } from "../lib/log.ts";
import type { FetchFor, Network } from "../lib/network.ts";
import { proxyFor, type ProxySettings } from "../lib/proxy.ts";
import { hostWord } from "./github_net.ts";

/** What a worker may reach, and whether that may grow. */
export interface NetGrant {
  /** `host:port` words, as in the sandbox. */
  readonly granted: readonly string[] | "any";
  /** What was granted because an earlier worker asked for it. */
  readonly added: readonly string[];
  /** Asks for more; this worker will be stopped, and the next one has it. Absent: the list is fixed. */
  ask?(words: readonly string[]): void;
}

export interface NetGuardOptions {
  readonly grant: NetGrant;
  /** Of the process, where a runner set names none. */
  readonly proxy: ProxySettings;
}

/** The way to the network for a mode; logs what its sandbox was widened by. Without a grant nothing is guarded. */
export function guardedNetwork(
  network: Pick<Network, "fetchFor">,
  options: {
    readonly grant: NetGrant | undefined;
    readonly proxy: ProxySettings;
    readonly log: Logger;
  },
): FetchFor {
  const { grant, proxy, log } = options;
  if (grant === undefined) return network.fetchFor;
  if (grant.added.length > 0) {
    log.info("Started anew with more hosts in the sandbox", { hosts: grant.added });
  }
  return guarded(network.fetchFor, { grant, proxy });
}

/** `fetchFor`, where a request to a host outside of the sandbox fails with what happens next. */
export function guarded(fetchFor: FetchFor, options: NetGuardOptions): FetchFor {
  const { grant, proxy } = options;
  const asked = new Set<string>();
  return (settings) => {
    let send: ReturnType<FetchFor> | undefined;
    return (request) => {
      const url = new URL(request.url);
      if (isLocalToMachine(url.hostname)) {
        return Promise.reject(
          refusal(`${hostWord(request.url)} is link-local or a cloud's metadata`),
        );
      }
      const server = proxyFor(url, settings.proxy ?? proxy);
      const words = [request.url, ...(server === undefined ? [] : [server.url])].map(hostWord);
      const missing = words.filter((word) => !isGranted(word, grant.granted));
      if (missing.length === 0) return (send ??= fetchFor(settings))(request);
      const names = missing.join(" and ");
      if (grant.ask === undefined) {
        return Promise.reject(refusal(`${names}: outside of the sandbox (--allowed-github-hosts)`));
      }
      const news = missing.filter((word) => !asked.has(word));
      for (const word of news) asked.add(word);
      if (news.length > 0) grant.ask(news);
      return Promise.reject(
        new Error(`${names}: being added to the sandbox, which takes a restart`),
      );
    };
  };
}

/**
 * Whether a list has a `host:port`, by Deno's rules: an entry without a port stands for all of them, `*.` before a name
 * for the name and all below it.
 */
export function isGranted(word: string, granted: readonly string[] | "any"): boolean {
  if (granted === "any") return true;
  const [host] = splitWord(word);
  return granted.some((entry) => {
    const [pattern, port] = splitWord(entry);
    if (port !== undefined && !word.endsWith(`:${port}`)) return false;
    if (!pattern.startsWith("*.")) return host === pattern;
    return host === pattern.slice(2) || host.endsWith(pattern.slice(1));
  });
}

/** Host and port; an IPv6 address keeps its brackets. */
function splitWord(word: string): readonly [host: string, port: string | undefined] {
  const [, host = word, port] = /^(.*?)(?::(\d+))?$/.exec(word) ?? [];
  return [host, port];
}

/** What the sandbox itself would throw: whoever calls GitHub knows that it will stay so. */
function refusal(message: string): Error {
  return new Deno.errors.NotCapable(message);
}
