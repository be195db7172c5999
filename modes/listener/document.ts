/**
 * What a listener's document says of hosts and files, for its sandbox: of GitHub, proxies, a vault, its own metrics. Pure.
 * The credentials that stand beside are not looked at.
 */
import { type ListenerConfigDocument, parseListenerConfig } from "../../crds/listener_config.ts";
import { listenPermissions, parseListenAddress } from "../../lib/listen_address.ts";
import { hostsGrow, namedHosts } from "../github_net.ts";
import type { ListenerModeConfig } from "../listener.ts";
import type { SandboxDocument } from "../mode.ts";

export const listenerDocument: SandboxDocument<ListenerModeConfig> = {
  path: ({ configPath }) => configPath,
  allows: (text, config) => {
    const document = parseListenerConfig(text);
    const isOpen = hostsGrow(config).growth === "asked";
    return {
      net: [...listenNet(document), ...(isOpen ? hostsNamedIn(document, config) : [])],
      read: certificateFiles(document),
    };
  },
};

function listenNet({ metrics_addr: text }: ListenerConfigDocument): readonly string[] {
  return listenPermissions(parseListenAddress(text) ?? "off");
}

function hostsNamedIn(
  document: ListenerConfigDocument,
  { forceGhes }: ListenerModeConfig,
): readonly string[] {
  const { configure_url: configUrl, azure_key_vault: vault, proxy } = document;
  return namedHosts({
    configUrl,
    proxies: [proxy?.http_proxy, proxy?.https_proxy],
    vault: vault?.url,
    forceGhes: forceGhes !== undefined,
  });
}

function certificateFiles({ azure_key_vault: vault }: ListenerConfigDocument): readonly string[] {
  return vault?.certificate_path ? [vault.certificate_path] : [];
}
