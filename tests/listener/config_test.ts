import assert from "node:assert/strict";
import { controllerFlags } from "../../controllers/config.ts";
import type { ListenerConfigDocument } from "../../crds/listener_config.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { parseFlags } from "../../lib/flags.ts";
import {
  checkListenerConfig,
  LISTENER_FLAGS,
  logSettings,
  metricsPath,
} from "../../listener/config.ts";
import { aDocument } from "./listening.ts";

const PURE = { permissions: "none" } as const;

type Row = readonly [words: string, wrong: Partial<ListenerConfigDocument>, message: string];

/** The document of the tests without its credential. */
const { github_token: _, ...nothing } = aDocument();
const app = { github_app_id: "1", github_app_installation_id: 10, github_app_private_key: "key" };
const NO_CREDENTIALS =
  "AppConfig validation failed: no credentials provided: either a PAT or GitHub App credentials should be provided";

/** listener.md §2 and §9: each row is also wrong in everything that is checked later. */
const WRONG: readonly Row[] = [
  ["no URL", { configure_url: "", runner_scale_set_id: 0 }, "GitHubConfigUrl is not provided"],
  [
    "no namespace",
    { ephemeral_runner_set_namespace: "", runner_scale_set_id: 0 },
    'EphemeralRunnerSetNamespace "" or EphemeralRunnerSetName "linux" is missing',
  ],
  [
    "no name",
    { ephemeral_runner_set_name: "" },
    'EphemeralRunnerSetNamespace "arc-runners" or EphemeralRunnerSetName "" is missing',
  ],
  [
    "no scale set",
    { runner_scale_set_id: 0, min_runners: 5, max_runners: 2 },
    'RunnerScaleSetId "0" is missing',
  ],
  [
    "a minimum above the maximum",
    { min_runners: 5, max_runners: 2, vault_type: "x" },
    'MinRunners "5" cannot be greater than MaxRunners "2"',
  ],
  [
    "a negative minimum",
    { min_runners: -1 },
    'MinRunners "-1" and MaxRunners "2147483647" must be from 0 to 2147483647',
  ],
  [
    "another vault",
    { vault_type: "invalid_vault_type" },
    'unknown vault type: "invalid_vault_type"',
  ],
  [
    "a vault without a key",
    { vault_type: "azure_key_vault" },
    'VaultLookupKey is required when VaultType is set to "azure_key_vault"',
  ],
  [
    "a vault that is not described",
    { vault_type: "azure_key_vault", vault_lookup_key: "k" },
    'AzureKeyVault is required when VaultType is set to "azure_key_vault"',
  ],
  [
    "an app and a token",
    app,
    "AppConfig validation failed: both PAT and GitHub App credentials provided. should only provide one",
  ],
];

Deno.test("metrics are served at the path that is named, with a slash or without", PURE, () => {
  for (const [text, path] of [["", "/metrics"], ["/m", "/m"], ["m", "/m"]] as const) {
    assert.equal(metricsPath(aDocument({ metrics_endpoint: text })), path);
  }
});

for (const [words, wrong, message] of WRONG) {
  Deno.test(`refuses ${words}`, PURE, () => {
    assert.throws(() => checkListenerConfig(aDocument(wrong)), new InvalidInput(message));
  });
}

const CREDENTIALS: readonly Row[] = [
  ["no credential at all", {}, "AppConfig validation failed: missing app config"],
  ["an app without a key", { ...app, github_app_private_key: "" }, NO_CREDENTIALS],
  ["a client id without a key", { github_app_id: "Iv1.x" }, NO_CREDENTIALS],
  ["an app without an installation", { ...app, github_app_installation_id: 0 }, NO_CREDENTIALS],
  ["empty credentials", { github_token: "" }, NO_CREDENTIALS],
];

for (const [words, wrong, message] of CREDENTIALS) {
  Deno.test(`refuses ${words}`, PURE, () => {
    assert.throws(() => checkListenerConfig({ ...nothing, ...wrong }), new InvalidInput(message));
  });
}

Deno.test("accepts a token, an app, or a vault", PURE, () => {
  checkListenerConfig(aDocument());
  checkListenerConfig({ ...nothing, ...app });
  checkListenerConfig({
    ...nothing,
    vault_type: "azure_key_vault",
    vault_lookup_key: "secret",
    azure_key_vault: {},
  });
});

Deno.test("reads how to log, the level in any case", PURE, () => {
  assert.deepEqual(logSettings(aDocument({ log_level: "WARN", log_format: "text" })), {
    level: "warn",
    format: "text",
  });
  assert.throws(() => logSettings(aDocument({ log_level: "" })), /invalid log level/);
  assert.throws(() => logSettings(aDocument({ log_format: "JSON" })), /invalid log format/);
});

Deno.test("is told by the environment what ARC's listener is told", PURE, () => {
  const env = {
    LISTENER_CONFIG_PATH: "/etc/gha-listener/config.json",
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
    KUBERNETES_SERVICE_PORT: "443",
    GITHUB_ACTIONS_FORCE_GHES: "1",
    LONGSHORE_GITHUB_HOSTS: "ghes.example:443",
  };
  assert.deepEqual(parseFlags(LISTENER_FLAGS, { args: [], env }).config, {
    configPath: "/etc/gha-listener/config.json",
    healthProbeAddress: "off",
    forceGhes: "1",
    kubernetesServiceHost: "10.0.0.1",
    kubernetesServicePort: 443,
    serviceAccountDir: "/var/run/secrets/kubernetes.io/serviceaccount",
    githubHosts: "ghes.example:443",
  });
  assert.throws(() => parseFlags(LISTENER_FLAGS, { args: [], env: {} }), /LISTENER_CONFIG_PATH/);
});

Deno.test("§20.6 the presence of GITHUB_ACTIONS_FORCE_GHES counts, whatever it holds", PURE, () => {
  for (const [value, wanted] of [["", ""], ["false", "false"], [undefined, undefined]]) {
    const env = { LISTENER_CONFIG_PATH: "/x", GITHUB_ACTIONS_FORCE_GHES: value };
    assert.equal(parseFlags(LISTENER_FLAGS, { args: [], env }).config.forceGhes, wanted);
    assert.equal(
      parseFlags({ forceGhes: controllerFlags.forceGhes }, { args: [], env }).config.forceGhes,
      wanted,
    );
  }
});
