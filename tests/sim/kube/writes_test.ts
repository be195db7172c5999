import assert from "node:assert/strict";
import {
  aConfigMap,
  aDefinition,
  aKubeApi,
  aPod,
  aWidget,
  CONFIG_MAPS,
  JSON_PATCH,
  MERGE,
  PODS,
  WIDGETS,
} from "./a_kube_api.ts";

const OPEN = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

Deno.test("a created object gets uid, version, time and generation, and a second one AlreadyExists", async () => {
  const { api, done, call } = aKubeApi();
  const pod = await done("POST", PODS, { body: aPod("a") });
  assert.match(pod.metadata.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.equal(pod.metadata.creationTimestamp, "2026-01-01T12:00:00Z");
  assert.equal(pod.metadata.generation, 1);
  assert.equal(pod.metadata.resourceVersion, String(api.store.revision));
  assert.equal(pod.status.phase, "Pending");
  assert.equal(pod.spec.restartPolicy, "Always");
  assert.equal(pod.spec.terminationGracePeriodSeconds, 30);
  assert.equal(pod.spec.serviceAccountName, "default");

  const again = await call("POST", PODS, { body: aPod("a") });
  assert.equal(again.code, 409);
  assert.equal(again.body.reason, "AlreadyExists");
  assert.equal(again.body.message, 'pods "a" already exists');
  assert.deepEqual(again.body.details, { name: "a", kind: "pods" });
});

Deno.test("generateName adds five characters of the Kubernetes alphabet", async () => {
  const { done } = aKubeApi();
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "x-" } };
  const names = new Set<string>();
  for (let i = 0; i < 20; i++) names.add((await done("POST", CONFIG_MAPS, { body })).metadata.name);
  assert.equal(names.size, 20);
  for (const name of names) assert.match(name, /^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

Deno.test("a stale resourceVersion is a conflict for update and merge patch; none is unconditional", async () => {
  const { done, call } = aKubeApi();
  const first = await done("POST", CONFIG_MAPS, { body: aConfigMap("c") });
  await done("PATCH", `${CONFIG_MAPS}/c`, { body: { data: { a: "1" } }, type: MERGE });
  const stale = { ...first, data: { a: "2" } };
  const updated = await call("PUT", `${CONFIG_MAPS}/c`, { body: stale });
  assert.equal(updated.code, 409);
  assert.equal(updated.body.reason, "Conflict");
  assert.equal(
    updated.body.message,
    'Operation cannot be fulfilled on configmaps "c": the object has been modified; please apply ' +
      "your changes to the latest version and try again",
  );
  const { resourceVersion } = first.metadata;
  const patch = { metadata: { resourceVersion }, data: { a: "3" } };
  assert.equal((await call("PATCH", `${CONFIG_MAPS}/c`, { body: patch, type: MERGE })).code, 409);
  const blind = await done("PUT", `${CONFIG_MAPS}/c`, {
    body: { ...aConfigMap("c"), data: { a: "4" } },
  });
  assert.deepEqual(blind.data, { a: "4" });
});

Deno.test("a custom resource cannot be updated without a resourceVersion", async () => {
  const { api, done, call } = aKubeApi();
  api.install([aDefinition(OPEN)]);
  await done("POST", WIDGETS, { body: aWidget("w") });
  const answer = await call("PUT", `${WIDGETS}/w`, { body: aWidget("w", { a: 1 }) });
  assert.equal(answer.code, 422);
  assert.match(
    answer.body.message,
    /metadata.resourceVersion: Invalid value: 0: must be specified/,
  );
});

Deno.test("spec and status are written apart, and only the spec counts for the generation", async () => {
  const { api, done } = aKubeApi();
  api.install([aDefinition(OPEN)]);
  const created = await done("POST", WIDGETS, {
    body: { ...aWidget("w", { size: 1 }), status: { phase: "Made up" } },
  });
  assert.equal(created.status, undefined);
  const main = await done("PATCH", `${WIDGETS}/w`, {
    body: { spec: { size: 2 }, status: { phase: "Made up" } },
    type: MERGE,
  });
  assert.equal(main.status, undefined);
  assert.equal(main.metadata.generation, 2);
  const status = await done("PATCH", `${WIDGETS}/w/status`, {
    body: { metadata: { labels: { a: "b" } }, spec: { size: 3 }, status: { phase: "Ready" } },
    type: MERGE,
  });
  assert.deepEqual(status.status, { phase: "Ready" });
  assert.deepEqual(status.spec, { size: 2 });
  assert.equal(status.metadata.labels, undefined);
  assert.equal(status.metadata.generation, 2);
  const labelled = await done("PATCH", `${WIDGETS}/w`, {
    body: { metadata: { labels: { a: "b" } } },
    type: MERGE,
  });
  assert.equal(labelled.metadata.generation, 2);
  assert.deepEqual(labelled.status, { phase: "Ready" });
});

Deno.test("a write that changes nothing keeps the resourceVersion", async () => {
  const { api, done } = aKubeApi();
  api.install([aDefinition(OPEN)]);
  await done("POST", WIDGETS, { body: aWidget("w", { a: [1, { b: 2 }] }) });
  const { revision } = api.store;
  const same = { spec: { a: [1, { b: 2 }] } };
  await done("PATCH", `${WIDGETS}/w`, { body: same, type: MERGE });
  await done("PATCH", `${WIDGETS}/w/status`, { body: {}, type: MERGE });
  await done("PUT", `${WIDGETS}/w`, { body: await done("GET", `${WIDGETS}/w`) });
  assert.equal(api.store.revision, revision);
});

Deno.test("server-owned metadata cannot be written", async () => {
  const { done, call } = aKubeApi();
  const made = await done("POST", CONFIG_MAPS, {
    body: aConfigMap("c", { uid: "mine", creationTimestamp: "2001-01-01T00:00:00Z" }),
  });
  assert.notEqual(made.metadata.uid, "mine");
  const after = await done("PATCH", `${CONFIG_MAPS}/c`, {
    body: { metadata: { deletionTimestamp: "2001-01-01T00:00:00Z", generation: 7 } },
    type: MERGE,
  });
  assert.deepEqual(after, made);
  const other = { ...made, metadata: { ...made.metadata, uid: "other" } };
  assert.equal((await call("PUT", `${CONFIG_MAPS}/c`, { body: other })).code, 409);
});

Deno.test("a dry run answers like the call and stores nothing", async () => {
  const { api, done, call } = aKubeApi();
  const { revision } = api.store;
  const made = await done("POST", `${PODS}?dryRun=All`, { body: aPod("a") });
  assert.equal(made.spec.restartPolicy, "Always");
  const bad = await call("POST", `${PODS}?dryRun=All`, {
    body: aPod("a", { spec: { containers: [{ name: "main" }] } }),
  });
  assert.equal(bad.body.message, 'Pod "a" is invalid: spec.containers[0].image: Required value');
  assert.equal(api.store.revision, revision);
  assert.equal((await call("GET", `${PODS}/a`)).code, 404);
});

Deno.test("a JSON patch whose test fails is refused and changes nothing", async () => {
  const { done, call } = aKubeApi();
  await done("POST", CONFIG_MAPS, { body: { ...aConfigMap("c"), data: { a: "1" } } });
  const failing = await call("PATCH", `${CONFIG_MAPS}/c`, {
    body: [
      { op: "test", path: "/data/a", value: "2" },
      { op: "replace", path: "/data/a", value: "3" },
    ],
    type: JSON_PATCH,
  });
  assert.equal(failing.code, 422);
  const fine = await done("PATCH", `${CONFIG_MAPS}/c`, {
    body: [
      { op: "test", path: "/data/a", value: "1" },
      { op: "add", path: "/data/b", value: "2" },
    ],
    type: JSON_PATCH,
  });
  assert.deepEqual(fine.data, { a: "1", b: "2" });
});

Deno.test("a JSON patch that is none is refused and changes nothing", async () => {
  const { done, call } = aKubeApi();
  await done("POST", CONFIG_MAPS, { body: { ...aConfigMap("c"), data: { a: "1" } } });
  for (const operation of [null, {}, { op: "remove" }, { op: "remove", path: "data/a" }]) {
    const { code } = await call("PATCH", `${CONFIG_MAPS}/c`, {
      body: [operation],
      type: JSON_PATCH,
    });
    assert.equal(code, 422, JSON.stringify(operation));
  }
  assert.deepEqual((await done("GET", `${CONFIG_MAPS}/c`)).data, { a: "1" });
});

Deno.test("a pod's spec cannot change, except for images", async () => {
  const { done, call } = aKubeApi();
  await done("POST", PODS, { body: aPod("a") });
  const image = await done("PATCH", `${PODS}/a`, {
    body: { spec: { containers: [{ name: "main", image: "busybox:2" }] } },
    type: "application/strategic-merge-patch+json",
  });
  assert.equal(image.spec.containers[0].image, "busybox:2");
  const node = await call("PATCH", `${PODS}/a`, { body: { spec: { nodeName: "n" } }, type: MERGE });
  assert.equal(node.code, 422);
  assert.match(
    node.body.message,
    /^Pod "a" is invalid: spec: Forbidden: pod updates may not change/,
  );
});

Deno.test("nothing is made in a namespace that does not exist", async () => {
  const { call } = aKubeApi();
  const answer = await call("POST", "/api/v1/namespaces/nowhere/pods", { body: aPod("a") });
  assert.equal(answer.code, 404);
  assert.equal(answer.body.message, 'namespaces "nowhere" not found');
});

Deno.test("a pod whose ServiceAccount does not exist is refused", async () => {
  const { call } = aKubeApi();
  const pod = aPod("a");
  const answer = await call("POST", PODS, {
    body: { ...pod, spec: { ...pod.spec as object, serviceAccountName: "robot" } },
  });
  assert.equal(answer.code, 403);
  assert.equal(
    answer.body.message,
    'pods "a" is forbidden: error looking up service account default/robot: serviceaccount ' +
      '"robot" not found',
  );
});

Deno.test("no finalizer can be added to an object that is being deleted", async () => {
  const { done, call } = aKubeApi();
  await done("POST", CONFIG_MAPS, { body: aConfigMap("c", { finalizers: ["a.dev/x"] }) });
  await done("DELETE", `${CONFIG_MAPS}/c`);
  const answer = await call("PATCH", `${CONFIG_MAPS}/c`, {
    body: { metadata: { finalizers: ["a.dev/x", "a.dev/y"] } },
    type: MERGE,
  });
  assert.equal(answer.code, 422);
  assert.match(
    answer.body.message,
    /no new finalizers can be added if the object is being deleted, found new finalizers \[\]string\{"a.dev\/y"\}/,
  );
});
