import assert from "node:assert/strict";
import { aConfigMap, aKubeApi, MERGE, NAMESPACES } from "./a_kube_api.ts";

const TEAM = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } };
const MAPS = `${NAMESPACES}/team/configmaps`;

Deno.test("a new namespace has its label and its default ServiceAccount", async () => {
  const { done } = aKubeApi();
  const namespace = await done("POST", NAMESPACES, { body: TEAM });
  assert.equal(namespace.status.phase, "Active");
  assert.equal(namespace.metadata.labels["kubernetes.io/metadata.name"], "team");
  await done("GET", `${NAMESPACES}/team/serviceaccounts/default`);
});

Deno.test("a deleted namespace refuses new content, waits for finalizers, then goes", async () => {
  const { clock, done, call } = aKubeApi();
  await done("POST", NAMESPACES, { body: TEAM });
  await done("POST", MAPS, { body: aConfigMap("free") });
  await done("POST", MAPS, { body: aConfigMap("held", { finalizers: ["a.dev/x"] }) });
  const leaving = await done("DELETE", `${NAMESPACES}/team`);
  assert.equal(leaving.status.phase, "Terminating");

  const late = await call("POST", MAPS, { body: aConfigMap("late") });
  assert.equal(late.code, 403);
  assert.equal(late.body.reason, "Forbidden");
  assert.equal(
    late.body.message,
    'configmaps "late" is forbidden: unable to create new content in namespace team because it is ' +
      "being terminated",
  );
  assert.equal(late.body.details.causes[0].reason, "NamespaceTerminating");

  await clock.advance(60_000);
  assert.equal((await call("GET", `${MAPS}/free`)).code, 404);
  assert.equal((await done("GET", `${NAMESPACES}/team`)).status.phase, "Terminating");
  await done("PATCH", `${MAPS}/held`, { body: { metadata: { finalizers: null } }, type: MERGE });
  await clock.advance(1000);
  assert.equal((await call("GET", `${NAMESPACES}/team`)).code, 404);
});
