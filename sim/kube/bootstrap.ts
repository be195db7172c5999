/** What a new cluster holds before anybody has made anything: namespaces, and the roles that everybody needs. */
import type { Document } from "./document.ts";

const RBAC = "rbac.authorization.k8s.io";
const RBAC_V1 = `${RBAC}/v1`;

function namespace(name: string): Document {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

function clusterRole(name: string, rules: readonly unknown[]): Document {
  return { apiVersion: RBAC_V1, kind: "ClusterRole", metadata: { name }, rules };
}

function boundTo(name: string, groups: readonly string[]): Document {
  return {
    apiVersion: RBAC_V1,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
    subjects: groups.map((group) => ({ apiGroup: RBAC, kind: "Group", name: group })),
  };
}

const INFO_PATHS = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
const DISCOVERY_PATHS = [
  ...INFO_PATHS,
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
  "/openapi",
  "/openapi/*",
];

/** In the order in which they are made. */
export const FIRST_OBJECTS: readonly Document[] = [
  ...["default", "kube-system", "kube-public", "kube-node-lease"].map(namespace),
  clusterRole("cluster-admin", [
    { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ]),
  boundTo("cluster-admin", ["system:masters"]),
  clusterRole("system:discovery", [{ nonResourceURLs: DISCOVERY_PATHS, verbs: ["get"] }]),
  boundTo("system:discovery", ["system:authenticated"]),
  clusterRole("system:public-info-viewer", [{ nonResourceURLs: INFO_PATHS, verbs: ["get"] }]),
  boundTo("system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]),
  clusterRole("system:basic-user", [
    {
      apiGroups: ["authorization.k8s.io"],
      resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
      verbs: ["create"],
    },
    {
      apiGroups: ["authentication.k8s.io"],
      resources: ["selfsubjectreviews"],
      verbs: ["create"],
    },
  ]),
  boundTo("system:basic-user", ["system:authenticated"]),
];
