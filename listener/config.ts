/**
 * What a listener can be told: by flags and environment, and by the document that its controller wrote. Pure: knows which
 * values make sense, not where they come from. Messages are ARC's where people may look for them.
 */
import type { ListenerConfigDocument } from "../crds/listener_config.ts";
import { LISTENER_CONFIG, MAX_RUNNERS } from "../crds/group.ts";
import { InvalidInput } from "../lib/errors.ts";
import { integer, listenAddress, path, text } from "../lib/flag_parsers.ts";
import type { FlagTable } from "../lib/flags.ts";
import type { ListenAddress } from "../lib/listen_address.ts";

export interface ListenerFlags {
  /** Path of the document. */
  readonly configPath: string;
  readonly healthProbeAddress: ListenAddress | "off";
  /** Present, with any value: every config URL counts as GitHub Enterprise Server. */
  readonly forceGhes: string | undefined;
  readonly kubernetesServiceHost: string | undefined;
  readonly kubernetesServicePort: number | undefined;
  readonly serviceAccountDir: string;
  /** As `host:port` words: instead of the hosts that follow from the config URL. */
  readonly githubHosts: string | undefined;
}

export const LISTENER_FLAGS: FlagTable<ListenerFlags> = {
  configPath: {
    flag: "--config",
    env: LISTENER_CONFIG.env,
    parser: path(),
    required: true,
    help: "File with the document that the controller wrote for this listener.",
  },
  healthProbeAddress: {
    flag: "--health-probe-bind-address",
    parser: listenAddress(),
    default: "off",
    help: "Where /healthz and /readyz are served.",
  },
  forceGhes: {
    flag: "--force-ghes",
    env: "GITHUB_ACTIONS_FORCE_GHES",
    emptyCounts: true,
    parser: text(),
    help: "Treat every GitHub URL as one of GitHub Enterprise Server, whatever the value says.",
  },
  kubernetesServiceHost: {
    flag: "--kubernetes-service-host",
    env: "KUBERNETES_SERVICE_HOST",
    parser: text(),
    placeholder: "HOST",
    help: "Host of the API server, as the kubelet sets it in a pod.",
  },
  kubernetesServicePort: {
    flag: "--kubernetes-service-port",
    env: "KUBERNETES_SERVICE_PORT",
    parser: integer({ min: 1, max: 65_535 }),
    placeholder: "PORT",
    help: "Port of the API server, as the kubelet sets it in a pod.",
  },
  serviceAccountDir: {
    flag: "--service-account-dir",
    parser: path(),
    default: "/var/run/secrets/kubernetes.io/serviceaccount",
    help: "Directory with the token and the CA of this pod's service account.",
  },
  githubHosts: {
    flag: "--github-hosts",
    env: "LONGSHORE_GITHUB_HOSTS",
    parser: text(),
    placeholder: "HOST:PORT,…",
    help: "Hosts that may be contacted for GitHub, instead of those that the config URL names.",
  },
};

type Check = (document: ListenerConfigDocument) => string | undefined;

/** In this order; the first that finds something is what the user reads. Source: spec listener.md §2. */
const CHECKS: readonly Check[] = [
  ({ configure_url }) => configure_url === "" ? "GitHubConfigUrl is not provided" : undefined,
  ({ ephemeral_runner_set_namespace: namespace, ephemeral_runner_set_name: name }) =>
    namespace === "" || name === ""
      ? `EphemeralRunnerSetNamespace "${namespace}" or EphemeralRunnerSetName "${name}" is missing`
      : undefined,
  ({ runner_scale_set_id: id }) => id === 0 ? `RunnerScaleSetId "${id}" is missing` : undefined,
  ({ min_runners: min, max_runners: max }) =>
    max < min ? `MinRunners "${min}" cannot be greater than MaxRunners "${max}"` : undefined,
  ({ min_runners: min, max_runners: max }) =>
    min < 0 || max > MAX_RUNNERS
      ? `MinRunners "${min}" and MaxRunners "${max}" must be from 0 to ${MAX_RUNNERS}`
      : undefined,
  vaultProblem,
  credentialProblem,
];

/** Throws {@link InvalidInput} with the first thing that is wrong with the document. Secrets are not quoted. */
export function checkListenerConfig(document: ListenerConfigDocument): void {
  for (const check of CHECKS) {
    const problem = check(document);
    if (problem !== undefined) throw new InvalidInput(problem);
  }
}

/** Where metrics are served: `/metrics` unless the document says otherwise, there perhaps without its slash. */
export function metricsPath({ metrics_endpoint: endpoint }: ListenerConfigDocument): string {
  return endpoint === "" ? "/metrics" : endpoint.replace(/^(?!\/)/, "/");
}

export interface LogSettings {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly format: "json" | "text";
}

/** How to log, as the document says; throws {@link InvalidInput} on any other word. */
export function logSettings(document: ListenerConfigDocument): LogSettings {
  const level = LEVELS.find((word) => word === document.log_level.toLowerCase());
  if (level === undefined) throw new InvalidInput(`invalid log level "${document.log_level}"`);
  const format = FORMATS.find((word) => word === document.log_format);
  if (format === undefined) throw new InvalidInput(`invalid log format "${document.log_format}"`);
  return { level, format };
}

const LEVELS = ["debug", "info", "warn", "error"] as const;
const FORMATS = ["json", "text"] as const;
const AZURE = "azure_key_vault";

function vaultProblem(document: ListenerConfigDocument): string | undefined {
  const { vault_type: type = "", vault_lookup_key: key = "" } = document;
  if (type === "") return undefined;
  if (type !== AZURE) return `unknown vault type: "${type}"`;
  if (key === "") return `VaultLookupKey is required when VaultType is set to "${AZURE}"`;
  return document.azure_key_vault === undefined
    ? `AzureKeyVault is required when VaultType is set to "${AZURE}"`
    : undefined;
}

function credentialProblem(document: ListenerConfigDocument): string | undefined {
  if (document.vault_type || document.vault_lookup_key) return undefined;
  const {
    github_app_id: id,
    github_app_installation_id: installation,
    github_app_private_key: key,
    github_token: token,
  } = document;
  const failed = (why: string) => `AppConfig validation failed: ${why}`;
  if ([id, installation, key, token].every((value) => value === undefined)) {
    return failed("missing app config");
  }
  const hasApp = Boolean(id) && (installation ?? 0) > 0 && Boolean(key);
  if (!token && !hasApp) {
    return failed(
      "no credentials provided: either a PAT or GitHub App credentials should be provided",
    );
  }
  return token && hasApp
    ? failed("both PAT and GitHub App credentials provided. should only provide one")
    : undefined;
}
