/**
 * What a listener's document says of hosts and files, for its sandbox: of GitHub, proxies, a vault, its own metrics. Pure.
 * The credentials that stand beside are not looked at.
 */
import { type ListenerConfigDocument, parseListenerConfig } from "../../crds/listener_config.ts";
import { hostsOf, parseConfigUrl } from "../../github/config_url.ts";
import { listenPermissions, parseListenAddress } from "../../lib/listen_address.ts";
import { proxySettings } from "../../lib/proxy.ts";
import { hostsGrow, hostWord } from "../github_net.ts";
import type { ListenerModeConfig } from "../listener.ts";
import type { SandboxDocument } from "../mode.ts";

/** Who gives out tokens for Azure's vaults. */
const AZURE_LOGIN = "login.microsoftonline.com:443";

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
  const { configure_url: url, azure_key_vault: vault, proxy } = document;
  const { http, https } = proxySettings({
    http_proxy: proxy?.http_proxy ?? "",
    https_proxy: proxy?.https_proxy ?? "",
    no_proxy: "",
  });
  return [
    ...hostsOf(parseConfigUrl(url, { forceGhes: forceGhes !== undefined })),
    ...[http, https].flatMap((server) => server === undefined ? [] : [hostWord(server.url)]),
    ...(vault?.url ? [hostWord(vault.url), AZURE_LOGIN] : []),
  ];
}

function certificateFiles({ azure_key_vault: vault }: ListenerConfigDocument): readonly string[] {
  return vault?.certificate_path ? [vault.certificate_path] : [];
}
