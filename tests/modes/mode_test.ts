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
  name:
    "the controller reads its identity only, reaches GitHub's hosts, and may ask for those of sets",
  permissions: "none",
  fn: () =>
    assert.deepEqual(controllerSandbox("--auto-scaling-runner-set-only"), {
      net: [
        "10.96.0.1:443",
        "github.com:443",
        "api.github.com:443",
        "*.actions.githubusercontent.com:443",
        "[::]:8080",
        "0.0.0.0:8080",
      ],
      read: ["/var/run/secrets/kubernetes.io/serviceaccount"],
      growth: "asked",
    }),
});

Deno.test({
  name: "a controller that only takes finalizers off reaches the API server, and nothing else",
  permissions: "none",
  fn: () =>
    assert.deepEqual(controllerSandbox("--release-finalizers=a=b"), {
      net: ["10.96.0.1:443"],
      read: ["/var/run/secrets/kubernetes.io/serviceaccount"],
    }),
});

Deno.test({
  name: "with a list of hosts the sandbox is fixed: these, and nothing that a set names",
  permissions: "none",
  fn: () =>
    assert.deepEqual(
      controllerSandbox("--allowed-github-hosts=ghes.example:8443", "--metrics-addr=0"),
      {
        net: ["10.96.0.1:443", "ghes.example:8443"],
        read: ["/var/run/secrets/kubernetes.io/serviceaccount"],
      },
    ),
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

const PLACES = {
  server: "https://10.0.0.1:6443",
  proxy: "http://proxy.internal:3128",
  paths: ["/etc/ann/config", "/etc/ann/ca.crt"],
};

Deno.test({
  name: "explain reaches its cluster and reads its kubeconfig, and nothing else",
  permissions: "none",
  fn: () => {
    const { config } = parseFlags(MODES.explain.flags, { args: ["--context=x"] });
    assert.deepEqual(MODES.explain.sandbox(config, PLACES), {
      net: ["10.0.0.1:6443", "proxy.internal:3128"],
      read: PLACES.paths,
    });
  },
});

Deno.test({
  name: "doctor reaches its cluster and GitHub's own hosts, and others as sets name them",
  permissions: "none",
  fn: () => {
    const { config } = parseFlags(MODES.doctor.flags, {
      args: [],
      env: { KUBERNETES_SERVICE_HOST: "10.96.0.1", HTTPS_PROXY: "http://proxy.internal:3128" },
    });
    assert.deepEqual(MODES.doctor.sandbox(config), {
      net: [
        "10.96.0.1:443",
        "github.com:443",
        "api.github.com:443",
        "*.actions.githubusercontent.com:443",
        "proxy.internal:3128",
      ],
      read: ["/var/run/secrets/kubernetes.io/serviceaccount"],
      growth: "asked",
    });
    const fixed = parseFlags(MODES.doctor.flags, {
      args: ["--allowed-github-hosts=ghes.example"],
      env: { KUBERNETES_SERVICE_HOST: "10.96.0.1" },
    });
    assert.deepEqual(MODES.doctor.sandbox(fixed.config), {
      net: ["10.96.0.1:443", "ghes.example:443"],
      read: ["/var/run/secrets/kubernetes.io/serviceaccount"],
    });
  },
});

Deno.test({
  name: "a listener outside of a pod has its kubeconfig in place of an identity",
  permissions: "none",
  fn: () => {
    const { config } = parseFlags(MODES.listener.flags, {
      args: ["--kubeconfig=/etc/ann/config", "--allowed-github-hosts=ghes.example"],
      env: { LISTENER_CONFIG_PATH: "/etc/x/config.json" },
    });
    assert.deepEqual(MODES.listener.sandbox(config, PLACES), {
      net: ["10.0.0.1:6443", "proxy.internal:3128", "ghes.example:443"],
      read: ["/etc/x", ...PLACES.paths],
    });
  },
});
