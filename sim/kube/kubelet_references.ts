/**
 * How a pod refers to something else: Secrets, ConfigMaps, its own fields, its identity. Knows what is missing means, not
 * where the objects come from.
 */
import type { ConfigMap, Pod, Secret } from "../../kube/types.ts";

/** Reads what pods refer to, in the pod's namespace. `undefined`: there is no such object. */
export interface References {
  secret(name: string): Promise<Secret | undefined>;
  configMap(name: string): Promise<ConfigMap | undefined>;
  /** A token of the pod's service account, bound to the pod. */
  token(request: { readonly audience?: string; readonly seconds: number }): Promise<string>;
  /** PEM of the cluster's authority; empty when the world has no TLS. */
  readonly ca: string;
}

/** Something the spec refers to is not there (yet): the container waits with reason CreateContainerConfigError. */
export class MissingReference extends Error {
  override readonly name = "MissingReference";
}

export interface Reference {
  readonly name?: string;
  readonly optional?: boolean;
}

/** The object referred to. `undefined` only for an optional reference; else throws {@link MissingReference}. */
export function found(
  from: References,
  reference: Reference & { readonly kind: "secret" },
): Promise<Secret | undefined>;
export function found(
  from: References,
  reference: Reference & { readonly kind: "configmap" },
): Promise<ConfigMap | undefined>;
export async function found(
  from: References,
  reference: Reference & { readonly kind: "secret" | "configmap" },
): Promise<Secret | ConfigMap | undefined> {
  const { kind, name = "", optional } = reference;
  const object = kind === "secret" ? await from.secret(name) : await from.configMap(name);
  if (object === undefined && !optional) throw new MissingReference(`${kind} "${name}" not found`);
  return object;
}

/** What a Secret holds under a key. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const MAP_FIELD = /^metadata\.(labels|annotations)\['(.+)'\]$/;

/** What the downward API tells. Unknown paths, and fields without a value, are empty. */
export function podField(pod: Pod, path: string): string {
  const map = MAP_FIELD.exec(path);
  if (map !== null) {
    return pod.metadata?.[map[1] as "labels" | "annotations"]?.[map[2] as string] ?? "";
  }
  const fields: Readonly<Record<string, string | undefined>> = {
    "metadata.name": pod.metadata?.name,
    "metadata.namespace": pod.metadata?.namespace,
    "metadata.uid": pod.metadata?.uid,
    "spec.nodeName": pod.spec?.nodeName,
    "spec.serviceAccountName": pod.spec?.serviceAccountName,
    "status.hostIP": pod.status?.hostIP,
    "status.podIP": pod.status?.podIP,
  };
  return fields[path] ?? "";
}
