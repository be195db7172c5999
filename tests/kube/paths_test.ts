import assert from "node:assert/strict";
import { isInvalid } from "../../kube/errors.ts";
import { type Place, queryText, resourcePath } from "../../kube/paths.ts";
import { CLUSTER_ROLES, LEASES, PODS } from "../../kube/resources.ts";
import type { AnyType } from "../../kube/types.ts";

const rows: Readonly<Record<string, readonly [AnyType, Place, string]>> = {
  "the core group": [
    PODS,
    { namespace: "a", name: "b" },
    "/api/v1/namespaces/a/pods/b",
  ],
  "a subresource": [
    PODS,
    { namespace: "a", name: "b", subresource: "status" },
    "/api/v1/namespaces/a/pods/b/status",
  ],
  "a collection of one namespace": [PODS, { namespace: "a" }, "/api/v1/namespaces/a/pods"],
  "all namespaces": [PODS, { namespace: "" }, "/api/v1/pods"],
  "a named group": [
    LEASES,
    { namespace: "a", name: "b" },
    "/apis/coordination.k8s.io/v1/namespaces/a/leases/b",
  ],
  "objects of the cluster have no namespace": [
    CLUSTER_ROLES,
    { namespace: "a", name: "system:node" },
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
  ],
};

for (const [claim, [type, place, path]] of Object.entries(rows)) {
  Deno.test({
    name: `the path of ${claim}`,
    permissions: "none",
    fn: () => assert.equal(resourcePath(type, place), path),
  });
}

Deno.test({
  name: "a name that would lead elsewhere is refused",
  permissions: "none",
  fn() {
    for (const name of ["", ".", "..", "a/b", "../secrets/x", "a%2fb"]) {
      assert.throws(() => resourcePath(PODS, { namespace: "a", name }), isInvalid, name);
      if (name !== "") assert.throws(() => resourcePath(PODS, { namespace: name }), isInvalid);
    }
  },
});

Deno.test({
  name: "a query has what has a value, encoded",
  permissions: "none",
  fn() {
    assert.equal(queryText({}), "");
    assert.equal(
      queryText({ labelSelector: "a=b,c", limit: 5, continue: undefined, fieldSelector: "" }),
      "?labelSelector=a%3Db%2Cc&limit=5",
    );
  },
});
