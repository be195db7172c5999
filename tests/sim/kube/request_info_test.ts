import assert from "node:assert/strict";
import { requestInfo } from "../../../sim/kube/request_info.ts";

/** Method and path; then verb, group, version, resource, subresource, namespace, name. */
const ROWS: readonly (readonly [string, string])[] = [
  ["GET /api/v1/pods", "list  v1 pods   "],
  ["GET /api/v1/pods?watch=true", "watch  v1 pods   "],
  ["GET /api/v1/namespaces/a/pods/b", "get  v1 pods  a b"],
  ["PATCH /api/v1/namespaces/a/pods/b/status", "patch  v1 pods status a b"],
  ["POST /api/v1/namespaces/a/pods/b/binding", "create  v1 pods binding a b"],
  ["DELETE /apis/apps/v1/namespaces/a/deployments", "deletecollection apps v1 deployments  a "],
  ["GET /api/v1/namespaces", "list  v1 namespaces   "],
  ["GET /api/v1/namespaces/a", "get  v1 namespaces  a a"],
  ["PUT /api/v1/namespaces/a/finalize", "update  v1 namespaces finalize a a"],
  ["PATCH /api/v1/namespaces/a/status", "patch  v1 namespaces status a a"],
  [
    "GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Adiscovery",
    "get rbac.authorization.k8s.io v1 clusterroles   system:discovery",
  ],
];

for (const [request, expected] of ROWS) {
  Deno.test(`${request} is understood`, { permissions: "none" }, () => {
    const [method = "", path = ""] = request.split(" ");
    const info = requestInfo(method, new URL(`https://kube${path}`));
    assert.ok(info.kind === "resource");
    const { verb, group, version, resource, subresource, namespace, name } = info;
    assert.equal(
      [verb, group, version, resource, subresource, namespace, name].join(" "),
      expected,
    );
  });
}

const PATHS = [
  "/",
  "/version",
  "/api",
  "/api/v1",
  "/apis",
  "/apis/apps",
  "/apis/apps/v1",
  "/api/v1/namespaces/%zz",
];

for (const path of PATHS) {
  Deno.test(`${path} is no resource`, { permissions: "none" }, () => {
    assert.deepEqual(requestInfo("GET", new URL(`https://kube${path}`)), {
      kind: "path",
      verb: "get",
      path,
    });
  });
}
