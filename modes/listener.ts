/** The mode `listener` as a row: its flags, its sandbox, its rights. Pure. */
import { LISTENER_FLAGS, type ListenerFlags } from "../listener/config.ts";
import { listenerRules, watchRules } from "../listener/rules.ts";
import { text } from "../lib/flag_parsers.ts";
import { listenPermissions } from "../lib/listen_address.ts";
import { githubNet, netOf, serverWord } from "./github_net.ts";
import type { Mode } from "./mode.ts";
import { ownProxies, PROXY_FLAGS, type ProxyFlags, proxyNet } from "./proxy_flags.ts";

export interface ListenerModeConfig extends ListenerFlags, ProxyFlags {
  /** Under which name the session at GitHub is held. */
  readonly hostname: string | undefined;
}

const DEFAULT_KUBE_PORT = 443;

export const listenerMode: Mode<ListenerModeConfig> = {
  summary: "Listen to GitHub's queue for one runner set and say how many runners it needs.",
  flags: {
    ...LISTENER_FLAGS,
    ...PROXY_FLAGS,
    hostname: {
      flag: "--hostname",
      env: "HOSTNAME",
      parser: text(),
      hidden: true,
      help: "Name of this pod, as containers have it in their environment.",
    },
  },
  check: (config) => void ownProxies(config),
  sandbox: (config) => {
    const { kubernetesServiceHost: host, kubernetesServicePort: port = DEFAULT_KUBE_PORT } = config;
    return {
      net: netOf([
        host === undefined ? [] : [serverWord(host, port)],
        githubNet(config.githubHosts ?? ""),
        proxyNet(config),
        listenPermissions(config.healthProbeAddress),
      ]),
      read: [folderOf(config.configPath), config.serviceAccountDir],
    };
  },
  rules: [
    ...listenerRules({ ephemeralRunnerSetName: "" }),
    ...watchRules({ name: "" }),
  ],
};

/** The kubelet replaces a mounted folder as a whole, so the folder is what must be readable. */
function folderOf(path: string): string {
  const folder = path.slice(0, path.lastIndexOf("/"));
  return folder === "" ? path : folder;
}
