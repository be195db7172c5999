/** The files of a container's mounts by their path in it, as its pod's spec names them. Knows volumes, not where files are kept. */
import type { Container, Pod } from "../../kube/types.ts";
import {
  bytesOf,
  found,
  MissingReference,
  podField,
  type References,
} from "./kubelet_references.ts";

type Volume = NonNullable<NonNullable<Pod["spec"]>["volumes"]>[number];
type Mount = NonNullable<Container["volumeMounts"]>[number];
type Projection = NonNullable<NonNullable<Volume["projected"]>["sources"]>[number];

/** Where containers find the identity of their pod. */
const SERVICE_ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
/** How long a token lives that nobody gave a time, in seconds. */
export const TOKEN_SECONDS = 3607;

/** The volume that the API server's admission adds to every pod that does not refuse it. */
const IDENTITY: Volume = {
  name: "kube-api-access",
  projected: {
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds: TOKEN_SECONDS } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }],
        },
      },
    ],
  },
};

/** The volumes of a pod with their mounts in one container, the identity of the pod included unless it is refused. */
function mountsOf(
  pod: Pod,
  container: Container,
): readonly { readonly volume: Volume; readonly mount: Mount }[] {
  const volumes = new Map((pod.spec?.volumes ?? []).map((volume) => [volume.name, volume]));
  const mounts = (container.volumeMounts ?? []).flatMap((mount) => {
    const volume = volumes.get(mount.name);
    return volume === undefined ? [] : [{ volume, mount }];
  });
  const refused = pod.spec?.automountServiceAccountToken === false ||
    mounts.some(({ mount }) => mount.mountPath === SERVICE_ACCOUNT_PATH);
  const identity = { name: IDENTITY.name, mountPath: SERVICE_ACCOUNT_PATH };
  return refused ? mounts : [...mounts, { volume: IDENTITY, mount: identity }];
}

/** The files of all mounts of a container by their path in it. Throws {@link MissingReference}. */
export async function containerFiles(
  pod: Pod,
  container: Container,
  from: References,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { volume, mount } of mountsOf(pod, container)) {
    const { mountPath, subPath } = mount;
    for (const [path, content] of await volumeFiles(volume, pod, from)) {
      if (subPath === undefined) files.set(`${mountPath.replace(/\/$/, "")}/${path}`, content);
      else if (path === subPath) files.set(mountPath, content);
      else if (path.startsWith(`${subPath}/`)) {
        files.set(mountPath + path.slice(subPath.length), content);
      }
    }
  }
  return files;
}

/** The folders that a container may expect to exist although nothing is in them. */
export function containerFolders(pod: Pod, container: Container): readonly string[] {
  return mountsOf(pod, container).map(({ mount }) => mount)
    .filter(({ subPath }) => subPath === undefined)
    .map(({ mountPath }) => mountPath);
}

type Files = readonly (readonly [path: string, content: Uint8Array])[];

async function volumeFiles(volume: Volume, pod: Pod, from: References): Promise<Files> {
  if (volume.secret !== undefined) {
    const { secretName = "", ...rest } = volume.secret;
    return await projectedFiles({ secret: { name: secretName, ...rest } }, pod, from);
  }
  if (volume.configMap !== undefined) {
    return await projectedFiles({ configMap: volume.configMap }, pod, from);
  }
  if (volume.downwardAPI !== undefined) {
    return await projectedFiles({ downwardAPI: volume.downwardAPI }, pod, from);
  }
  const files: (readonly [string, Uint8Array])[] = [];
  for (const source of volume.projected?.sources ?? []) {
    files.push(...await projectedFiles(source, pod, from));
  }
  return files;
}

async function projectedFiles(source: Projection, pod: Pod, from: References): Promise<Files> {
  const encode = (text: string) => new TextEncoder().encode(text);
  if (source.secret !== undefined) {
    const secret = await found(from, { kind: "secret", ...source.secret });
    const all = Object.entries(secret?.data ?? {});
    return chosen(all.map(([key, data]) => [key, bytesOf(data)]), source.secret);
  }
  if (source.configMap !== undefined) {
    if (source.configMap.name === "kube-root-ca.crt") return [["ca.crt", encode(from.ca)]];
    const map = await found(from, { kind: "configmap", ...source.configMap });
    const all = Object.entries(map?.data ?? {});
    return chosen(all.map(([key, text]) => [key, encode(text)]), source.configMap);
  }
  if (source.serviceAccountToken !== undefined) {
    const { path, audience, expirationSeconds = TOKEN_SECONDS } = source.serviceAccountToken;
    const wish = { seconds: expirationSeconds, ...(audience === undefined ? {} : { audience }) };
    return [[path, encode(await from.token(wish))]];
  }
  return (source.downwardAPI?.items ?? []).map(({ path, fieldRef }) =>
    [path, encode(podField(pod, fieldRef?.fieldPath ?? ""))] as const
  );
}

/** All keys under their own names, or those that `items` names under the paths it gives them. */
function chosen(
  all: Files,
  source: {
    readonly name?: string;
    readonly optional?: boolean;
    readonly items?: readonly { readonly key: string; readonly path: string }[];
  },
): Files {
  if (source.items === undefined) return all;
  const byKey = new Map(all);
  return source.items.flatMap(({ key, path }) => {
    const content = byKey.get(key);
    if (content !== undefined) return [[path, content] as const];
    if (source.optional) return [];
    throw new MissingReference(
      `references non-existent secret or config key "${key}" of "${source.name ?? ""}"`,
    );
  });
}
