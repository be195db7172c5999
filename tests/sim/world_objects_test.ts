import assert from "node:assert/strict";
import {
  controllerObjects,
  grant,
  inOrder,
  kindObjects,
  missingNamespaces,
} from "../../sim/world_objects.ts";

const name = (kind: string, namespace?: string) => ({
  kind,
  metadata: { name: kind.toLowerCase(), ...(namespace === undefined ? {} : { namespace }) },
});

Deno.test({
  name: "what others need comes first, the rest keeps its order",
  permissions: "none",
  fn: () => {
    const kinds = ["Widget", "RoleBinding", "Role", "Secret", "Namespace", "Pod"].map((kind) =>
      name(kind)
    );
    assert.deepEqual(inOrder(kinds).map(({ kind }) => kind), [
      "Namespace",
      "Secret",
      "Role",
      "RoleBinding",
      "Widget",
      "Pod",
    ]);
  },
});

Deno.test({
  name: "namespaces that nobody brings are made, once",
  permissions: "none",
  fn: () => {
    const objects = [
      { kind: "Namespace", metadata: { name: "brought" } },
      name("Pod", "brought"),
      name("Pod", "needed"),
      name("Secret", "needed"),
    ];
    assert.deepEqual(missingNamespaces(objects).map(({ metadata }) => metadata?.name), ["needed"]);
  },
});

Deno.test({
  name: "all four kinds are defined",
  permissions: "none",
  fn: () => assert.equal(kindObjects().length, 4),
});

Deno.test({
  name: "a grant binds its rules to the account, in a namespace or in the whole cluster",
  permissions: "none",
  fn: () => {
    const account = { namespace: "n", name: "a" };
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
    assert.deepEqual(grant(account, { name: "r", rules }).map(({ kind }) => kind), [
      "ClusterRole",
      "ClusterRoleBinding",
    ]);
    const [role, binding] = grant(account, { name: "r", rules, namespace: "x" }) as {
      rules?: unknown;
      subjects?: unknown;
      metadata?: unknown;
    }[];
    assert.deepEqual(role?.rules, rules);
    assert.deepEqual(binding?.subjects, [{ kind: "ServiceAccount", ...account }]);
    assert.deepEqual(binding?.metadata, { name: "r", namespace: "x" });
  },
});

Deno.test({
  name: "a controller has a namespace, an account, and rights in both scopes",
  permissions: "none",
  fn: () => {
    const objects = controllerObjects({ namespace: "n", name: "a" }, {
      cluster: [],
      ownNamespace: [],
    });
    assert.deepEqual(objects.map(({ kind }) => kind), [
      "Namespace",
      "ServiceAccount",
      "ClusterRole",
      "ClusterRoleBinding",
      "Role",
      "RoleBinding",
    ]);
  },
});
