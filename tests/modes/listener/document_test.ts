import assert from "node:assert/strict";
import { parseFlags } from "../../../lib/flags.ts";
import { listenerDocument } from "../../../modes/listener/document.ts";
import { MODES } from "../../../modes/mode.ts";

const TEXT = JSON.stringify({
  configure_url: "https://ghes.example:8443/org",
  github_token: "ghp_secret",
  metrics_addr: "127.0.0.1:9090",
  proxy: { https_proxy: "http://ann:pw@proxy.example:3128" },
  azure_key_vault: { url: "https://v.vault.azure.net", certificate_path: "/akv/cert.pfx" },
});

function allowed(...args: string[]) {
  const env = { LISTENER_CONFIG_PATH: "/etc/gha-listener/config.json" };
  const { config } = parseFlags(MODES.listener.flags, { args, env });
  return listenerDocument.allows(TEXT, config);
}

Deno.test({
  name:
    "the sandbox gets the hosts and files that the document names, and nothing of its credentials",
  permissions: "none",
  fn: () =>
    assert.deepEqual(allowed(), {
      net: [
        "127.0.0.1:9090",
        "ghes.example:8443",
        "proxy.example:3128",
        "v.vault.azure.net:443",
        "login.microsoftonline.com:443",
      ],
      read: ["/akv/cert.pfx"],
    }),
});

Deno.test({
  name: "with a list of hosts the document adds its own port alone",
  permissions: "none",
  fn: () => assert.deepEqual(allowed("--allowed-github-hosts=github.com").net, ["127.0.0.1:9090"]),
});

Deno.test({
  name: "a document that makes no sense is the worker's to refuse",
  permissions: "none",
  fn: () => {
    const { config } = parseFlags(MODES.listener.flags, { args: ["--config=/x/y"] });
    assert.throws(() => listenerDocument.allows("{", config));
  },
});
