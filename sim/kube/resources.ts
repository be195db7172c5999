/** The table of built-in resources. Knows their names and which rules of the API apply to each; knows no object. */
import type { CustomVersion } from "./custom_resources.ts";

/** One resource in one version, built in or defined by a CRD. */
export interface Resource {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** False for objects that live in no namespace. */
  readonly namespaced: boolean;
  /** Status is written through its subresource only; main writes leave it alone. */
  readonly hasStatus: boolean;
  /** Other subresources, e.g. "binding". */
  readonly subresources: readonly string[];
  /** `metadata.generation` counts changes of everything but metadata and status. */
  readonly hasGeneration: boolean;
  /** An update without `resourceVersion` replaces whatever is stored. */
  readonly unconditionalUpdate: boolean;
  /** A delete that removed the object answers with the object instead of a Status. */
  readonly returnsDeleted: boolean;
  /** Reviews answer a question and store nothing. */
  readonly review: boolean;
  /** Schema and columns of a resource that a CRD defines. */
  readonly custom?: CustomVersion;
}

interface Row {
  readonly kind: string;
  readonly plural: string;
  readonly group?: string;
  readonly version?: string;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: true;
  readonly status?: true;
  readonly generation?: true;
  readonly conditional?: true;
  readonly returnsDeleted?: true;
  readonly review?: true;
  readonly subresources?: readonly string[];
}

const APPS = "apps";
const RBAC = "rbac.authorization.k8s.io";
const ALL = { categories: ["all"] };

const ROWS: readonly Row[] = [
  {
    kind: "Pod",
    plural: "pods",
    short: ["po"],
    ...ALL,
    status: true,
    generation: true,
    returnsDeleted: true,
    subresources: ["binding", "eviction"],
  },
  { kind: "Secret", plural: "secrets" },
  { kind: "ConfigMap", plural: "configmaps", short: ["cm"] },
  {
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    short: ["sa"],
    returnsDeleted: true,
    subresources: ["token"],
  },
  {
    kind: "Namespace",
    plural: "namespaces",
    short: ["ns"],
    cluster: true,
    status: true,
    returnsDeleted: true,
    subresources: ["finalize"],
  },
  { kind: "Node", plural: "nodes", short: ["no"], cluster: true, status: true },
  { kind: "Event", plural: "events", short: ["ev"] },
  {
    kind: "Service",
    plural: "services",
    short: ["svc"],
    ...ALL,
    status: true,
    returnsDeleted: true,
  },
  { kind: "Endpoints", plural: "endpoints", short: ["ep"] },
  {
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    short: ["pvc"],
    status: true,
    returnsDeleted: true,
  },
  {
    kind: "ResourceQuota",
    plural: "resourcequotas",
    short: ["quota"],
    status: true,
    returnsDeleted: true,
  },
  { kind: "LimitRange", plural: "limitranges", short: ["limits"] },
  {
    group: APPS,
    kind: "Deployment",
    plural: "deployments",
    short: ["deploy"],
    ...ALL,
    status: true,
    generation: true,
  },
  {
    group: APPS,
    kind: "ReplicaSet",
    plural: "replicasets",
    short: ["rs"],
    ...ALL,
    status: true,
    generation: true,
  },
  {
    group: APPS,
    kind: "StatefulSet",
    plural: "statefulsets",
    short: ["sts"],
    ...ALL,
    status: true,
    generation: true,
  },
  {
    group: APPS,
    kind: "DaemonSet",
    plural: "daemonsets",
    short: ["ds"],
    ...ALL,
    status: true,
    generation: true,
  },
  { group: "batch", kind: "Job", plural: "jobs", ...ALL, status: true, generation: true },
  { group: RBAC, kind: "Role", plural: "roles" },
  { group: RBAC, kind: "RoleBinding", plural: "rolebindings" },
  { group: RBAC, kind: "ClusterRole", plural: "clusterroles", cluster: true },
  { group: RBAC, kind: "ClusterRoleBinding", plural: "clusterrolebindings", cluster: true },
  { group: "coordination.k8s.io", kind: "Lease", plural: "leases", conditional: true },
  {
    group: "policy",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    short: ["pdb"],
    status: true,
    generation: true,
  },
  {
    group: "scheduling.k8s.io",
    kind: "PriorityClass",
    plural: "priorityclasses",
    short: ["pc"],
    cluster: true,
  },
  {
    group: "apiextensions.k8s.io",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    short: ["crd", "crds"],
    categories: ["api-extensions"],
    cluster: true,
    status: true,
    generation: true,
    conditional: true,
  },
  {
    group: "authorization.k8s.io",
    kind: "SelfSubjectAccessReview",
    plural: "selfsubjectaccessreviews",
    cluster: true,
    review: true,
  },
  {
    group: "authorization.k8s.io",
    kind: "SelfSubjectRulesReview",
    plural: "selfsubjectrulesreviews",
    cluster: true,
    review: true,
  },
  {
    group: "authorization.k8s.io",
    kind: "SubjectAccessReview",
    plural: "subjectaccessreviews",
    cluster: true,
    review: true,
  },
  {
    group: "authentication.k8s.io",
    kind: "TokenReview",
    plural: "tokenreviews",
    cluster: true,
    review: true,
  },
  {
    group: "authentication.k8s.io",
    kind: "SelfSubjectReview",
    plural: "selfsubjectreviews",
    cluster: true,
    review: true,
  },
];

/** All built-in resources, one per kind and version. */
export const BUILT_INS: readonly Resource[] = ROWS.map((row) => ({
  group: row.group ?? "",
  version: row.version ?? "v1",
  kind: row.kind,
  plural: row.plural,
  singular: row.kind.toLowerCase(),
  shortNames: row.short ?? [],
  categories: row.categories ?? [],
  namespaced: row.cluster !== true,
  hasStatus: row.status === true,
  subresources: row.subresources ?? [],
  hasGeneration: row.generation === true,
  unconditionalUpdate: row.conditional !== true,
  returnsDeleted: row.returnsDeleted === true,
  review: row.review === true,
}));

/** The verbs that a resource answers to, in the order of discovery. */
export function verbsOf(resource: Resource): readonly string[] {
  if (resource.review) return ["create"];
  return ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
}
