import assert from "node:assert/strict";
import {
  aConfigMap,
  aKubeApi,
  aPod,
  CONFIG_MAPS,
  MERGE,
  PODS,
  type Talk,
  watching,
} from "./a_kube_api.ts";

async function aBoundPod(talk: Talk, name: string): Promise<void> {
  await talk.done("POST", PODS, { body: aPod(name) });
  await talk.done("POST", `${PODS}/${name}/binding`, {
    body: { apiVersion: "v1", kind: "Binding", target: { kind: "Node", name: "n1" } },
  });
}

Deno.test("a plain delete removes at once and answers with a Status that names the uid", async () => {
  const { done, call } = aKubeApi();
  const made = await done("POST", CONFIG_MAPS, { body: aConfigMap("c") });
  const answer = await done("DELETE", `${CONFIG_MAPS}/c`);
  assert.equal(answer.kind, "Status");
  assert.equal(answer.status, "Success");
  assert.deepEqual(answer.details, { name: "c", kind: "configmaps", uid: made.metadata.uid });
  const gone = await call("DELETE", `${CONFIG_MAPS}/c`);
  assert.equal(gone.code, 404);
  assert.equal(gone.body.message, 'configmaps "c" not found');
});

Deno.test("preconditions on uid and resourceVersion keep another incarnation", async () => {
  const { done, call } = aKubeApi();
  const made = await done("POST", CONFIG_MAPS, { body: aConfigMap("c") });
  for (const preconditions of [{ uid: "other" }, { resourceVersion: "1" }]) {
    const answer = await call("DELETE", `${CONFIG_MAPS}/c`, { body: { preconditions } });
    assert.equal(answer.code, 409);
    assert.equal(answer.body.reason, "Conflict");
  }
  const { uid, resourceVersion } = made.metadata;
  await done("DELETE", `${CONFIG_MAPS}/c`, { body: { preconditions: { uid, resourceVersion } } });
});

Deno.test("finalizers hold an object back, and watchers see one DELETED when the last one goes", async () => {
  const talk = aKubeApi();
  await talk.done("POST", CONFIG_MAPS, {
    body: aConfigMap("c", { finalizers: ["a.dev/x", "a.dev/y"] }),
  });
  const log = await watching(
    talk,
    `${CONFIG_MAPS}?watch=true&resourceVersion=${talk.api.store.revision}`,
  );
  const marked = await talk.done("DELETE", `${CONFIG_MAPS}/c`);
  assert.equal(marked.metadata.deletionTimestamp, "2026-01-01T12:00:00Z");
  assert.equal(marked.metadata.deletionGracePeriodSeconds, 0);
  const again = await talk.done("DELETE", `${CONFIG_MAPS}/c`);
  assert.equal(again.metadata.resourceVersion, marked.metadata.resourceVersion);
  for (const finalizers of [["a.dev/y"], null]) {
    await talk.done("PATCH", `${CONFIG_MAPS}/c`, {
      body: { metadata: { finalizers } },
      type: MERGE,
    });
  }
  assert.equal((await talk.call("GET", `${CONFIG_MAPS}/c`)).code, 404);
  await talk.clock.advance(0);
  assert.deepEqual(log.lines(), ["MODIFIED c", "MODIFIED c", "DELETED c"]);
  await log.cancel();
});

Deno.test("a pod without a node goes at once", async () => {
  const { done, call } = aKubeApi();
  await done("POST", PODS, { body: aPod("a") });
  assert.equal((await done("DELETE", `${PODS}/a`)).kind, "Pod");
  assert.equal((await call("GET", `${PODS}/a`)).code, 404);
});

Deno.test("a pod on a node waits for its kubelet, which deletes it with grace 0", async () => {
  const talk = aKubeApi();
  await aBoundPod(talk, "a");
  const marked = await talk.done("DELETE", `${PODS}/a`);
  assert.equal(marked.metadata.deletionGracePeriodSeconds, 30);
  assert.equal(marked.metadata.deletionTimestamp, "2026-01-01T12:00:30Z");
  await talk.clock.advance(120_000);
  await talk.done("GET", `${PODS}/a`);
  await talk.done("DELETE", `${PODS}/a`, { body: { gracePeriodSeconds: 0 } });
  assert.equal((await talk.call("GET", `${PODS}/a`)).code, 404);
});

Deno.test("a second delete shortens the grace and never lengthens it", async () => {
  const talk = aKubeApi();
  await aBoundPod(talk, "a");
  await talk.done("DELETE", `${PODS}/a`);
  const shorter = await talk.done("DELETE", `${PODS}/a?gracePeriodSeconds=5`);
  assert.equal(shorter.metadata.deletionGracePeriodSeconds, 5);
  const longer = await talk.done("DELETE", `${PODS}/a?gracePeriodSeconds=60`);
  assert.equal(longer.metadata.deletionGracePeriodSeconds, 5);
});

Deno.test("a finished pod goes at once, a held one when its finalizer is gone", async () => {
  const talk = aKubeApi();
  await aBoundPod(talk, "a");
  await talk.done("PATCH", `${PODS}/a`, {
    body: { metadata: { finalizers: ["a.dev/x"] } },
    type: MERGE,
  });
  await talk.done("PATCH", `${PODS}/a/status`, {
    body: { status: { phase: "Succeeded" } },
    type: MERGE,
  });
  const marked = await talk.done("DELETE", `${PODS}/a`);
  assert.equal(marked.metadata.deletionGracePeriodSeconds, 0);
  await talk.done("PATCH", `${PODS}/a`, { body: { metadata: { finalizers: null } }, type: MERGE });
  assert.equal((await talk.call("GET", `${PODS}/a`)).code, 404);
});

Deno.test("a pod that lost its finalizer still has its grace period", async () => {
  const talk = aKubeApi();
  await aBoundPod(talk, "a");
  await talk.done("PATCH", `${PODS}/a`, {
    body: { metadata: { finalizers: ["a.dev/x"] } },
    type: MERGE,
  });
  await talk.done("DELETE", `${PODS}/a`);
  await talk.done("PATCH", `${PODS}/a`, { body: { metadata: { finalizers: null } }, type: MERGE });
  assert.equal((await talk.call("GET", `${PODS}/a`)).code, 200);
});

Deno.test("deletecollection deletes what its selector matches", async () => {
  const { api, done } = aKubeApi();
  await done("POST", CONFIG_MAPS, { body: aConfigMap("a", { labels: { x: "1" } }) });
  await done("POST", CONFIG_MAPS, { body: aConfigMap("b", { labels: { x: "2" } }) });
  const list = await done("DELETE", `${CONFIG_MAPS}?labelSelector=x%3D1`);
  assert.equal(list.kind, "ConfigMapList");
  assert.deepEqual(
    api.store.list({ group: "", plural: "configmaps" }).map((one) => one.metadata.name),
    ["b"],
  );
});

Deno.test("an eviction deletes the pod with its grace", async () => {
  const talk = aKubeApi();
  await aBoundPod(talk, "a");
  await talk.done("POST", `${PODS}/a/eviction`, {
    body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "a" } },
  });
  const pod = await talk.done("GET", `${PODS}/a`);
  assert.equal(pod.metadata.deletionGracePeriodSeconds, 30);
});
