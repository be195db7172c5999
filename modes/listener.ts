/** The mode `listener` as a row: its flags, its sandbox, its rights. Pure. */
import { controllerFlags, isOutside } from "../controllers/config.ts";
import { LISTENER_FLAGS, type ListenerFlags } from "../listener/config.ts";
import { listenerRules, watchRules } from "../listener/rules.ts";
import { text } from "../lib/flag_parsers.ts";
import { listenPermissions } from "../lib/listen_address.ts";
import { ALLOWED_HOSTS_FLAGS, type AllowedHosts, allowedNet } from "./allowed_hosts.ts";
import { clusterFiles, clusterNet } from "./cluster_flags.ts";
import { hostsGrow, netOf, servedGitHubNet } from "./github_net.ts";
import { listenerDocument } from "./listener/document.ts";
import type { ClusterFlags, Mode } from "./mode.ts";
import {
  folderOf,
  METRICS_TOKEN_FLAGS,
  type MetricsToken,
  metricsTokenFolders,
} from "./metrics_token.ts";
import { ownProxies, PROXY_FLAGS, type ProxyFlags, proxyNet } from "./proxy_flags.ts";

export interface ListenerModeConfig
  extends ListenerFlags, ProxyFlags, AllowedHosts, MetricsToken, ClusterFlags {
  /** Under which name the session at GitHub is held. */
  readonly hostname: string | undefined;
}

const DEFAULT_KUBE_PORT = 443;
const CLUSTER_HELP = "Of the cluster, when it is not the pod's own.";

export const listenerMode: Mode<ListenerModeConfig> = {
  summary: "Listen to GitHub's queue for one runner set and say how many runners it needs.",
  examples: [
    {
      does: "In a pod, as the controller starts it",
      command: "LISTENER_CONFIG_PATH=/etc/gha-listener/config.json longshore listener",
    },
  ],
  flags: {
    ...LISTENER_FLAGS,
    ...ALLOWED_HOSTS_FLAGS,
    ...METRICS_TOKEN_FLAGS,
    ...PROXY_FLAGS,
    hostname: controllerFlags.hostname,
    // Outside of a pod, as `longshore dev` starts it.
    kubeconfig: { flag: "--kubeconfig", parser: text(), hidden: true, help: CLUSTER_HELP },
    context: { flag: "--context", parser: text(), hidden: true, help: CLUSTER_HELP },
    home: { flag: "--home", parser: text(), hidden: true, help: CLUSTER_HELP },
  },
  check: (config) => {
    ownProxies(config);
    allowedNet(config);
  },
  cluster: (config) => isOutside(config) ? config : undefined,
  sandbox: (config, places) => {
    const { kubernetesServiceHost: kubeHost, kubernetesServicePort: kubePort = DEFAULT_KUBE_PORT } =
      config;
    return {
      net: netOf([
        clusterNet({ kubeHost, kubePort }, places),
        servedGitHubNet(config),
        proxyNet(config),
        listenPermissions(config.healthProbeAddress),
      ]),
      read: [
        folderOf(config.configPath),
        ...clusterFiles(config, places),
        ...metricsTokenFolders(config),
      ],
      ...hostsGrow(config),
    };
  },
  document: listenerDocument,
  rules: [
    ...listenerRules({ ephemeralRunnerSetName: "" }),
    ...watchRules({ name: "" }),
  ],
};
