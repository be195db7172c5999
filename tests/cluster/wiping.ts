/** Removes what a journey left behind, by force, so that the next one begins in an empty cluster. Knows no story. */
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { keyOf, type KubeObject, type ResourceType } from "../../kube/types.ts";
import { eventually } from "./eventually.ts";
import { type Mirror, MIRRORED } from "./mirror.ts";

const AT_A_TIME = 40;

/** Returns when the mirror shows nothing but namespaces and what every namespace has. */
export async function wipe(kube: KubeClient, mirror: Mirror): Promise<void> {
  await eventually("the cluster to be empty", async () => {
    const left = MIRRORED.flatMap((type) =>
      mirror.stored(type as ResourceType<KubeObject>).filter(goes).map((object) => ({
        type: type as ResourceType<KubeObject>,
        object,
      }))
    );
    if (left.length === 0) return true;
    for (let at = 0; at < left.length; at += AT_A_TIME) {
      await Promise.all(
        left.slice(at, at + AT_A_TIME).map(({ type, object }) => remove(kube, type, object)),
      );
    }
    return undefined;
  });
}

/** What a namespace cannot be without stays, and so do namespaces. */
function goes({ kind, metadata }: KubeObject): boolean {
  if (kind === "Namespace") return false;
  return !(kind === "ServiceAccount" && metadata?.name === "default");
}

async function remove(
  kube: KubeClient,
  type: ResourceType<KubeObject>,
  object: KubeObject,
): Promise<void> {
  const key = keyOf(object);
  const { uid, finalizers = [] } = object.metadata ?? {};
  try {
    if (finalizers.length > 0) await kube.patch(type, key, { metadata: { uid, finalizers: null } });
    await kube.delete(type, key, { uid, gracePeriodSeconds: 0, propagation: "Background" });
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown; // else it is gone, or tried again
  }
}
