/** What the plan for a listener looks at. Reads caches and the credentials; writes nothing. */
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import type { EphemeralRunnerSetSpec } from "../../crds/ephemeral_runner_set.ts";
import type { CredentialState, GitHubServices } from "../github_services.ts";
import { gitHubTarget } from "../github_target.ts";
import { listenerProxySecretName } from "../../crds/names.ts";
import {
  keyText,
  type ObjectKey,
  type Pod,
  type Role,
  type RoleBinding,
  type ServiceAccount,
} from "../../kube/types.ts";
import type { Caches } from "../caches.ts";

/** What listeners take from the controller's own configuration. */
export interface ListenerSettings {
  /** The controller's own: where its listeners live. */
  readonly namespace: string;
  /** The program in the image. */
  readonly entrypoint: string;
  /** Of the pods, whatever a template says. Empty or absent: the template's, or the cluster's. */
  readonly scheduler?: string;
  /** Go style address, e.g. ":8080"; "0": no metrics. */
  readonly metricsAddress: string;
  readonly metricsEndpoint: string;
  readonly logLevel: string;
  readonly logFormat: string;
  readonly excludedLabelPrefixes: readonly string[];
  /** Hosts of GitHub that are reached elsewhere, as the flag says it; empty: none. */
  readonly githubHosts: string;
  readonly forceGhes: boolean;
}

export interface ObservedListener {
  readonly key: ObjectKey;
  /** `undefined`: it is gone, and what it left in other namespaces has to go too. */
  readonly listener: AutoscalingListener | undefined;
  readonly runnerSet: AutoscalingRunnerSet | undefined;
  readonly serviceAccount: ServiceAccount | undefined;
  /** All Roles and RoleBindings that name this listener, wherever they are. */
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
  readonly pod: Pod | undefined;
  /** The spec into which the listener writes what it wants and hears. Absent: there is none yet. */
  readonly word?: EphemeralRunnerSetSpec | undefined;
  readonly credentials: CredentialState;
  /** Fingerprint of what its proxy Secret holds; absent: not known. */
  readonly proxySecret?: string | undefined;
  readonly settings: ListenerSettings;
}

export interface ListenerSources {
  readonly caches: Caches;
  readonly services: GitHubServices;
  /** By "namespace/name". */
  readonly proxySecrets?: ReadonlyMap<string, string>;
  readonly settings: ListenerSettings;
}

/** `undefined`: there is neither the listener nor anything that it left. Asks for credentials, writes nothing. */
export async function observeListener(
  sources: ListenerSources,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<ObservedListener | undefined> {
  const { caches, services, settings } = sources;
  const listener = caches.listeners.get(key);
  const roles = caches.roles.by("listener", keyText(key));
  const roleBindings = caches.roleBindings.by("listener", keyText(key));
  if (listener === undefined && roles.length === 0 && roleBindings.length === 0) return undefined;
  const { spec } = listener ?? {};
  return {
    key,
    listener,
    runnerSet: caches.runnerSets.get({
      namespace: spec?.autoscalingRunnerSetNamespace ?? "",
      name: spec?.autoscalingRunnerSetName ?? "",
    }),
    serviceAccount: caches.serviceAccounts.get(key),
    roles,
    roleBindings,
    pod: caches.pods.get(key),
    word: caches.ephemeralRunnerSets.get({
      namespace: spec?.autoscalingRunnerSetNamespace ?? "",
      name: spec?.ephemeralRunnerSetName ?? "",
    })?.spec,
    credentials: await services.check(
      gitHubTarget(spec?.autoscalingRunnerSetNamespace ?? "", spec),
      signal,
    ),
    proxySecret: sources.proxySecrets?.get(
      keyText({ namespace: key.namespace, name: listenerProxySecretName(key.name) }),
    ),
    settings,
  };
}
