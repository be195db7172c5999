/** Compares what was asked of an API server with what rules allow: as rows of verb, group and resource. Pure. */
import type { PolicyRule } from "../../kube/types.ts";
import type { AuditedRequest } from "./audit_log.ts";

/** Rules that hold in one namespace, or ("*") in all. */
export interface Grant {
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
}

/** "verb resource.group" of every right that a rule gives. */
export function rightsOf(rules: readonly PolicyRule[]): readonly string[] {
  return rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => rightText({ verb, group, resource })))
    )
  );
}

/** The same words for a request. */
export function rightText(
  { verb, group, resource }: Pick<AuditedRequest, "verb" | "group" | "resource">,
): string {
  return `${verb} ${resource}${group === "" ? "" : `.${group}`}`;
}

/** Requests for a resource that no grant covers, as "verb resource.group in namespace", each once. */
export function uncovered(
  requests: readonly AuditedRequest[],
  grants: readonly Grant[],
): readonly string[] {
  const lacking = requests.filter((request) =>
    isResource(request) && !grants.some((grant) => covers(grant, request))
  );
  return [
    ...new Set(lacking.map((one) => `${rightText(one)} in ${one.namespace || "the cluster"}`)),
  ];
}

/** Rights of these rules that no request made use of, as "namespace: verb resource.group", sorted. */
export function unused(
  requests: readonly AuditedRequest[],
  grants: readonly Grant[],
): readonly string[] {
  return [
    ...new Set(grants.flatMap(({ namespace, rules }) => {
      const used = new Set(
        requests.filter((one) => namespace === "*" || one.namespace === namespace).map(rightText),
      );
      return rightsOf(rules).filter((right) => !used.has(right))
        .map((right) => `${namespace}: ${right}`);
    })),
  ].sort();
}

function covers({ namespace, rules }: Grant, request: AuditedRequest): boolean {
  return (namespace === "*" || namespace === request.namespace) &&
    rules.some(({ resourceNames = [], ...rule }) =>
      rightsOf([rule]).includes(rightText(request)) &&
      (resourceNames.length === 0 || request.name === "" || resourceNames.includes(request.name))
    );
}

/** Paths without a resource, and questions about oneself, are everybody's. */
function isResource({ resource, group }: AuditedRequest): boolean {
  return !resource.startsWith("/") && group !== "authorization.k8s.io";
}
