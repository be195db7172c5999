/** What the server says of itself: groups, versions, resources. Pure. */
import { apiVersionText, type Fields } from "./document.ts";
import { type Resource, verbsOf } from "./resources.ts";

/** The release that this server behaves like. */
export const VERSION: Fields = {
  major: "1",
  minor: "34",
  gitVersion: "v1.34.0+longshore-sim",
  gitCommit: "0000000000000000000000000000000000000000",
  gitTreeState: "clean",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "deno",
  platform: "linux/amd64",
};

function isFor(resource: Resource, subresource: string): Fields {
  const special: Readonly<Record<string, Fields>> = {
    binding: { group: "", version: "v1", kind: "Binding", verbs: ["create"] },
    eviction: { group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] },
    token: {
      group: "authentication.k8s.io",
      version: "v1",
      kind: "TokenRequest",
      verbs: ["create"],
    },
    finalize: { kind: resource.kind, verbs: ["update"] },
  };
  return special[subresource] ?? { kind: resource.kind, verbs: ["get", "patch", "update"] };
}

function rowsOf(resource: Resource): readonly Fields[] {
  const { plural, namespaced, kind, singular, shortNames, categories } = resource;
  const subresources = [...resource.hasStatus ? ["status"] : [], ...resource.subresources];
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: verbsOf(resource),
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
    },
    ...subresources.map((subresource) => ({
      name: `${plural}/${subresource}`,
      singularName: "",
      namespaced,
      ...isFor(resource, subresource),
    })),
  ];
}

/** `/api/v1`, `/apis/<group>/<version>`; `undefined` for a version that is not served. */
export function resourceList(
  resources: readonly Resource[],
  group: string,
  version: string,
): Fields | undefined {
  const own = resources.filter((one) => one.group === group && one.version === version);
  if (own.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: apiVersionText(group, version),
    resources: own.flatMap(rowsOf),
  };
}

function groupOf(name: string, resources: readonly Resource[]): Fields {
  const versions = [...new Set(resources.map((resource) => resource.version))]
    .map((version) => ({ groupVersion: apiVersionText(name, version), version }));
  return { name, versions, preferredVersion: versions[0] };
}

/** `/apis/<group>`; `undefined` for a group that is not served. */
export function groupDocument(resources: readonly Resource[], name: string): Fields | undefined {
  const own = resources.filter((resource) => resource.group === name && name !== "");
  if (own.length === 0) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...groupOf(name, own) };
}

/** `/apis`. */
export function groupList(resources: readonly Resource[]): Fields {
  const byGroup = Map.groupBy(
    resources.filter((resource) => resource.group !== ""),
    (resource) => resource.group,
  );
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: [...byGroup].map(([name, own]) => groupOf(name, own)),
  };
}

/** `/api`. */
export const CORE_VERSIONS: Fields = {
  kind: "APIVersions",
  versions: ["v1"],
  serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "127.0.0.1" }],
};
