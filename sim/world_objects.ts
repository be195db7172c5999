/**
 * What a cluster holds before a user's manifests come: our kinds, the controller's identity and rights. Objects only; who
 * applies them, and when, is the world's business.
 */
import { KINDS } from "../crds/kinds.ts";
import { customResourceDefinition } from "../crds/kind.ts";
import { keyOf, keyText, type KubeObject, type ObjectKey, type PolicyRule } from "../kube/types.ts";

/** The identity under which ARC's chart runs the controller when its release is called `arc`. */
export const CONTROLLER: ObjectKey = { namespace: "arc-systems", name: "arc-gha-rs-controller" };

/** Objects in the order in which they can be created: what others need comes first. */
const ORDER = [
  "CustomResourceDefinition",
  "Namespace",
  "ServiceAccount",
  "Secret",
  "ConfigMap",
  "ClusterRole",
  "ClusterRoleBinding",
  "Role",
  "RoleBinding",
];

/** The same objects, ordered by kind; those of one kind keep their order. */
export function inOrder<T extends KubeObject>(objects: readonly T[]): readonly T[] {
  const rank = ({ kind = "" }: KubeObject) => {
    const at = ORDER.indexOf(kind);
    return at < 0 ? ORDER.length : at;
  };
  return objects.toSorted((a, b) => rank(a) - rank(b));
}

/** The namespaces that these objects live in and do not bring along. */
export function missingNamespaces(objects: readonly KubeObject[]): readonly KubeObject[] {
  const brought = objects.filter(({ kind }) => kind === "Namespace").map((object) =>
    keyText(keyOf(object))
  );
  const needed = new Set(objects.map(({ metadata }) => metadata?.namespace ?? ""));
  return [...needed].filter((name) => name !== "" && !brought.includes(name)).map(namespaceObject);
}

/** A namespace without more. */
export function namespaceObject(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** The definitions of our kinds. */
export function kindObjects(): readonly KubeObject[] {
  return KINDS.map(customResourceDefinition);
}

/** What a controller may do: in the whole cluster, and in its own namespace. */
export interface ControllerRights {
  readonly cluster: readonly PolicyRule[];
  readonly ownNamespace: readonly PolicyRule[];
}

/** The namespace of a controller, its ServiceAccount and its rights, as a chart would install them. */
export function controllerObjects(key: ObjectKey, rights: ControllerRights): readonly KubeObject[] {
  return [
    namespaceObject(key.namespace),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...key } },
    ...grant(key, { name: key.name, rules: rights.cluster }),
    ...grant(key, { name: key.name, rules: rights.ownNamespace, namespace: key.namespace }),
  ];
}

/** A role with its binding to a ServiceAccount; without `namespace` in the whole cluster. */
export function grant(
  account: ObjectKey,
  options: {
    readonly name: string;
    readonly rules: readonly PolicyRule[];
    readonly namespace?: string;
  },
): readonly KubeObject[] {
  const { name, rules, namespace } = options;
  const kind = namespace === undefined ? "ClusterRole" : "Role";
  const common = {
    apiVersion: `${RBAC_GROUP}/v1`,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
  const role: KubeObject & Extra = { ...common, kind, rules };
  const binding: KubeObject & Extra = {
    ...common,
    kind: `${kind}Binding`,
    roleRef: { apiGroup: RBAC_GROUP, kind, name },
    subjects: [{ kind: "ServiceAccount", ...account }],
  };
  return [role, binding];
}

const RBAC_GROUP = "rbac.authorization.k8s.io";
type Extra = Readonly<Record<string, unknown>>;
