import assert from "node:assert/strict";
import {
  conditionOf,
  controllerOf,
  hasFinalizer,
  isControlledBy,
  isDeleting,
  isFinished,
  labelSelectorText,
  microTimeText,
  ownerReference,
  setCondition,
  timeText,
  withFinalizer,
  withoutFinalizer,
} from "../../kube/meta.ts";
import { PODS } from "../../kube/resources.ts";
import type { KubeObject, ObjectMeta } from "../../kube/types.ts";

const NOW = new Date("2026-01-01T12:00:00.789Z");

function pure(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

function object(metadata: ObjectMeta): KubeObject {
  return { metadata: { name: "x", uid: "u", resourceVersion: "7", ...metadata } };
}

pure("times are written as the API server reads them", () => {
  assert.equal(timeText(NOW), "2026-01-01T12:00:00Z");
  assert.equal(microTimeText(NOW), "2026-01-01T12:00:00.789000Z");
});

pure("an owner reference makes its owner the controller", () => {
  const owner = object({});
  const child = { metadata: { ownerReferences: [ownerReference(owner, PODS)] } };
  assert.deepEqual(controllerOf(child), {
    apiVersion: "v1",
    kind: "Pod",
    name: "x",
    uid: "u",
    controller: true,
    blockOwnerDeletion: true,
  });
  assert.ok(isControlledBy(child, owner));
  assert.ok(!isControlledBy(child, object({ uid: "later" })));
  assert.ok(!isControlledBy(child, {}));
  assert.throws(() => ownerReference({ metadata: { name: "x" } }, PODS), TypeError);
});

pure("an object that is deleted is finished when nothing holds it", () => {
  const deletionTimestamp = timeText(NOW);
  const held = { deletionTimestamp, deletionGracePeriodSeconds: 0, finalizers: ["f"] };
  assert.ok(!isDeleting(object({})));
  assert.ok(!isFinished(object({})));
  assert.ok(isDeleting(object(held)));
  assert.ok(!isFinished(object(held)));
  assert.ok(!isFinished(object({ deletionTimestamp, deletionGracePeriodSeconds: 30 })));
  assert.ok(isFinished(object({ ...held, finalizers: [] })));
});

pure("adding a finalizer keeps those of others", () => {
  assert.deepEqual(withFinalizer(object({ finalizers: ["theirs"] }), "ours"), [
    { op: "test", path: "/metadata/uid", value: "u" },
    { op: "test", path: "/metadata/finalizers", value: ["theirs"] },
    { op: "add", path: "/metadata/finalizers/-", value: "ours" },
  ]);
});

pure("the first finalizer is added only to what nobody wrote meanwhile", () => {
  assert.deepEqual(withFinalizer(object({}), "ours"), [
    { op: "test", path: "/metadata/uid", value: "u" },
    { op: "test", path: "/metadata/resourceVersion", value: "7" },
    { op: "add", path: "/metadata/finalizers", value: ["ours"] },
  ]);
});

pure("removing a finalizer proves first that it is ours", () => {
  assert.deepEqual(withoutFinalizer(object({ finalizers: ["theirs", "ours"] }), "ours"), [
    { op: "test", path: "/metadata/uid", value: "u" },
    { op: "test", path: "/metadata/finalizers/1", value: "ours" },
    { op: "remove", path: "/metadata/finalizers/1" },
  ]);
});

pure("there is nothing to patch when the finalizer is there, or gone, already", () => {
  const ours = object({ finalizers: ["ours"] });
  assert.ok(hasFinalizer(ours, "ours"));
  assert.equal(withFinalizer(ours, "ours"), undefined);
  assert.equal(withoutFinalizer(object({}), "ours"), undefined);
});

pure("a condition's time moves with its status only", () => {
  const claim = { type: "Ready", status: "False", reason: "Starting", message: "wait" };
  const first = setCondition(undefined, claim, NOW);
  assert.deepEqual(first, [{ ...claim, lastTransitionTime: "2026-01-01T12:00:00Z" }]);

  const later = new Date("2026-01-01T13:00:00Z");
  const reworded = setCondition(first, { ...claim, message: "wait more" }, later);
  assert.equal(conditionOf(reworded, "Ready")?.lastTransitionTime, "2026-01-01T12:00:00Z");
  const turned = setCondition(reworded, { ...claim, status: "True" }, later);
  assert.equal(conditionOf(turned, "Ready")?.lastTransitionTime, "2026-01-01T13:00:00Z");
});

pure("a condition that says the same again is the same list, and others stay in place", () => {
  const claim = {
    type: "B",
    status: "True",
    reason: "R",
    message: "m",
    observedGeneration: 2,
  } as const;
  const list = setCondition(
    setCondition([], { ...claim, type: "A" }, NOW),
    claim,
    NOW,
  );
  assert.equal(setCondition(list, claim, new Date(0)), list);
  const changed = setCondition(list, { ...claim, type: "A", observedGeneration: 3 }, NOW);
  assert.deepEqual(changed.map(({ type }) => type), ["A", "B"]);
  assert.equal(changed[0]?.observedGeneration, 3);
  assert.equal(changed[1], list[1]);
});

pure("a label selector asks for all of its labels", () => {
  assert.equal(labelSelectorText({ a: "1", "b.c/d": "2" }), "a=1,b.c/d=2");
});
