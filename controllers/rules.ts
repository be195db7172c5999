/**
 * What a controller-manager may ask of the cluster. The first lists have ARC's content, order and count, so that ARC's
 * own charts suffice; what we use beyond them stands in lists of its own. Source: spec §12.6, charts.md §2.5, §3.6.
 */
import { GROUP } from "../crds/group.ts";
import type { PolicyRule } from "../kube/types.ts";

const WRITE = ["create", "delete", "get", "list", "patch", "update", "watch"];
const LOOK = ["list", "watch"];
const RBAC_GROUP = "rbac.authorization.k8s.io";

const SUBRESOURCE_VERBS = {
  status: ["get", "patch", "update"],
  finalizers: ["patch", "update"],
} as const;
type Subresource = keyof typeof SUBRESOURCE_VERBS;

/** A kind and its sub-resources, these in the order in which ARC lists them. */
function fullRules(plural: string, subresources: readonly Subresource[]): readonly PolicyRule[] {
  return [
    { apiGroups: [GROUP], resources: [plural], verbs: WRITE },
    ...subresources.map((subresource) => ({
      apiGroups: [GROUP],
      resources: [`${plural}/${subresource}`],
      verbs: SUBRESOURCE_VERBS[subresource],
    })),
  ];
}

function lookRule(apiGroup: string, plural: string): PolicyRule {
  return { apiGroups: [apiGroup], resources: [plural], verbs: LOOK };
}

const RUNNER_SETS = fullRules("autoscalingrunnersets", ["finalizers", "status"]);
const LISTENERS = fullRules("autoscalinglisteners", ["status", "finalizers"]);
const RUNNERS = [
  ...fullRules("ephemeralrunnersets", ["status", "finalizers"]),
  ...fullRules("ephemeralrunners", ["finalizers", "status"]),
];
const CHILDREN = [
  lookRule("", "pods"),
  lookRule("", "serviceaccounts"),
  lookRule(RBAC_GROUP, "rolebindings"),
];
/** `patch` lets go of a manager Role that ARC protected, after the RoleBinding to it has gone. */
const ROLES: PolicyRule = {
  apiGroups: [RBAC_GROUP],
  resources: ["roles"],
  verbs: [...LOOK, "patch"],
};

/** In every namespace, when all are served. */
export const clusterRules: readonly PolicyRule[] = [
  ...RUNNER_SETS,
  ...LISTENERS,
  ...RUNNERS,
  ...CHILDREN,
  ROLES,
];

/** In the controller's own namespace, when a single one is served: listeners live here. */
export const singleNamespaceOwnRules: readonly PolicyRule[] = [
  ...LISTENERS,
  ...CHILDREN,
  lookRule(RBAC_GROUP, "roles"),
  lookRule(GROUP, "autoscalingrunnersets"),
  lookRule(GROUP, "ephemeralrunnersets"),
  lookRule(GROUP, "ephemeralrunners"),
];

/** In the single namespace that is served. */
export const singleNamespaceWatchedRules: readonly PolicyRule[] = [
  ...RUNNER_SETS,
  ...RUNNERS,
  lookRule(GROUP, "autoscalinglisteners"),
  ...CHILDREN,
  ROLES,
];

/** In the controller's own namespace. */
export const ownNamespaceRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["create", "delete", "get"] },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["get"] },
  {
    apiGroups: [""],
    resources: ["secrets"],
    verbs: ["create", "delete", "get", "patch", "update"],
  },
  {
    apiGroups: [""],
    resources: ["serviceaccounts"],
    verbs: ["create", "delete", "get", "patch", "update"],
  },
];

/** In the namespace of each runner set; the scale set's chart renders it. */
export const runnerNamespaceRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["create", "delete", "get"] },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["get"] },
  {
    apiGroups: [""],
    resources: ["secrets"],
    verbs: ["create", "delete", "get", "list", "patch", "update"],
  },
  {
    apiGroups: [""],
    resources: ["serviceaccounts"],
    verbs: ["create", "delete", "get", "list", "patch", "update"],
  },
  {
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["rolebindings"],
    verbs: ["create", "delete", "get", "patch", "update"],
  },
  {
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["roles"],
    verbs: ["create", "delete", "get", "patch", "update"],
  },
];

/** In the namespace of a runner set that names its own server certificate: the ConfigMap with it. */
export const serverCertificateRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] },
];

/**
 * Ours, in the namespace of each runner set: Secrets and ConfigMaps that the spec names are followed, one by one. Without
 * it they are read again as they are needed, and a rotated credential is seen minutes later.
 */
export const documentWatchRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["secrets"], verbs: ["watch"] },
  { apiGroups: [""], resources: ["configmaps"], verbs: LOOK },
];

/** In the controller's own namespace, with leader election. */
export const leaderElectionRules: readonly PolicyRule[] = [
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    verbs: ["get", "watch", "list", "delete", "update", "create"],
  },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
];

/** Ours, wherever we serve: telling users what happened. Without it nothing is told. */
export const eventRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
];

/** Wherever we served, of whoever takes the finalizers off after the controller was uninstalled. */
export const lettingGoRules: readonly PolicyRule[] = [
  {
    apiGroups: [GROUP],
    resources: ["autoscalingrunnersets", "ephemeralrunnersets", "ephemeralrunners"],
    verbs: ["list", "patch"],
  },
];

/** Of the same, in the controller's own namespace: whether a controller is left, and the listeners. */
export const lettingGoOwnRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  { apiGroups: [GROUP], resources: ["autoscalinglisteners"], verbs: ["list", "patch", "delete"] },
];
