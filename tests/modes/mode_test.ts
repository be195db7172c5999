import assert from "node:assert/strict";
import { parseFlags } from "../../lib/flags.ts";
import { MODES } from "../../modes/mode.ts";

const CONTROLLER_ENV = {
  CONTROLLER_MANAGER_POD_NAMESPACE: "arc-systems",
  CONTROLLER_MANAGER_CONTAINER_IMAGE: "image",
  KUBERNETES_SERVICE_HOST: "10.96.0.1",
  KUBERNETES_SERVICE_PORT: "443",
};

function controllerSandbox(...args: string[]) {
  const mode = MODES["controller-manager"];
  const { config } = parseFlags(mode.flags, {
    args,
    env: CONTROLLER_ENV,
    ignored: mode.ignored ?? {},
  });
  return mode.sandbox(config);
}

function listenerSandbox(env: Readonly<Record<string, string>>) {
  const mode = MODES.listener;
  const { config } = parseFlags(mode.flags, { args: [], env });
  return mode.sandbox(config);
}

Deno.test({
  name: "the controller reads its identity only, and reaches any host while GitHub's are unknown",
  permissions: "none",
  fn: () =>
    assert.deepEqual(controllerSandbox("--auto-scaling-runner-set-only"), {
      net: "any",
      read: ["/var/run/secrets/kubernetes.io/serviceaccount"],
    }),
});

Deno.test({
  name:
    "with stand-ins for GitHub's hosts the controller reaches these, its cluster and its own ports",
  permissions: "none",
  fn: () =>
    assert.deepEqual(
      controllerSandbox("--github-hosts=github.com=http://127.0.0.1:4000", "--metrics-addr=:9090")
        ?.net,
      ["10.96.0.1:443", "127.0.0.1:4000", "[::]:9090", "0.0.0.0:9090"],
    ),
});

Deno.test({
  name: "the listener reads its configuration's folder and its identity",
  permissions: "none",
  fn: () =>
    assert.deepEqual(
      listenerSandbox({
        LISTENER_CONFIG_PATH: "/etc/gha-listener/config.json",
        KUBERNETES_SERVICE_HOST: "fd00::1",
        LONGSHORE_GITHUB_HOSTS: "github.com=https://github.internal",
      }),
      {
        net: ["[fd00::1]:443", "github.internal:443"],
        read: ["/etc/gha-listener", "/var/run/secrets/kubernetes.io/serviceaccount"],
      },
    ),
});

Deno.test({
  name: "dev has no sandbox of its own",
  permissions: "none",
  fn: () => {
    const { config } = parseFlags(MODES.dev.flags, { args: [] });
    assert.equal(MODES.dev.sandbox(config), undefined);
  },
});

Deno.test({
  name: "every mode says what it does in one sentence",
  permissions: "none",
  fn: () => {
    for (const { summary } of Object.values(MODES)) assert.match(summary, /^[A-Z][^.]*\.$/);
  },
});
