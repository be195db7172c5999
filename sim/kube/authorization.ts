/** Refuses what a user may not do, in the words of Kubernetes. Knows calls; the rules are `rbac.ts`'s. */
import { type Document, fields, items, text } from "./document.ts";
import { type Call, subjectOf } from "./engine.ts";
import { type Attributes, type Authorizer, type Rule, ruleOf, ruleText } from "./rbac.ts";
import type { RequestInfo } from "./request_info.ts";
import { forbidden, forbiddenPath, Refused } from "./status.ts";
import { type Identity, serviceAccountIdentity } from "./tokens.ts";

const RBAC = "rbac.authorization.k8s.io";

/** What a request asks for; `selected` is the one name that a list or watch is limited to. */
export function attributesOf(info: RequestInfo, selected: string | undefined): Attributes {
  if (info.kind === "path") return { verb: info.verb, path: info.path };
  return {
    verb: info.verb,
    group: info.group,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name || selected || "",
  };
}

/** Throws 403 unless the user may. */
export function checkAccess(
  authorizer: Authorizer,
  identity: Identity,
  wanted: Attributes,
): void {
  if (authorizer.may(identity, wanted)) return;
  if ("path" in wanted) {
    throw forbiddenPath(
      `forbidden: User "${identity.user}" cannot ${wanted.verb} path "${wanted.path}"`,
    );
  }
  const { verb, group, resource, subresource, namespace, name } = wanted;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  throw forbidden(
    { group, plural: resource, name },
    `User "${identity.user}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`,
  );
}

function rulesHandedOut(authorizer: Authorizer, call: Call, document: Document): readonly Rule[] {
  if (call.resource.kind.endsWith("Binding")) return authorizer.boundRules(document);
  return items(document.rules).map(ruleOf);
}

/** The verb that lets a user hand out what they do not hold: `escalate` on the role, `bind` on the bound role. */
function exemption(call: Call, document: Document): Attributes {
  const isBinding = call.resource.kind.endsWith("Binding");
  const ref = fields(document.roleRef);
  const resource = !isBinding
    ? call.resource.plural
    : ref.kind === "ClusterRole"
    ? "clusterroles"
    : "roles";
  return {
    verb: isBinding ? "bind" : "escalate",
    group: RBAC,
    resource,
    subresource: "",
    namespace: call.namespace,
    name: isBinding ? text(ref.name) : document.metadata.name ?? "",
  };
}

/** Throws 403 when a role or binding would give more than its writer holds. */
export function checkEscalation(authorizer: Authorizer, call: Call, document: Document): void {
  if (call.resource.group !== RBAC) return;
  const { identity } = call;
  if (authorizer.may(identity, exemption(call, document))) return;
  const missing = authorizer.missing(
    identity,
    call.namespace,
    rulesHandedOut(authorizer, call, document),
  );
  if (missing.length === 0) return;
  const groups = identity.groups.map((group) => JSON.stringify(group)).join(" ");
  throw forbidden(
    subjectOf(call, document.metadata.name),
    `user "${identity.user}" (groups=[${groups}]) is attempting to grant RBAC permissions not ` +
      `currently held:\n${merged(missing).map(ruleText).join("\n")}`,
  );
}

/** Rules that differ in their verb only, as one. */
function merged(rules: readonly Rule[]): readonly Rule[] {
  const groups = Map.groupBy(rules, (rule) => JSON.stringify({ ...rule, verbs: [] }));
  return [...groups.values()].map((group) => ({
    ...group[0] as Rule,
    verbs: group.flatMap((rule) => rule.verbs),
  }));
}

/**
 * The user that a request acts as (`Impersonate-User`, `Impersonate-Group`), or the refusal; the caller itself when it
 * names nobody.
 */
export function impersonated(
  authorizer: Authorizer,
  request: Request,
  identity: Identity,
): Identity | Refused {
  const user = request.headers.get("impersonate-user");
  if (user === null) return identity;
  const [system, kind, namespace = "", name = ""] = user.split(":");
  const account = system === "system" && kind === "serviceaccount" && name !== ""
    ? { namespace, name }
    : undefined;
  const wanted = {
    verb: "impersonate",
    group: "",
    resource: account ? "serviceaccounts" : "users",
    subresource: "",
    namespace,
    name: account ? name : user,
  };
  try {
    checkAccess(authorizer, identity, account ? wanted : { ...wanted, namespace: "" });
  } catch (thrown) {
    if (thrown instanceof Refused) return thrown;
    throw thrown;
  }
  if (account) return serviceAccountIdentity(account);
  const groups = request.headers.get("impersonate-group")?.split(",").map((one) => one.trim()) ??
    [];
  return { user, groups: [...groups, "system:authenticated"] };
}
