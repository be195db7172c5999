/** The mode `doctor` as a row: its flags, its sandbox, its rights. Pure. */
import { controllerFlags, isOutside } from "../controllers/config.ts";
import { choice, namespaceName } from "../lib/flag_parsers.ts";
import type { FlagTable } from "../lib/flags.ts";
import {
  checkClusterChoice,
  CLUSTER_FLAGS,
  type ClusterChoice,
  clusterFiles,
  clusterNet,
} from "./cluster_flags.ts";
import { DOCTOR_RULES } from "./doctor/rules.ts";
import { ALLOWED_HOSTS_FLAGS, type AllowedHosts, allowedNet } from "./allowed_hosts.ts";
import { hostsGrow, netOf, servedGitHubNet } from "./github_net.ts";
import type { Mode } from "./mode.ts";
import { ownProxies, PROXY_FLAGS, type ProxyFlags, proxyNet } from "./proxy_flags.ts";

export interface DoctorConfig extends ClusterChoice, ProxyFlags, AllowedHosts {
  /** Only runner sets of this namespace. Absent: all that we may see. */
  readonly namespace?: string | undefined;
  readonly output: "text" | "json";
  /** Text of the flag `--github-hosts`; empty: none. */
  readonly githubHosts: string;
  /** Present, with any value: every config URL counts as GitHub Enterprise Server. */
  readonly forceGhes?: string | undefined;
}

const doctorFlags: FlagTable<DoctorConfig> = {
  ...CLUSTER_FLAGS,
  ...PROXY_FLAGS,
  ...ALLOWED_HOSTS_FLAGS,
  namespace: {
    flag: "--namespace",
    alias: "-n",
    parser: namespaceName(),
    placeholder: "NAMESPACE",
    help: "Look at the runner sets of this namespace only.",
  },
  output: {
    flag: "--output",
    alias: "-o",
    parser: choice(["text", "json"]),
    default: "text",
    help: "How the findings are printed.",
  },
  githubHosts: { ...controllerFlags.githubHosts, hidden: true },
  forceGhes: controllerFlags.forceGhes,
};

export const doctorMode: Mode<DoctorConfig> = {
  summary: "Say what an installation lacks, with the remedy; exit code 1 when anything is wrong.",
  examples: [
    { does: "The cluster of a context", command: "longshore doctor --context production" },
    {
      does: "One namespace, for a script",
      command: "longshore doctor --context production --namespace arc-runners --output json",
    },
    {
      does: "As the controller itself sees it",
      command: "kubectl exec -n arc-systems deploy/arc-gha-rs-controller -- /longshore doctor",
    },
  ],
  flags: doctorFlags,
  check: (config) => {
    checkClusterChoice(config);
    ownProxies(config);
    allowedNet(config);
  },
  logs: "nothing",
  cluster: (config) => isOutside(config) ? config : undefined,
  sandbox: (config, places) => ({
    net: netOf([
      clusterNet(config, places),
      servedGitHubNet(config),
      proxyNet(config),
    ]),
    read: clusterFiles(config, places),
    ...hostsGrow(config),
  }),
  rules: DOCTOR_RULES,
};
