/** Claims about RBAC: what is denied and in which words, names, escalation, reviews. */
import assert from "node:assert/strict";
import { eventually } from "../../../cluster/eventually.ts";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import {
  aMap,
  anAccount,
  APPLY,
  assertRefused,
  at,
  aWidget,
  make,
  MERGE,
  read,
  userOf,
} from "../wording.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const CORE = { apiGroups: [""] };

/** Rules reach the authorizer a moment after they are written. */
async function onceAllowed(api: ApiUnderTest, path: string, token: string): Promise<void> {
  await eventually(`${path} to be allowed`, async () => {
    const { code } = await api.call("GET", path, { token });
    return code === 200 ? true : undefined;
  });
}

export const PERMISSIONS: readonly Claim[] = [
  {
    says: "a denial names user, verb, resource, group and namespace",
    holds: async (api) => {
      const token = await anAccount(api, "nobody");
      const user = userOf(api, "nobody");
      assertRefused(await api.call("GET", at(api, "pods"), { token }), {
        code: 403,
        reason: "Forbidden",
        message:
          `pods is forbidden: User "${user}" cannot list resource "pods" in API group "" in ` +
          `the namespace "${api.namespace}"`,
        details: { kind: "pods" },
      });
      assertRefused(await api.call("GET", at(api, "widgets", "a"), { token }), {
        code: 403,
        reason: "Forbidden",
        message:
          `widgets.conformance.longshore.dev "a" is forbidden: User "${user}" cannot get resource ` +
          `"widgets" in API group "conformance.longshore.dev" in the namespace "${api.namespace}"`,
        details: { name: "a", group: "conformance.longshore.dev", kind: "widgets" },
      });
    },
  },
  {
    says: "a denial of every verb is worded alike",
    holds: async (api) => {
      const token = await anAccount(api, "nobody");
      const patch = { body: {}, type: MERGE };
      const rows = [
        ["create", "POST", "", { body: aMap("a") }],
        ["update", "PUT", "a", { body: aMap("a") }],
        ["patch", "PATCH", "a", patch],
        ["delete", "DELETE", "a", {}],
        ["deletecollection", "DELETE", "", {}],
        ["watch", "GET", "?watch=true&timeoutSeconds=1", {}],
      ] as const;
      for (const [verb, method, rest, options] of rows) {
        const answer = await api.call(method, at(api, "configmaps", rest), { ...options, token });
        const named = rest === "a" ? ' "a"' : "";
        assertRefused(answer, {
          code: 403,
          message:
            `configmaps${named} is forbidden: User "${userOf(api, "nobody")}" cannot ${verb} ` +
            `resource "configmaps" in API group "" in the namespace "${api.namespace}"`,
        });
      }
    },
  },
  {
    says: "a denial in the whole cluster says so",
    holds: async (api) => {
      const token = await anAccount(api, "nobody");
      const user = userOf(api, "nobody");
      assertRefused(await api.call("GET", "/api/v1/pods", { token }), {
        code: 403,
        message:
          `pods is forbidden: User "${user}" cannot list resource "pods" in API group "" at ` +
          "the cluster scope",
      });
      assertRefused(await api.call("GET", `${RBAC}/clusterroles/x`, { token }), {
        code: 403,
        message:
          `clusterroles.rbac.authorization.k8s.io "x" is forbidden: User "${user}" cannot get ` +
          'resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope',
      });
    },
  },
  {
    says: "a denial of a path names the path",
    holds: async (api) => {
      const token = await anAccount(api, "nobody");
      assertRefused(await api.call("GET", "/metrics", { token }), {
        code: 403,
        reason: "Forbidden",
        message: `forbidden: User "${userOf(api, "nobody")}" cannot get path "/metrics"`,
      });
    },
  },
  {
    says: "a status needs a permission of its own",
    holds: async (api) => {
      const groups = { apiGroups: ["conformance.longshore.dev"] };
      const token = await anAccount(api, "half", [
        { ...groups, resources: ["widgets"], verbs: ["*"] },
      ]);
      await onceAllowed(api, at(api, "widgets"), token);
      await make(api, "widgets", aWidget("a"));
      const body = { status: { phase: "X" } };
      assertRefused(
        await api.call("PATCH", at(api, "widgets", "a/status"), { body, type: MERGE, token }),
        {
          code: 403,
          message: `widgets.conformance.longshore.dev "a" is forbidden: User ` +
            `"${userOf(api, "half")}" cannot patch resource "widgets/status" in API group ` +
            `"conformance.longshore.dev" in the namespace "${api.namespace}"`,
        },
      );
    },
  },
  {
    says: "a role by name allows that object, and lists and watches selected by that name",
    holds: async (api) => {
      await make(api, "configmaps", aMap("mine"));
      await make(api, "configmaps", aMap("other"));
      const token = await anAccount(api, "named", [{
        ...CORE,
        resources: ["configmaps"],
        resourceNames: ["mine"],
        verbs: ["get", "list", "watch", "patch"],
      }]);
      const path = (rest: string) => at(api, "configmaps", rest);
      await onceAllowed(api, path("mine"), token);
      assert.equal((await api.call("GET", path("other"), { token })).code, 403);
      assert.equal((await api.call("GET", path(""), { token })).code, 403);
      const selected = "?fieldSelector=metadata.name%3Dmine";
      const list = await api.done("GET", path(selected), { token });
      assert.equal(list.items.length, 1);
      await using watch = await api.watch(
        path(`${selected}&resourceVersion=${list.metadata.resourceVersion}`),
        { token },
      );
      const body = { data: { k: "v" } };
      await api.done("PATCH", path("mine"), { body, type: MERGE, token });
      await watch.until((events) => events.length >= 1);
      const wrong = "?fieldSelector=metadata.name%3Dother";
      assert.equal((await api.call("GET", path(wrong), { token })).code, 403);
    },
  },
  {
    says: "a create cannot be allowed by name",
    holds: async (api) => {
      const token = await anAccount(api, "named", [{
        ...CORE,
        resources: ["configmaps"],
        resourceNames: ["mine"],
        verbs: ["get", "create"],
      }]);
      await make(api, "configmaps", aMap("mine"));
      await onceAllowed(api, at(api, "configmaps", "mine"), token);
      const answer = await api.call("POST", at(api, "configmaps"), { body: aMap("mine"), token });
      assertRefused(answer, { code: 403, message: /cannot create resource "configmaps"/ });
    },
  },
  {
    says: "an apply of an absent object needs create besides patch",
    holds: async (api) => {
      const token = await anAccount(api, "patcher", [
        { ...CORE, resources: ["configmaps"], verbs: ["get", "list", "patch"] },
      ]);
      await onceAllowed(api, at(api, "configmaps"), token);
      const answer = await api.call("PATCH", at(api, "configmaps", "a?fieldManager=us"), {
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
        type: APPLY,
        token,
      });
      assertRefused(answer, {
        code: 403,
        reason: "Forbidden",
        message: `configmaps "a" is forbidden: User "${userOf(api, "patcher")}" cannot create ` +
          `resource "configmaps" in API group "" in the namespace "${api.namespace}"`,
      });
    },
  },
  {
    says: "nobody grants by a role what they do not hold",
    holds: async (api) => {
      const token = await anAccount(api, "granter", [
        {
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["roles"],
          verbs: ["get", "list", "create"],
        },
        { ...CORE, resources: ["pods"], verbs: ["get"] },
      ]);
      await onceAllowed(api, at(api, "roles"), token);
      const body = {
        metadata: { name: "more" },
        rules: [
          { ...CORE, resources: ["pods"], verbs: ["get", "list", "delete"] },
          { ...CORE, resources: ["secrets"], verbs: ["get"] },
        ],
      };
      const { namespace } = api;
      assertRefused(await api.call("POST", at(api, "roles"), { body, token }), {
        code: 403,
        reason: "Forbidden",
        message: `roles.rbac.authorization.k8s.io "more" is forbidden: user ` +
          `"${userOf(api, "granter")}" (groups=["system:serviceaccounts" ` +
          `"system:serviceaccounts:${namespace}" "system:authenticated"]) is attempting to grant ` +
          "RBAC permissions not currently held:\n" +
          '{APIGroups:[""], Resources:["pods"], Verbs:["list" "delete"]}\n' +
          '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
      });
      const held = {
        metadata: { name: "less" },
        rules: [{ ...CORE, resources: ["pods"], verbs: ["get"] }],
      };
      await api.done("POST", at(api, "roles"), { body: held, token });
    },
  },
  {
    says: "nobody binds a role that holds more than they do, unless they may bind it",
    holds: async (api) => {
      const groups = { apiGroups: ["rbac.authorization.k8s.io"] };
      await make(api, "roles", {
        metadata: { name: "reader" },
        rules: [{ ...CORE, resources: ["secrets"], verbs: ["get"] }],
      });
      const token = await anAccount(api, "binder", [
        { ...groups, resources: ["rolebindings"], verbs: ["get", "list", "create"] },
      ]);
      await onceAllowed(api, at(api, "rolebindings"), token);
      const body = {
        metadata: { name: "mine" },
        roleRef: { ...groups, apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
        subjects: [{ kind: "ServiceAccount", name: "binder", namespace: api.namespace }],
      };
      assertRefused(await api.call("POST", at(api, "rolebindings"), { body, token }), {
        code: 403,
        message:
          /is attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\], Verbs:\["get"\]\}$/,
      });
      const allowed = await anAccount(api, "free", [
        { ...groups, resources: ["rolebindings"], verbs: ["get", "list", "create"] },
        { ...groups, resources: ["roles"], resourceNames: ["reader"], verbs: ["bind"] },
      ]);
      await onceAllowed(api, at(api, "rolebindings"), allowed);
      await api.done("POST", at(api, "rolebindings"), { body, token: allowed });
    },
  },
  {
    says: "the role of a binding cannot be changed",
    holds: async (api) => {
      await anAccount(api, "a", [{ ...CORE, resources: ["pods"], verbs: ["get"] }]);
      const binding = await read(api, "rolebindings", "a");
      const body = { ...binding, roleRef: { ...binding.roleRef, name: "other" } };
      assertRefused(await api.call("PUT", at(api, "rolebindings", "a"), { body }), {
        code: 422,
        reason: "Invalid",
        message:
          /^RoleBinding\.rbac\.authorization\.k8s\.io "a" is invalid: roleRef: Invalid value: .*: cannot change roleRef$/,
      });
    },
  },
  {
    says: "a rule without verbs is 422",
    holds: async (api) => {
      const body = { metadata: { name: "a" }, rules: [{ ...CORE, resources: ["pods"] }] };
      assertRefused(await api.call("POST", at(api, "roles"), { body }), {
        code: 422,
        message:
          'Role.rbac.authorization.k8s.io "a" is invalid: rules[0].verbs: Required value: verbs must ' +
          "contain at least one value",
      });
    },
  },
  {
    says: "a permission that is taken away is missed at the next call",
    holds: async (api) => {
      const rules = [{ ...CORE, resources: ["pods"], verbs: ["list"] }];
      const token = await anAccount(api, "a", rules);
      await onceAllowed(api, at(api, "pods"), token);
      await api.done("DELETE", at(api, "rolebindings", "a"));
      await eventually("the denial", async () => {
        const { code } = await api.call("GET", at(api, "pods"), { token });
        return code === 403 ? true : undefined;
      });
    },
  },
  {
    says: "a review tells what the caller may do",
    holds: async (api) => {
      const token = await anAccount(api, "asker", [
        { ...CORE, resources: ["pods"], verbs: ["list"] },
      ]);
      await onceAllowed(api, at(api, "pods"), token);
      const ask = async (verb: string, resource: string) => {
        const { code, body } = await api.call("POST", REVIEWS, {
          token,
          body: {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SelfSubjectAccessReview",
            spec: { resourceAttributes: { verb, resource, namespace: api.namespace } },
          },
        });
        assert.equal(code, 201);
        return body.status;
      };
      const yes = await ask("list", "pods");
      assert.ok(yes.allowed);
      assert.equal(
        yes.reason,
        `RBAC: allowed by RoleBinding "asker/${api.namespace}" of Role "asker" to ServiceAccount ` +
          `"asker/${api.namespace}"`,
      );
      assert.deepEqual(await ask("delete", "pods"), { allowed: false });
    },
  },
  {
    says: "a review of rules lists those of the caller's roles",
    holds: async (api) => {
      const token = await anAccount(api, "asker", [
        { ...CORE, resources: ["pods"], verbs: ["list"], resourceNames: ["x"] },
      ]);
      await onceAllowed(api, at(api, "pods", "?fieldSelector=metadata.name%3Dx"), token);
      const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
      const { status } = await api.done("POST", path, {
        token,
        body: { spec: { namespace: api.namespace } },
      });
      assert.ok(!status.incomplete);
      assert.deepEqual(
        // deno-lint-ignore no-explicit-any
        status.resourceRules.filter((rule: any) => rule.resources.includes("pods")),
        [{ verbs: ["list"], apiGroups: [""], resources: ["pods"], resourceNames: ["x"] }],
      );
    },
  },
];
