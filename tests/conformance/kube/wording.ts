/** Short words for claims: paths, small objects, and what a refusal must look like. */
import assert from "node:assert/strict";
import type { Answer, ApiUnderTest, Rule } from "./api_under_test.ts";
import { WIDGET_API } from "./widgets.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const ROOTS: Readonly<Record<string, string>> = {
  gadgets: `/apis/${WIDGET_API}`,
  ephemeralrunners: "/apis/actions.github.com/v1alpha1",
  ephemeralrunnersets: "/apis/actions.github.com/v1alpha1",
  autoscalingrunnersets: "/apis/actions.github.com/v1alpha1",
  leases: "/apis/coordination.k8s.io/v1",
  rolebindings: RBAC,
  roles: RBAC,
  widgets: `/apis/${WIDGET_API}`,
};

export const MERGE = "application/merge-patch+json";
export const JSON_PATCH = "application/json-patch+json";
export const STRATEGIC = "application/strategic-merge-patch+json";
export const APPLY = "application/apply-patch+yaml";

/** The path of a resource in the claim's namespace; `rest` is a name, or a name and a subresource. */
export function at(api: ApiUnderTest, plural: string, rest = ""): string {
  const root = ROOTS[plural] ?? "/api/v1";
  const tail = rest === "" || rest.startsWith("?") ? rest : `/${rest}`;
  return `${root}/namespaces/${api.namespace}/${plural}${tail}`;
}

type Fields = Readonly<Record<string, unknown>>;

/** A ConfigMap body. */
export function aMap(name: string, more: Fields = {}, metadata: Fields = {}): Fields {
  return { metadata: { name, ...metadata }, ...more };
}

/** A Widget body. */
export function aWidget(name: string, spec: Fields = {}, metadata: Fields = {}): Fields {
  return { apiVersion: WIDGET_API, kind: "Widget", metadata: { name, ...metadata }, spec };
}

/** A pod that the server accepts. */
export function aPod(name: string, spec: Fields = {}, metadata: Fields = {}): Fields {
  return {
    metadata: { name, ...metadata },
    spec: { containers: [{ name: "main", image: "busybox:1" }], ...spec },
  };
}

/** Creates and returns what is stored. */
// deno-lint-ignore no-explicit-any
export async function make(api: ApiUnderTest, plural: string, body: Fields): Promise<any> {
  return await api.done("POST", at(api, plural), { body });
}

/** What is stored now. */
// deno-lint-ignore no-explicit-any
export async function read(api: ApiUnderTest, plural: string, name: string): Promise<any> {
  return await api.done("GET", at(api, plural, name));
}

/** A merge patch, and what is stored then. */
export async function change(
  api: ApiUnderTest,
  plural: string,
  { name, patch }: { readonly name: string; readonly patch: unknown },
  // deno-lint-ignore no-explicit-any
): Promise<any> {
  return await api.done("PATCH", at(api, plural, name), { body: patch, type: MERGE });
}

/** What a refusal must be; only what is named is compared. */
export interface Refusal {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string | RegExp;
  readonly details?: Fields;
}

/** Asserts that the answer is a `Status` that refuses as `wanted`. */
export function assertRefused(answer: Answer, wanted: Refusal): void {
  const { body } = answer;
  const seen = `${answer.code} ${JSON.stringify(body)}`;
  assert.equal(answer.code, wanted.code, seen);
  assert.equal(body.kind, "Status", seen);
  assert.equal(body.apiVersion, "v1", seen);
  assert.equal(body.status, "Failure", seen);
  assert.equal(body.code, wanted.code, seen);
  if (wanted.reason !== undefined) assert.equal(body.reason, wanted.reason, seen);
  if (typeof wanted.message === "string") assert.equal(body.message, wanted.message);
  if (wanted.message instanceof RegExp) assert.match(body.message, wanted.message);
  if (wanted.details !== undefined) assert.deepEqual(body.details, wanted.details);
}

/** An owner reference to a stored object. */
export function ownedBy(
  owner: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly uid: string };
  },
  more: Fields = {},
): { readonly ownerReferences: readonly Fields[] } {
  const { apiVersion, kind, metadata: { name, uid } } = owner;
  return { ownerReferences: [{ apiVersion, kind, name, uid, ...more }] };
}

/** A ServiceAccount with these rules in the claim's namespace; its token. */
export async function anAccount(
  api: ApiUnderTest,
  name: string,
  rules: readonly Rule[] = [],
): Promise<string> {
  await make(api, "serviceaccounts", { metadata: { name } });
  if (rules.length > 0) {
    await make(api, "roles", { metadata: { name }, rules });
    await make(api, "rolebindings", {
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: api.namespace }],
    });
  }
  const path = at(api, "serviceaccounts", `${name}/token`);
  const { status } = await api.done("POST", path, { body: { spec: { expirationSeconds: 3600 } } });
  return status.token;
}

/** The user that a ServiceAccount of the claim is. */
export function userOf(api: ApiUnderTest, account: string): string {
  return `system:serviceaccount:${api.namespace}:${account}`;
}
