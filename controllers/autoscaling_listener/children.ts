/** The objects that a listener needs besides its pod, and its configuration document. Pure. Spec: §11.1. */
import {
  AUTOSCALING_LISTENERS,
  type AutoscalingListener,
} from "../../crds/autoscaling_listener.ts";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { ANNOTATIONS, GROUP, LABELS, LISTENER_CONFIG } from "../../crds/group.ts";
import type { ListenerConfigDocument } from "../../crds/listener_config.ts";
import { listenerConfigSecretName } from "../../crds/names.ts";
import type { ResourceMeta } from "../../crds/shared_fields.ts";
import { ownerReference } from "../../kube/meta.ts";
import type {
  ObjectMeta,
  OwnerReference,
  PolicyRule,
  Role,
  RoleBinding,
  Secret,
  ServiceAccount,
} from "../../kube/types.ts";
import { INSTANCE_LABEL, type Keys, mergeLabels } from "../metadata.ts";
import { integrityHash } from "../reconcile/children.ts";
import type { ListenerSettings } from "./observe.ts";

/** A listener with what its children take from the controller. */
export interface ListenerParent {
  readonly listener: AutoscalingListener;
  /** Whose namespace holds its rights. */
  readonly runnerSet: AutoscalingRunnerSet;
  readonly settings: ListenerSettings;
}

function nameOf(parent: ListenerParent): string {
  return parent.listener.metadata?.name ?? "";
}

function setLabels(parent: ListenerParent): Keys {
  const { spec } = parent.listener;
  return {
    [LABELS.scaleSetName]: spec?.autoscalingRunnerSetName ?? "",
    [LABELS.scaleSetNamespace]: spec?.autoscalingRunnerSetNamespace ?? "",
  };
}

/** The listener's labels, with the one of its runner set that it must not have itself. */
export function inheritedLabels({ listener, runnerSet, settings }: ListenerParent): Keys {
  const instance = runnerSet.metadata?.labels?.[INSTANCE_LABEL];
  return {
    ...mergeLabels(
      instance === undefined ? {} : { [INSTANCE_LABEL]: instance },
      {},
      settings.excludedLabelPrefixes,
    ),
    ...listener.metadata?.labels,
  };
}

/** The listener's labels and some more, over what the user wants. */
function labelsOver(parent: ListenerParent, user: ResourceMeta | undefined, more: Keys): Keys {
  const excluded = parent.settings.excludedLabelPrefixes;
  const own = mergeLabels(
    inheritedLabels(parent),
    { ...setLabels(parent), ...more },
    excluded,
  );
  return mergeLabels(user?.labels, own, excluded);
}

/** The account that the listener's pod runs as, in the controller's namespace. */
export function desiredServiceAccount(parent: ListenerParent): ServiceAccount {
  const user = parent.listener.spec?.serviceAccountMetadata;
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      name: nameOf(parent),
      namespace: parent.listener.metadata?.namespace ?? "",
      labels: labelsOver(parent, user, {}),
      annotations: { ...user?.annotations, [ANNOTATIONS.integrityHash]: integrityHash({}) },
      ownerReferences: [ownerReference(parent.listener, AUTOSCALING_LISTENERS)],
    },
  };
}

/**
 * What a listener may do in its runner set's namespace. The list, its order and its count are ARC's. A copy of
 * `listener/rules.ts` with the name filled in; a test holds the two together.
 */
function listenerRules(ephemeralRunnerSetName: string): readonly PolicyRule[] {
  return [
    {
      apiGroups: [GROUP],
      resources: [EPHEMERAL_RUNNER_SETS.plural],
      resourceNames: [ephemeralRunnerSetName],
      verbs: ["patch"],
    },
    {
      apiGroups: [GROUP],
      resources: [EPHEMERAL_RUNNERS.plural, `${EPHEMERAL_RUNNERS.plural}/status`],
      verbs: ["patch"],
    },
  ];
}

/** They go with the set, whoever is still there to delete them; nobody waits for them. */
function setReference({ runnerSet }: ListenerParent): OwnerReference {
  const { apiVersion, kind, name, uid } = ownerReference(runnerSet, AUTOSCALING_RUNNER_SETS);
  return { apiVersion, kind, name, uid };
}

/** In the runners' namespace, so without the listener as its owner: found again by its labels. */
function rightsMetadata(
  parent: ListenerParent,
  of: { readonly user: ResourceMeta | undefined; readonly content: unknown },
): ObjectMeta {
  return {
    name: nameOf(parent),
    namespace: parent.listener.spec?.autoscalingRunnerSetNamespace ?? "",
    labels: labelsOver(parent, of.user, listenerLabels(parent)),
    annotations: {
      ...of.user?.annotations,
      [ANNOTATIONS.integrityHash]: integrityHash(of.content),
    },
    ownerReferences: [setReference(parent)],
  };
}

/** What the listener may do there. */
export function desiredRole(parent: ListenerParent): Role {
  const { spec } = parent.listener;
  const rules = listenerRules(spec?.ephemeralRunnerSetName ?? "");
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: rightsMetadata(parent, { user: spec?.roleMetadata, content: rules }),
    rules,
  };
}

/** Gives that account its role, in the namespace of the runners. */
export function desiredRoleBinding(parent: ListenerParent): RoleBinding {
  const { spec, metadata } = parent.listener;
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: nameOf(parent) };
  const subjects = [{
    kind: "ServiceAccount",
    namespace: metadata?.namespace ?? "",
    name: nameOf(parent),
  }];
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: rightsMetadata(parent, {
      user: spec?.roleBindingMetadata,
      content: { roleRef, subjects },
    }),
    roleRef,
    subjects,
  };
}

function listenerLabels(parent: ListenerParent): Keys {
  return {
    [LABELS.listenerNamespace]: parent.listener.metadata?.namespace ?? "",
    [LABELS.listenerName]: nameOf(parent),
  };
}

/** The configuration but for what users entrusted to us and its company, which are added where it is written. */
export type PublicDocument = Omit<
  ListenerConfigDocument,
  | "github_app_id"
  | "github_app_installation_id"
  | "github_app_private_key"
  | "github_token"
  | "proxy"
>;

const LEVELS = ["debug", "info", "warn", "error"];
const FORMATS = ["json", "text"];

/** What the listener is told by its Secret, less what nobody but the executor may see. */
export function desiredDocument(parent: ListenerParent): PublicDocument {
  const { settings, listener: { spec = {}, metadata = {} } } = parent;
  const understood = LEVELS.includes(settings.logLevel) && FORMATS.includes(settings.logFormat);
  const metrics = settings.metricsAddress !== "0";
  return {
    configure_url: spec.githubConfigUrl ?? "",
    vault_type: "",
    vault_lookup_key: "",
    ephemeral_runner_set_namespace: spec.autoscalingRunnerSetNamespace ?? "",
    ephemeral_runner_set_name: spec.ephemeralRunnerSetName ?? "",
    max_runners: spec.maxRunners ?? 0,
    min_runners: spec.minRunners ?? 0,
    runner_scale_set_id: spec.runnerScaleSetId ?? 0,
    runner_scale_set_name: spec.autoscalingRunnerSetName ?? "",
    server_root_ca: "",
    log_level: understood ? settings.logLevel : "debug",
    log_format: understood ? settings.logFormat : "text",
    metrics_addr: metrics ? settings.metricsAddress : "",
    metrics_endpoint: metrics ? settings.metricsEndpoint : "",
    metrics: spec.metrics ?? null,
    autoscaling_listener_namespace: metadata.namespace ?? "",
    autoscaling_listener_name: metadata.name ?? "",
  };
}

/** The Secret that holds the document; its data is filled in where it is written. */
export function desiredConfigSecret(parent: ListenerParent): Secret {
  const user = parent.listener.spec?.configSecretMetadata;
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: listenerConfigSecretName(nameOf(parent)),
      namespace: parent.listener.metadata?.namespace ?? "",
      labels: mergeLabels(user?.labels, {}, parent.settings.excludedLabelPrefixes),
      annotations: { ...user?.annotations },
      ownerReferences: [ownerReference(parent.listener, AUTOSCALING_LISTENERS)],
    },
  };
}

/** The key of the Secret under which the listener looks for the document. */
export const DOCUMENT_KEY = LISTENER_CONFIG.key;
