/** The built-in resources that we use, a row each. Our own kinds are in `crds/`. */
import type {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  Deployment,
  Event,
  Lease,
  LimitRange,
  Namespace,
  Pod,
  ResourceQuota,
  ResourceType,
  Role,
  RoleBinding,
  Secret,
  SelfSubjectAccessReview,
  SelfSubjectReview,
  SelfSubjectRulesReview,
  ServiceAccount,
  SubjectAccessReview,
} from "./types.ts";

const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" };
const CORE = { group: "", version: "v1", namespaced: true };

export const PODS: ResourceType<Pod> = { ...CORE, kind: "Pod", plural: "pods" };
export const SECRETS: ResourceType<Secret> = { ...CORE, kind: "Secret", plural: "secrets" };
export const CONFIG_MAPS: ResourceType<ConfigMap> = {
  ...CORE,
  kind: "ConfigMap",
  plural: "configmaps",
};
export const EVENTS: ResourceType<Event> = { ...CORE, kind: "Event", plural: "events" };
export const SERVICE_ACCOUNTS: ResourceType<ServiceAccount> = {
  ...CORE,
  kind: "ServiceAccount",
  plural: "serviceaccounts",
};
export const NAMESPACES: ResourceType<Namespace> = {
  ...CORE,
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
};
export const ROLES: ResourceType<Role> = {
  ...RBAC,
  kind: "Role",
  plural: "roles",
  namespaced: true,
};
export const ROLE_BINDINGS: ResourceType<RoleBinding> = {
  ...RBAC,
  kind: "RoleBinding",
  plural: "rolebindings",
  namespaced: true,
};
export const CLUSTER_ROLES: ResourceType<ClusterRole> = {
  ...RBAC,
  kind: "ClusterRole",
  plural: "clusterroles",
  namespaced: false,
};
export const CLUSTER_ROLE_BINDINGS: ResourceType<ClusterRoleBinding> = {
  ...RBAC,
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  namespaced: false,
};
export const LEASES: ResourceType<Lease> = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
};
export const DEPLOYMENTS: ResourceType<Deployment> = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
};
export const RESOURCE_QUOTAS: ResourceType<ResourceQuota> = {
  ...CORE,
  kind: "ResourceQuota",
  plural: "resourcequotas",
};
export const LIMIT_RANGES: ResourceType<LimitRange> = {
  ...CORE,
  kind: "LimitRange",
  plural: "limitranges",
};
/** Who we are; since Kubernetes 1.28. */
export const SELF_SUBJECT_REVIEWS: ResourceType<SelfSubjectReview> = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  namespaced: false,
};
/** Whether we may do something; every authenticated user may ask. */
export const SELF_SUBJECT_ACCESS_REVIEWS: ResourceType<SelfSubjectAccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
};
/** Whether somebody else may; administrators may ask. */
export const SUBJECT_ACCESS_REVIEWS: ResourceType<SubjectAccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  namespaced: false,
};
/** Answered, never stored; every authenticated user may ask. */
export const SELF_SUBJECT_RULES_REVIEWS: ResourceType<SelfSubjectRulesReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectRulesReview",
  plural: "selfsubjectrulesreviews",
  namespaced: false,
};
