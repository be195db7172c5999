/** The builders tell one story, and tell it the same way each time. */
import assert from "node:assert/strict";
import { KINDS } from "../crds/kinds.ts";
import { EPHEMERAL_RUNNERS } from "../crds/ephemeral_runner.ts";
import type { KubeObject } from "../kube/types.ts";
import {
  aListener,
  aListenerPod,
  anEphemeralRunnerSet,
  aPod,
  aRunner,
  aRunnerSet,
  uidOf,
} from "./builders.ts";
import { structuralProblems } from "./crds/structure.ts";

const BUILT = [
  aRunnerSet(),
  aRunnerSet({ fresh: true }),
  anEphemeralRunnerSet({ spec: { replicas: 3, patchID: 2 } }),
  aRunner(),
  aRunner({ hasJob: true, deleting: true }),
  aRunner({ phase: "" }),
  aListener(),
] as const;

for (const [at, object] of BUILT.entries()) {
  Deno.test(`built ${object.kind} ${at} fits its schema`, { permissions: "none" }, () => {
    const kind = KINDS.find(({ type }) => type.kind === object.kind);
    assert.ok(kind !== undefined);
    assert.deepEqual(structuralProblems(kind, object), []);
  });
}

Deno.test("owners and children find each other", { permissions: "none" }, () => {
  const owner = (object: KubeObject) => object.metadata?.ownerReferences?.[0]?.uid;
  assert.equal(owner(anEphemeralRunnerSet()), aRunnerSet().metadata?.uid);
  assert.equal(owner(aRunner()), anEphemeralRunnerSet().metadata?.uid);
  assert.equal(owner(aPod({ name: "r-1" })), aRunner({ name: "r-1" }).metadata?.uid);
  assert.equal(owner(aListenerPod()), aListener().metadata?.uid);
});

Deno.test("UIDs look like UIDs and differ by name and kind", { permissions: "none" }, () => {
  const uid = uidOf(EPHEMERAL_RUNNERS, { namespace: "a", name: "b" });
  assert.match(uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(uid, uidOf(EPHEMERAL_RUNNERS, { namespace: "a", name: "c" }));
  assert.notEqual(aPod().metadata?.uid, aRunner().metadata?.uid);
});

Deno.test("changes are laid over, null removes", { permissions: "none" }, () => {
  const runner = aRunner({
    hasJob: true,
    metadata: { finalizers: null, labels: { team: "x" } },
    status: { runnerId: null },
  });
  assert.equal(runner.metadata?.finalizers, undefined);
  assert.equal(runner.metadata?.labels?.["team"], "x");
  assert.equal(runner.metadata?.labels?.["app.kubernetes.io/component"], "runner");
  assert.equal(runner.status?.runnerId, undefined);
  assert.equal(runner.status?.jobDisplayName, "build");
});

Deno.test("a pod in a state compares, copies and prints as a plain pod", {
  permissions: "none",
}, () => {
  const pod = aPod().failedWith(7);
  assert.equal(pod.status?.phase, "Failed");
  assert.equal(pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 7);
  assert.deepEqual(pod, JSON.parse(JSON.stringify(pod)));
  assert.deepEqual(pod, structuredClone(pod));
  assert.deepEqual(pod.deleting().status, pod.status);
  assert.equal(aPod().status?.phase, "Pending");
});
