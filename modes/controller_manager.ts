/** The mode `controller-manager` as a row: its flags, its sandbox, its rights. Pure. */
import {
  checkControllerConfig,
  type ControllerConfig,
  controllerFlags,
  ignoredFlags,
  isOutside,
} from "../controllers/config.ts";
import {
  clusterRules,
  eventRules,
  leaderElectionRules,
  ownNamespaceRules,
  runnerNamespaceRules,
} from "../controllers/rules.ts";
import { listenPermissions } from "../lib/listen_address.ts";
import { ALLOWED_HOSTS_FLAGS, type AllowedHosts, allowedNet } from "./allowed_hosts.ts";
import { clusterFiles, clusterNet } from "./cluster_flags.ts";
import { hostsGrow, netOf, servedGitHubNet } from "./github_net.ts";
import type { Mode } from "./mode.ts";
import { METRICS_TOKEN_FLAGS, type MetricsToken, metricsTokenFolders } from "./metrics_token.ts";
import { ownProxies, PROXY_FLAGS, type ProxyFlags, proxyNet } from "./proxy_flags.ts";

export interface ControllerModeConfig
  extends ControllerConfig, ProxyFlags, AllowedHosts, MetricsToken {}

export const controllerManagerMode: Mode<ControllerModeConfig> = {
  summary:
    "Serve the runner sets of a cluster: register them, start their listeners, hire runners.",
  examples: [
    {
      does: "In a pod, as the chart starts it",
      command: "longshore controller-manager --namespace=arc-systems --image=IMAGE",
    },
    {
      does: "From outside of the cluster, one namespace only",
      command: "longshore controller-manager --context=staging --namespace=arc-systems " +
        "--image=IMAGE --watch-single-namespace=arc-runners",
    },
  ],
  flags: { ...controllerFlags, ...ALLOWED_HOSTS_FLAGS, ...METRICS_TOKEN_FLAGS, ...PROXY_FLAGS },
  ignored: ignoredFlags,
  check: (config) => {
    checkControllerConfig(config);
    ownProxies(config);
    allowedNet(config);
  },
  cluster: (config) => isOutside(config) ? config : undefined,
  sandbox: (config, cluster) =>
    config.releaseFinalizers !== ""
      ? { net: netOf([clusterNet(config, cluster)]), read: clusterFiles(config, cluster) }
      : {
        net: netOf([
          clusterNet(config, cluster),
          servedGitHubNet(config),
          proxyNet(config),
          listenPermissions(config.metricsAddress),
          listenPermissions(config.healthAddress),
        ]),
        read: [...clusterFiles(config, cluster), ...metricsTokenFolders(config)],
        ...hostsGrow(config),
      },
  rules: [
    ...clusterRules,
    ...ownNamespaceRules,
    ...runnerNamespaceRules,
    ...leaderElectionRules,
    ...eventRules,
  ],
};
