/** The objects that a runner set wants: its EphemeralRunnerSet and its AutoscalingListener. Pure. Spec: §11.2, §11.3. */
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import type { EphemeralRunnerSpec } from "../../crds/ephemeral_runner.ts";
import { ANNOTATIONS, COMPONENTS, MAX_RUNNERS } from "../../crds/group.ts";
import { listenerName, runnerProxySecretName } from "../../crds/names.ts";
import type { ConfigUrl } from "../../github/config_url.ts";
import { ownerReference } from "../../kube/meta.ts";
import { keyOf, type ObjectKey, type Secret } from "../../kube/types.ts";
import { childLabels, INSTANCE_LABEL, mergeLabels, urlLabels } from "../metadata.ts";
import { desiredProxySecret } from "../proxy_secrets.ts";
import { integrityHash } from "../reconcile/children.ts";
import type { RunnerSetSettings } from "./observe.ts";

/** A set that is registered, as its children need it. */
export interface RegisteredSet {
  readonly set: AutoscalingRunnerSet;
  readonly url: ConfigUrl;
  readonly scaleSetId: number;
  /** The listener's to write once the set exists: what is there already, 0 at first. */
  readonly patchId: number;
  /** Runners that the cluster has room for just now. Absent: no such limit. */
  readonly capacity?: number | undefined;
  /** Of the EphemeralRunnerSet: the set's own, unless it was made by an older controller. */
  readonly childName: string;
  readonly settings: RunnerSetSettings;
}

/** The set's only child by that name; its listener says how many runners it has. */
export function desiredEphemeralRunnerSet(parent: RegisteredSet): EphemeralRunnerSet {
  const { set, url, settings } = parent;
  const { metadata = {}, spec = {} } = set;
  const excluded = settings.excludedLabelPrefixes;
  const runnerSpec = runnerSpecOf(parent);
  return {
    apiVersion: "actions.github.com/v1alpha1",
    kind: "EphemeralRunnerSet",
    metadata: {
      name: parent.childName,
      namespace: metadata.namespace ?? "",
      labels: mergeLabels(
        spec.ephemeralRunnerSetMetadata?.labels,
        mergeLabels(metadata.labels, {
          ...childLabels(set, COMPONENTS.runnerSet),
          ...urlLabels(url),
        }, excluded),
        excluded,
      ),
      annotations: {
        ...spec.ephemeralRunnerSetMetadata?.annotations,
        [ANNOTATIONS.runnerGroupName]: metadata.annotations?.[ANNOTATIONS.runnerGroupName] ?? "",
        [ANNOTATIONS.scaleSetName]: metadata.annotations?.[ANNOTATIONS.scaleSetName] ?? "",
        [ANNOTATIONS.integrityHash]: integrityHash(runnerSpec),
      },
      ownerReferences: [ownerReference(set, AUTOSCALING_RUNNER_SETS)],
    },
    spec: {
      patchID: parent.patchId,
      ephemeralRunnerSpec: runnerSpec,
      ephemeralRunnerMetadata: spec.ephemeralRunnerMetadata,
    },
  };
}

function runnerSpecOf(parent: RegisteredSet): EphemeralRunnerSpec {
  const spec = parent.set.spec ?? {};
  return {
    runnerScaleSetId: parent.scaleSetId,
    githubConfigUrl: spec.githubConfigUrl ?? "",
    githubConfigSecret: spec.githubConfigSecret ?? "",
    proxy: spec.proxy,
    githubServerTLS: spec.githubServerTLS,
    vaultConfig: spec.vaultConfig,
    ephemeralRunnerConfigSecretMetadata: spec.ephemeralRunnerConfigSecretMetadata,
    metadata: spec.template?.metadata,
    spec: spec.template?.spec,
  };
}

/** The Secret from which its runners read their proxies. Without data. */
export function desiredRunnerProxySecret(owner: EphemeralRunnerSet, set: ObjectKey): Secret {
  const { name, namespace } = keyOf(owner);
  return desiredProxySecret({ namespace, name: runnerProxySecretName(name, namespace) }, {
    runnerSet: set,
    owner: ownerReference(owner, EPHEMERAL_RUNNER_SETS),
  });
}

/** The key of the listener that this set should have. */
export function listenerKey(set: AutoscalingRunnerSet, settings: RunnerSetSettings): ObjectKey {
  return {
    namespace: settings.controllerNamespace,
    name: listenerName({
      runnerSetName: set.metadata?.name ?? "",
      runnerSetNamespace: set.metadata?.namespace ?? "",
      runnerGroup: set.spec?.runnerGroup ?? "",
      configUrl: set.spec?.githubConfigUrl ?? "",
    }),
  };
}

/** In the controller's namespace, so without an owner: the set deletes it by hand. */
export function desiredListener(parent: RegisteredSet): AutoscalingListener {
  const { set, url, settings } = parent;
  const { metadata = {}, spec = {} } = set;
  const excluded = settings.excludedLabelPrefixes;
  // Nobody owns it. What it owns has the label.
  const { [INSTANCE_LABEL]: _, ...labels } = metadata.labels ?? {};
  const wanted: AutoscalingListener["spec"] = {
    githubConfigUrl: spec.githubConfigUrl,
    githubConfigSecret: spec.githubConfigSecret,
    runnerScaleSetId: parent.scaleSetId,
    autoscalingRunnerSetNamespace: metadata.namespace,
    autoscalingRunnerSetName: metadata.name,
    ephemeralRunnerSetName: parent.childName,
    maxRunners: spec.maxRunners ?? MAX_RUNNERS,
    minRunners: spec.minRunners ?? 0,
    image: settings.listenerImage,
    imagePullSecrets: settings.listenerPullSecrets.length === 0
      ? undefined
      : settings.listenerPullSecrets.map((name) => ({ name })),
    proxy: spec.proxy,
    githubServerTLS: spec.githubServerTLS,
    vaultConfig: spec.vaultConfig,
    metrics: spec.listenerMetrics,
    template: spec.listenerTemplate,
    configSecretMetadata: spec.listenerConfigSecretMetadata,
    serviceAccountMetadata: spec.listenerServiceAccountMetadata,
    roleMetadata: spec.listenerRoleMetadata,
    roleBindingMetadata: spec.listenerRoleBindingMetadata,
  };
  return {
    apiVersion: "actions.github.com/v1alpha1",
    kind: "AutoscalingListener",
    metadata: {
      ...listenerKey(set, settings),
      labels: mergeLabels(
        spec.autoscalingListener?.labels,
        mergeLabels(labels, {
          ...childLabels(set, COMPONENTS.listener),
          ...urlLabels(url),
        }, excluded),
        excluded,
      ),
      annotations: {
        ...spec.autoscalingListener?.annotations,
        [ANNOTATIONS.integrityHash]: integrityHash(wanted),
      },
    },
    // Its fingerprint is that of what the user wants.
    spec: { ...wanted, capacity: parent.capacity },
  };
}
