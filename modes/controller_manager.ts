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
import { githubNet, hostWord, netOf, serverWord } from "./github_net.ts";
import type { ClusterPlaces, Mode } from "./mode.ts";
import { ownProxies, PROXY_FLAGS, type ProxyFlags, proxyNet } from "./proxy_flags.ts";

export interface ControllerModeConfig extends ControllerConfig, ProxyFlags {}

export const controllerManagerMode: Mode<ControllerModeConfig> = {
  summary:
    "Serve the runner sets of a cluster: register them, start their listeners, hire runners.",
  flags: { ...controllerFlags, ...PROXY_FLAGS },
  ignored: ignoredFlags,
  check: (config) => {
    checkControllerConfig(config);
    ownProxies(config);
  },
  cluster: (config) => isOutside(config) ? config : undefined,
  sandbox: (config, cluster) => ({
    net: netOf([
      serverNet(config, cluster),
      githubNet(config.githubHosts),
      proxyNet(config),
      listenPermissions(config.metricsAddress),
      listenPermissions(config.healthAddress),
    ]),
    read: cluster?.paths ?? [config.serviceAccountDir],
  }),
  rules: [
    ...clusterRules,
    ...ownNamespaceRules,
    ...runnerNamespaceRules,
    ...leaderElectionRules,
    ...eventRules,
  ],
};

function serverNet(
  config: ControllerConfig,
  cluster: ClusterPlaces | undefined,
): readonly string[] {
  if (cluster !== undefined) {
    return [cluster.server, cluster.proxy].flatMap((url) =>
      url === undefined ? [] : [hostWord(url)]
    );
  }
  return config.kubeHost === undefined ? [] : [serverWord(config.kubeHost, config.kubePort)];
}
