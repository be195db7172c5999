/** Role-based access: which rules a user holds, whether they allow a call, and whether one may hand rules on. */
import { type Document, type Fields, fields, isFields, items, text } from "./document.ts";
import type { ShelfName, Store } from "./store.ts";
import type { Identity } from "./tokens.ts";
import { objectSelector } from "./selectors.ts";

const GROUP = "rbac.authorization.k8s.io";
const ROLES: ShelfName = { group: GROUP, plural: "roles" };
const CLUSTER_ROLES: ShelfName = { group: GROUP, plural: "clusterroles" };
const ROLE_BINDINGS: ShelfName = { group: GROUP, plural: "rolebindings" };
const CLUSTER_ROLE_BINDINGS: ShelfName = { group: GROUP, plural: "clusterrolebindings" };

/** One rule of a role, every member present. */
export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  /** Plurals, with a subresource after "/". */
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** What a user wants to do. */
export type Attributes =
  | {
    readonly verb: string;
    readonly group: string;
    readonly resource: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  }
  | { readonly verb: string; readonly path: string };

function texts(value: unknown): readonly string[] {
  return items(value).map(String);
}

/** A rule as stored, with absent members empty. */
export function ruleOf(value: unknown): Rule {
  const rule = fields(value);
  return {
    verbs: texts(rule.verbs),
    apiGroups: texts(rule.apiGroups),
    resources: texts(rule.resources),
    resourceNames: texts(rule.resourceNames),
    nonResourceURLs: texts(rule.nonResourceURLs),
  };
}

function has(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}

function hasResource(rule: Rule, resource: string, subresource: string): boolean {
  if (subresource === "") return has(rule.resources, resource);
  return has(rule.resources, `${resource}/${subresource}`) ||
    rule.resources.includes(`*/${subresource}`);
}

/** Whether one rule allows it. */
export function allows(rule: Rule, wanted: Attributes): boolean {
  if (!has(rule.verbs, wanted.verb)) return false;
  if ("path" in wanted) {
    return rule.nonResourceURLs.some((url) =>
      url === "*" || url === wanted.path ||
      (url.endsWith("*") && wanted.path.startsWith(url.slice(0, -1)))
    );
  }
  return has(rule.apiGroups, wanted.group) &&
    hasResource(rule, wanted.resource, wanted.subresource) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(wanted.name));
}

function appliesTo(subject: Fields, identity: Identity, namespace: string): boolean {
  const name = text(subject.name);
  if (subject.kind === "User") return name === identity.user;
  if (subject.kind === "Group") return identity.groups.includes(name);
  const home = text(subject.namespace) || namespace;
  return subject.kind === "ServiceAccount" &&
    identity.user === `system:serviceaccount:${home}:${name}`;
}

function namespaceOf(wanted: Attributes): string {
  return "path" in wanted ? "" : wanted.namespace;
}

/** Decides by the stored roles and bindings; what it works out is kept until one of them changes. */
export class Authorizer {
  readonly #store: Store;
  readonly #known = new Map<string, readonly Rule[]>();

  constructor(store: Store) {
    this.#store = store;
    store.onChange(({ shelf }) => {
      if (shelf.group === GROUP) this.#known.clear();
    });
  }

  /** `system:masters` may do everything. */
  isMaster(identity: Identity): boolean {
    return identity.groups.includes("system:masters");
  }

  may(identity: Identity, wanted: Attributes): boolean {
    if (this.isMaster(identity)) return true;
    return this.rules(identity, namespaceOf(wanted)).some((rule) => allows(rule, wanted));
  }

  /**
   * Which binding allows it, as reviews say it: `RoleBinding "b/ns" of Role "r" to User "u"`. `undefined` where nothing
   * does, and for masters, who need none.
   */
  grant(identity: Identity, wanted: Attributes): string | undefined {
    if (this.isMaster(identity)) return undefined;
    for (const { binding, subject } of this.#bindings(identity, namespaceOf(wanted))) {
      if (!this.boundRules(binding).some((rule) => allows(rule, wanted))) continue;
      const { kind, name } = fields(binding.roleRef);
      const { namespace } = binding.metadata;
      const bound = [binding.metadata.name, namespace].filter(Boolean).join("/");
      const home = subject.kind === "ServiceAccount"
        ? `/${text(subject.namespace) || namespace}`
        : "";
      return `${binding.kind} "${bound}" of ${kind} "${name}" to ${subject.kind} ` +
        `"${subject.name}${home}"`;
    }
    return undefined;
  }

  /** Those that name the user, each with the subject by which it does. */
  #bindings(identity: Identity, namespace: string) {
    const bindings = [
      ...this.#store.shelf(CLUSTER_ROLE_BINDINGS).list(),
      ...(namespace === "" ? [] : this.#store.shelf(ROLE_BINDINGS).list(namespace)),
    ];
    return bindings.flatMap((binding) => {
      const subject = items(binding.subjects).map(fields).find((one) =>
        appliesTo(one, identity, binding.metadata.namespace ?? "")
      );
      return subject === undefined ? [] : [{ binding, subject }];
    });
  }

  /** The rules that hold for a user in a namespace ("" for the cluster). */
  rules(identity: Identity, namespace: string): readonly Rule[] {
    const id = `${identity.user}\n${identity.groups.join(",")}\n${namespace}`;
    const known = this.#known.get(id);
    if (known) return known;
    const rules = this.#bindings(identity, namespace)
      .flatMap(({ binding }) => this.boundRules(binding));
    this.#known.set(id, rules);
    return rules;
  }

  /** The rules that a binding hands out; none when its role is missing. */
  boundRules(binding: Document): readonly Rule[] {
    const { kind, name } = fields(binding.roleRef);
    const role = kind === "ClusterRole"
      ? this.#store.shelf(CLUSTER_ROLES).get({ namespace: "", name: text(name) })
      : this.#store.shelf(ROLES).get({
        namespace: binding.metadata.namespace ?? "",
        name: text(name),
      });
    return role ? this.rulesOf(role) : [];
  }

  /** The rules of a role, with those of the roles that it aggregates. */
  rulesOf(role: Document): readonly Rule[] {
    const own = items(role.rules).map(ruleOf);
    const aggregation = fields(role.aggregationRule);
    if (!isFields(role.aggregationRule)) return own;
    const selectors = items(aggregation.clusterRoleSelectors).map(fields).map(objectSelector);
    const others = this.#store.shelf(CLUSTER_ROLES).list().filter((other) =>
      other.metadata.name !== role.metadata.name && selectors.some((matches) => matches(other))
    );
    return [...own, ...others.flatMap((other) => items(other.rules).map(ruleOf))];
  }

  /** The part of `rules` that the user does not hold in the namespace. */
  missing(identity: Identity, namespace: string, rules: readonly Rule[]): readonly Rule[] {
    if (this.isMaster(identity)) return [];
    const held = this.rules(identity, namespace);
    return rules.flatMap(singleRules).filter((rule) => !held.some((own) => covers(own, rule)));
  }
}

/** The rule taken apart into rules with one verb, one group and one resource each. */
function singleRules(rule: Rule): readonly Rule[] {
  const none = {
    apiGroups: [],
    resources: [],
    resourceNames: [],
    nonResourceURLs: [],
  };
  const names = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((name) => [name]);
  return rule.verbs.flatMap((verb) => [
    ...rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((resource) =>
        names.map((resourceNames) => ({
          ...none,
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          resourceNames,
        }))
      )
    ),
    ...rule.nonResourceURLs.map((url) => ({ ...none, verbs: [verb], nonResourceURLs: [url] })),
  ]);
}

/** Whether `own` allows all that a single rule allows. */
function covers(own: Rule, single: Rule): boolean {
  const [verb = ""] = single.verbs;
  if (!has(own.verbs, verb)) return false;
  const [url] = single.nonResourceURLs;
  if (url !== undefined) return allows(own, { verb, path: url.replace(/\*$/, "") });
  const [group = ""] = single.apiGroups;
  const [resource = "", subresource = ""] = (single.resources[0] ?? "").split("/");
  const [name] = single.resourceNames;
  return has(own.apiGroups, group) && hasResource(own, resource, subresource) &&
    (own.resourceNames.length === 0 || (name !== undefined && own.resourceNames.includes(name)));
}

/** A rule as refusals print it. */
export function ruleText(rule: Rule): string {
  const parts = ([
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["ResourceNames", rule.resourceNames],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["Verbs", rule.verbs],
  ] as const).filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${name}:[${list.map((one) => JSON.stringify(one)).join(" ")}]`);
  return `{${parts.join(", ")}}`;
}
