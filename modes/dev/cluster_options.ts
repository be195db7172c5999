/** What a person may ask of `longshore dev` when it names a cluster. Pure: the flags, and which go not with it. */
import { controllerFlags } from "../../controllers/config.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { text } from "../../lib/flag_parsers.ts";
import type { FlagTable } from "../../lib/flags.ts";
import { ALLOWED_HOSTS_FLAGS, type AllowedHosts, allowedNet } from "../allowed_hosts.ts";
import type { ClusterFlags } from "../mode.ts";
import { ownProxies, PROXY_FLAGS, type ProxyFlags } from "../proxy_flags.ts";

export interface ClusterDevConfig extends ClusterFlags, ProxyFlags, AllowedHosts {
  /** The environment's `KUBECONFIG`: names no cluster by itself, but where `context` is found. */
  readonly ambientKubeconfig?: string | undefined;
  /** Text of the flag `--github-hosts`; empty: none. */
  readonly githubHosts: string;
}

export const clusterDevFlags: FlagTable<ClusterDevConfig> = {
  context: {
    flag: "--context",
    parser: text(),
    placeholder: "NAME",
    help: "Simulate nothing: serve the runner sets of --namespace in this context's cluster.",
  },
  kubeconfig: {
    flag: "--kubeconfig",
    parser: text(),
    placeholder: "FILE",
    help: "The same, of this file; its current context unless --context names another.",
  },
  home: { flag: "--home", env: "HOME", parser: text(), hidden: true, help: "Of .kube/config." },
  ambientKubeconfig: {
    flag: "--ambient-kubeconfig",
    env: "KUBECONFIG",
    parser: text(),
    hidden: true,
    help: "Where --context is looked for.",
  },
  githubHosts: { ...controllerFlags.githubHosts, hidden: true },
  ...Object.fromEntries(
    Object.entries(PROXY_FLAGS).map(([name, row]) => [name, { ...row, hidden: true }]),
  ) as FlagTable<ProxyFlags>,
  allowedGithubHosts: { ...ALLOWED_HOSTS_FLAGS.allowedGithubHosts, hidden: true },
};

/** The cluster that is named: by `--context` or `--kubeconfig`, by nothing else. */
export function namedIn(config: ClusterDevConfig): ClusterFlags | undefined {
  const { context, kubeconfig, ambientKubeconfig, home } = config;
  if (!context && !kubeconfig) return undefined;
  return { context, kubeconfig: kubeconfig || ambientKubeconfig, home };
}

/** Throws {@link InvalidInput} when a flag of the simulation is given beside a cluster. */
export function checkClusterDev(
  config: ClusterDevConfig,
  simulated: Readonly<Record<string, unknown>>,
): void {
  ownProxies(config);
  allowedNet(config);
  if (namedIn(config) === undefined) return;
  for (const [flag, value] of Object.entries(simulated)) {
    const isGiven = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (!isGiven) continue;
    throw new InvalidInput(
      `${flag} goes not with --context or --kubeconfig: jobs and runner sets are those of the ` +
        "cluster and its GitHub",
    );
  }
}
