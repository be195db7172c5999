/**
 * The Secrets that carry proxies to pods, and how containers read them. Pure: what is in them is filled in where they are
 * written. Spec: controllers.md §4.4, §11.1, §11.3.
 */
import { LABELS } from "../crds/group.ts";
import type { ProxyConfig } from "../crds/shared_fields.ts";
import type { EnvVar, ObjectKey, OwnerReference, Secret } from "../kube/types.ts";

/** Each variable only where the spec sets that part. */
export function proxyEnv(proxy: ProxyConfig | undefined, secretName: string): readonly EnvVar[] {
  const fromSecret = (name: string): EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { name: secretName, key: name } },
  });
  return [
    ...(proxy?.http ? [fromSecret("http_proxy")] : []),
    ...(proxy?.https ? [fromSecret("https_proxy")] : []),
    ...((proxy?.noProxy?.length ?? 0) > 0 ? [fromSecret("no_proxy")] : []),
  ];
}

/** Without its data. */
export function desiredProxySecret(
  key: ObjectKey,
  options: { readonly runnerSet: ObjectKey; readonly owner: OwnerReference },
): Secret {
  const { runnerSet, owner } = options;
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...key,
      labels: {
        [LABELS.scaleSetName]: runnerSet.name,
        [LABELS.scaleSetNamespace]: runnerSet.namespace,
      },
      ownerReferences: [owner],
    },
  };
}
