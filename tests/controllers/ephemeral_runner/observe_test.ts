import assert from "node:assert/strict";
import { observeRunner } from "../../../controllers/ephemeral_runner/observe.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { aPod, aRunner } from "../../builders.ts";
import { cachesWith } from "../fakes.ts";

const KEY = { namespace: "arc-runners", name: "linux-runner-a1b2c" };
const look = (objects: Parameters<typeof cachesWith>[0]) =>
  observeRunner({ caches: cachesWith(objects), settings: { userAgent: "u" } }, KEY);
const pod = aPod({ metadata: { annotations: { [ANNOTATIONS.runnerId]: "55" } } });

Deno.test("a runner that is gone is not observed", () => {
  assert.equal(look([aPod()]), undefined);
});

Deno.test("a pod of the same name that is somebody else's is not the runner's", () => {
  const foreign = aPod({ metadata: { ownerReferences: null } });
  assert.equal(look([aRunner(), foreign])?.pod, undefined);
  assert.notEqual(look([aRunner(), aPod()])?.pod, undefined);
});

Deno.test("the id is that of the status, or that of the pod before the status tells (C2)", () => {
  assert.equal(look([aRunner({ phase: "" })])?.runnerId, undefined);
  assert.equal(look([aRunner({ phase: "" }), pod])?.runnerId, 55);
  assert.equal(look([aRunner(), pod])?.runnerId, 101);
});
