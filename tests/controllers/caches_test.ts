import assert from "node:assert/strict";
import { createCaches } from "../../controllers/caches.ts";
import { silentLogger } from "../../lib/log.ts";
import { silentMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { aListener, anEphemeralRunnerSet, aPod, aRunner } from "../builders.ts";
import { cachesWith, fakeKube } from "./fakes.ts";

function tasksFor(namespaces: readonly string[]): number {
  return createCaches({
    kube: fakeKube().kube,
    namespaces,
    clock: new VirtualClock(),
    random: seededRandom(1),
    log: silentLogger,
    metrics: silentMetrics,
  }).tasks.length;
}

Deno.test("each kind is followed once, in the whole cluster or in each namespace", () => {
  assert.deepEqual([tasksFor([]), tasksFor(["a"]), tasksFor(["a", "b"])], [8, 8, 16]);
});

Deno.test("a namespace that is named twice is followed once: sinks must not overlap", () => {
  assert.equal(tasksFor(["a", "a"]), 8);
});

Deno.test("objects are found by owner, by scale set, by runner set", () => {
  const caches = cachesWith([anEphemeralRunnerSet(), aRunner(), aPod(), aListener()]);
  const uid = (object: { metadata?: { uid?: string } }) => object.metadata?.uid ?? "";
  assert.equal(caches.runners.by("owner", uid(anEphemeralRunnerSet())).length, 1);
  assert.equal(caches.pods.by("owner", uid(aRunner())).length, 1);
  assert.equal(caches.runners.by("scaleSet", "arc-runners/linux").length, 1);
  assert.equal(caches.listeners.by("runnerSet", "arc-runners/linux").length, 1);
});

Deno.test("of a pod's spec only what plans read is kept", () => {
  const pod = aPod({
    spec: {
      volumes: [{ name: "work" }],
      initContainers: [{ name: "dind", image: "docker:dind", restartPolicy: "Always" }],
    },
  }).running();
  const seen = cachesWith([pod]).pods.all()[0];
  assert.deepEqual(seen?.spec, {
    containers: [],
    restartPolicy: "Never",
    initContainers: [{ name: "dind", restartPolicy: "Always" }],
  });
  assert.deepEqual([seen?.metadata, seen?.status], [pod.metadata, pod.status]);
});

Deno.test("managed fields are not kept", () => {
  const runner = { ...aRunner(), metadata: { ...aRunner().metadata, managedFields: [{}] } };
  assert.deepEqual(cachesWith([runner]).runners.all()[0]?.metadata, aRunner().metadata);
});

Deno.test("runners of a set hold one copy of their template, and their pods one of their labels", () => {
  const names = ["linux-runner-a", "linux-runner-b"];
  const caches = cachesWith(JSON.parse(JSON.stringify(
    names.flatMap((name) => [aRunner({ name }), aPod({ name }).running()]),
  )));
  const [a, b] = caches.runners.all();
  assert.ok(a?.spec !== undefined && a.spec === b?.spec);
  assert.equal(a.metadata?.labels, b?.metadata?.labels);
  const pods = caches.pods.all();
  assert.equal(pods.length, 2);
  assert.ok(pods[0]?.metadata?.labels !== undefined);
  assert.equal(pods[0]?.metadata?.labels, pods[1]?.metadata?.labels);
});
