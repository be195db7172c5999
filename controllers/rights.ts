/** Which rights a controller-manager needs where, and which of them an account lacks. Pure; the rules are in `rules.ts`. */
import type { PolicyRule } from "../kube/types.ts";
import type { ControllerConfig } from "./config.ts";
import {
  clusterRules,
  ownNamespaceRules,
  singleNamespaceOwnRules,
  singleNamespaceWatchedRules,
} from "./rules.ts";

export interface NeededRights {
  readonly namespace: string;
  /** How the place is called in a sentence. */
  readonly where: string;
  readonly rules: readonly PolicyRule[];
}

const LEASE: PolicyRule = {
  apiGroups: ["coordination.k8s.io"],
  resources: ["leases"],
  verbs: ["get", "create", "update"],
};

/** What is needed before any runner set exists: rights in a set's own namespace come with the set. */
export function neededRights(config: ControllerConfig): readonly NeededRights[] {
  const own = [...ownNamespaceRules, ...(config.leaderElection ? [LEASE] : [])];
  const served = servedNamespaces(config);
  if (served.length === 0) {
    const rules = [...clusterRules, ...own];
    return [{ namespace: config.namespace, where: "the cluster", rules }];
  }
  const others = served.filter((namespace) => namespace !== config.namespace);
  const rulesOf = (namespace: string) => [
    ...(namespace === config.namespace ? [...singleNamespaceOwnRules, ...own] : []),
    ...(others.length === 0 || others.includes(namespace) ? singleNamespaceWatchedRules : []),
  ];
  return served.map((namespace) => ({
    namespace,
    where: `namespace "${namespace}"`,
    rules: rulesOf(namespace),
  }));
}

/** The namespaces that are watched, our own among them: listeners live there. Empty: the whole cluster. */
export function servedNamespaces(config: ControllerConfig): readonly string[] {
  const named = [config.watchSingleNamespace, config.watchNamespace].find((name) => name !== "");
  return named === undefined ? [] : [...new Set([named, config.namespace])];
}

/** Each as "verb, verb resource.group", for a sentence. Grants for single names do not count. */
export function lackingRights(
  needed: readonly PolicyRule[],
  granted: readonly PolicyRule[],
): readonly string[] {
  const lacking = new Map<string, Set<string>>();
  for (const { apiGroups = [], resources = [], verbs } of needed) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        for (const verb of verbs) {
          if (granted.some((rule) => grants(rule, { group, resource, verb }))) continue;
          const name = group === "" ? resource : `${resource}.${group}`;
          lacking.set(name, (lacking.get(name) ?? new Set()).add(verb));
        }
      }
    }
  }
  return [...lacking].map(([name, verbs]) => `${[...verbs].join(", ")} ${name}`);
}

function grants(
  { apiGroups = [], resources = [], verbs, resourceNames = [] }: PolicyRule,
  asked: { readonly group: string; readonly resource: string; readonly verb: string },
): boolean {
  const subresource = /\/.*$/.exec(asked.resource)?.[0] ?? "";
  return resourceNames.length === 0 &&
    [asked.group, "*"].some((group) => apiGroups.includes(group)) &&
    [asked.verb, "*"].some((verb) => verbs.includes(verb)) &&
    [asked.resource, "*", `*${subresource}`].some((resource) => resources.includes(resource));
}
