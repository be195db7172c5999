import assert from "node:assert/strict";
import { kindObjects } from "../../../sim/world_objects.ts";
import type { Document } from "../../../sim/kube/document.ts";
import { aKubeApi } from "./a_kube_api.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases";

Deno.test("kubectl finds the document of a version by the index", async () => {
  const { done } = aKubeApi();
  const { paths } = await done("GET", "/openapi/v3");
  const { serverRelativeURL } = paths["apis/coordination.k8s.io/v1"];
  const document = await done("GET", serverRelativeURL);
  assert.deepEqual(Object.keys(document.paths), [LEASES, `${LEASES}/{name}`]);
});

Deno.test("a change may be a dry run, with strict validation and a field manager", async () => {
  const { done } = aKubeApi();
  const { paths } = await done("GET", "/openapi/v3/apis/coordination.k8s.io/v1");
  const { patch } = paths[`${LEASES}/{name}`];
  assert.deepEqual(patch.parameters.map(({ name }: { name: string }) => name), [
    "dryRun",
    "fieldManager",
    "fieldValidation",
  ]);
  assert.deepEqual(patch["x-kubernetes-group-version-kind"], {
    group: "coordination.k8s.io",
    kind: "Lease",
    version: "v1",
  });
});

Deno.test("custom resources are described as their definitions say", async () => {
  const { api, done } = aKubeApi();
  const index = await done("GET", "/openapi/v3");
  assert.ok(!("apis/actions.github.com/v1alpha1" in index.paths));
  api.install(kindObjects() as unknown as readonly Document[]);
  const { components } = await done("GET", "/openapi/v3/apis/actions.github.com/v1alpha1");
  const { properties } = components.schemas["com.github.actions.v1alpha1.AutoscalingRunnerSet"];
  assert.equal(properties.spec.properties.maxRunners.type, "integer");
});

Deno.test("a version that is not served has no document", async () => {
  const { call } = aKubeApi();
  assert.equal((await call("GET", "/openapi/v3/apis/nobody.test/v1")).code, 404);
});

Deno.test("an older client gets the paths of everything without schemas", async () => {
  const { done } = aKubeApi();
  const { swagger, paths, definitions } = await done("GET", "/openapi/v2");
  assert.equal(swagger, "2.0");
  assert.ok(LEASES in paths && "/api/v1/namespaces/{namespace}/pods/{name}" in paths);
  assert.deepEqual(definitions, {});
});
