/** Where a pod's references lead: Secrets, ConfigMaps and tokens, asked from the API as its node. */
import type { Clock } from "../../lib/clock.ts";
import type { KubeClient } from "../../kube/client.ts";
import { CONFIG_MAPS, SECRETS } from "../../kube/resources.ts";
import type { KubeObject, Pod, ResourceType } from "../../kube/types.ts";
import type { References } from "./kubelet_references.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
type TokenRequest = KubeObject & {
  readonly spec: {
    readonly audiences?: readonly string[];
    readonly expirationSeconds: number;
    readonly boundObjectRef: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
};

/** A token is renewed when this share of its life is over, as the kubelet does. */
const RENEW_AT = 0.8;

/** One for the life of a pod: tokens are kept until they should be renewed. */
export function referencesOf(
  pod: Pod,
  world: { readonly kube: KubeClient; readonly clock: Clock; readonly ca: string },
): References {
  const { kube, clock, ca } = world;
  const { namespace = "", name: podName = "", uid = "" } = pod.metadata ?? {};
  const tokens = new Map<string, { readonly text: string; readonly renewAtMs: number }>();
  return {
    ca,
    secret: (name) => kube.get(SECRETS, { namespace, name }),
    configMap: (name) => kube.get(CONFIG_MAPS, { namespace, name }),
    token: async ({ audience, seconds }) => {
      const held = tokens.get(audience ?? "");
      const nowMs = clock.now().getTime();
      if (held !== undefined && nowMs < held.renewAtMs) return held.text;
      const answer = await kube.create(tokensOf(pod.spec?.serviceAccountName ?? "default"), {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        metadata: { namespace },
        spec: {
          ...(audience === undefined ? {} : { audiences: [audience] }),
          expirationSeconds: seconds,
          boundObjectRef: { apiVersion: "v1", kind: "Pod", name: podName, uid },
        },
      });
      const text = answer.status?.token ?? "";
      tokens.set(audience ?? "", { text, renewAtMs: nowMs + seconds * 1_000 * RENEW_AT });
      return text;
    },
  };
}

/** The subresource that issues tokens, as a place where they are created. */
function tokensOf(serviceAccount: string): ResourceType<TokenRequest> {
  return {
    group: "",
    version: "v1",
    kind: "TokenRequest",
    plural: `serviceaccounts/${serviceAccount}/token`,
    namespaced: true,
  };
}
