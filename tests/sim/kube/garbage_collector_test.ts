import assert from "node:assert/strict";
import {
  aConfigMap,
  aKubeApi,
  aPod,
  CONFIG_MAPS,
  MERGE,
  NAMESPACES,
  ownedBy,
  PODS,
  type Talk,
} from "./a_kube_api.ts";

const CONFIG = { group: "", plural: "configmaps" };

function names(talk: Talk): readonly (string | undefined)[] {
  return talk.api.store.list(CONFIG).map((object) => object.metadata.name);
}

async function aFamily(talk: Talk, blockOwnerDeletion: string): Promise<void> {
  const parent = await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("parent") });
  const block = blockOwnerDeletion === "blocking" ? { blockOwnerDeletion: true } : {};
  const child = await talk.done("POST", CONFIG_MAPS, {
    body: aConfigMap("child", ownedBy(parent, block)),
  });
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("grandchild", ownedBy(child, block)) });
}

Deno.test("in the background, dependents of all depths go after their owner", async () => {
  const talk = aKubeApi();
  await aFamily(talk, "free");
  await talk.done("DELETE", `${CONFIG_MAPS}/parent`);
  assert.deepEqual(names(talk), ["child", "grandchild"]);
  await talk.clock.advance(1000);
  assert.deepEqual(names(talk), []);
});

Deno.test("in the foreground, the owner waits for blocking dependents", async () => {
  const talk = aKubeApi();
  await aFamily(talk, "blocking");
  await talk.done("PATCH", `${CONFIG_MAPS}/grandchild`, {
    body: { metadata: { finalizers: ["a.dev/x"] } },
    type: MERGE,
  });
  const parent = await talk.done("DELETE", `${CONFIG_MAPS}/parent?propagationPolicy=Foreground`);
  assert.deepEqual(parent.metadata.finalizers, ["foregroundDeletion"]);
  await talk.clock.advance(10_000);
  assert.deepEqual(names(talk), ["child", "grandchild", "parent"]);
  await talk.done("PATCH", `${CONFIG_MAPS}/grandchild`, {
    body: { metadata: { finalizers: null } },
    type: MERGE,
  });
  await talk.clock.advance(1000);
  assert.deepEqual(names(talk), []);
});

Deno.test("in the foreground, dependents that do not block are not waited for", async () => {
  const talk = aKubeApi();
  await aFamily(talk, "free");
  await talk.done("PATCH", `${CONFIG_MAPS}/child`, {
    body: { metadata: { finalizers: ["a.dev/x"] } },
    type: MERGE,
  });
  await talk.done("DELETE", `${CONFIG_MAPS}/parent?propagationPolicy=Foreground`);
  await talk.clock.advance(1000);
  assert.deepEqual(names(talk), ["child", "grandchild"]);
});

Deno.test("orphans lose their reference and stay", async () => {
  const talk = aKubeApi();
  await aFamily(talk, "blocking");
  await talk.done("DELETE", `${CONFIG_MAPS}/parent`, { body: { propagationPolicy: "Orphan" } });
  await talk.clock.advance(1000);
  assert.deepEqual(names(talk), ["child", "grandchild"]);
  const child = await talk.done("GET", `${CONFIG_MAPS}/child`);
  assert.equal(child.metadata.ownerReferences, undefined);
});

Deno.test("an object made for an owner that is gone already goes too", async () => {
  const talk = aKubeApi();
  const parent = await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("parent") });
  await talk.done("DELETE", `${CONFIG_MAPS}/parent`);
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("parent") });
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("late", ownedBy(parent)) });
  await talk.clock.advance(1000);
  assert.deepEqual(names(talk), ["parent"], "a namesake with another uid is no owner");
});

Deno.test("one of two owners is enough to stay; the reference to the other is dropped", async () => {
  const talk = aKubeApi();
  const one = await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("one") });
  const two = await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("two") });
  const owners = [ownedBy(one), ownedBy(two)].flatMap((part) => part.ownerReferences);
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("child", { ownerReferences: owners }) });
  await talk.done("DELETE", `${CONFIG_MAPS}/one`);
  await talk.clock.advance(1000);
  const child = await talk.done("GET", `${CONFIG_MAPS}/child`);
  assert.deepEqual(child.metadata.ownerReferences, ownedBy(two).ownerReferences);
});

Deno.test("an owner in another namespace is no owner", async () => {
  const talk = aKubeApi();
  await talk.done("POST", NAMESPACES, {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } },
  });
  const far = await talk.done("POST", "/api/v1/namespaces/other/configmaps", {
    body: aConfigMap("far"),
  });
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("child", ownedBy(far)) });
  await talk.clock.advance(1000);
  assert.deepEqual(names(talk), ["far"]);
});

Deno.test("owners of the cluster own across namespaces; owners of unknown kinds are left in peace", async () => {
  const talk = aKubeApi();
  const node = await talk.done("POST", "/api/v1/nodes", {
    body: { apiVersion: "v1", kind: "Node", metadata: { name: "n" } },
  });
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("child", ownedBy(node)) });
  const stranger = { apiVersion: "x.dev/v1", kind: "X", metadata: { name: "x", uid: "1" } };
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("odd", ownedBy(stranger)) });
  await talk.clock.advance(1000);
  assert.deepEqual(names(talk), ["child", "odd"]);
  await talk.done("DELETE", "/api/v1/nodes/n");
  await talk.clock.advance(1000);
  assert.deepEqual(names(talk), ["odd"]);
});

Deno.test("a pod on a node gets its grace from the collector, too", async () => {
  const talk = aKubeApi();
  const parent = await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("parent") });
  await talk.done("POST", PODS, {
    body: aPod("a", { metadata: { name: "a", ...ownedBy(parent) } }),
  });
  await talk.done("POST", `${PODS}/a/binding`, { body: { target: { name: "n1" } } });
  await talk.done("DELETE", `${CONFIG_MAPS}/parent`);
  await talk.clock.advance(1000);
  const pod = await talk.done("GET", `${PODS}/a`);
  assert.equal(pod.metadata.deletionGracePeriodSeconds, 30);
});
