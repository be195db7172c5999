/**
 * The simulated kubelet in a real cluster: an ordinary client with an identity like a node's, that may do what scheduler
 * and kubelet must and no more. Knows that identity, not what pods do.
 */
import type { KubeClient } from "../../kube/client.ts";
import type { KubeObject, ObjectKey, PolicyRule, ResourceType } from "../../kube/types.ts";
import { grant, namespaceObject } from "../../sim/world_objects.ts";

export const NODES_ACCOUNT: ObjectKey = { namespace: "simulated-nodes", name: "kubelet" };

const RULES: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["create", "delete"] },
  { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list", "watch", "delete"] },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["patch"] },
  { apiGroups: [""], resources: ["pods/binding"], verbs: ["create"] },
  { apiGroups: [""], resources: ["secrets", "configmaps"], verbs: ["get"] },
  { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
];

/** The account with its rights. */
export function nodesObjects(): readonly KubeObject[] {
  const { namespace, name } = NODES_ACCOUNT;
  return [
    namespaceObject(namespace),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name } },
    ...grant(NODES_ACCOUNT, { name: "simulated-nodes", rules: RULES }),
  ];
}

type TokenRequest = KubeObject & {
  readonly spec: {
    readonly expirationSeconds: number;
    readonly boundObjectRef?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly token: string };
};

/** A token of a ServiceAccount for an hour; one that is bound to a Secret ends with it. */
export async function tokenFor(
  kube: KubeClient,
  { namespace, name }: ObjectKey,
  options: { readonly boundTo?: string } = {},
): Promise<string> {
  const requests: ResourceType<TokenRequest> = {
    group: "",
    version: "v1",
    kind: "TokenRequest",
    plural: `serviceaccounts/${name}/token`,
    namespaced: true,
  };
  const { status } = await kube.create(requests, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    metadata: { namespace },
    spec: {
      expirationSeconds: 3_600,
      ...(options.boundTo !== undefined && {
        boundObjectRef: { apiVersion: "v1", kind: "Secret", name: options.boundTo },
      }),
    },
  });
  return status?.token ?? "";
}
