import assert from "node:assert/strict";
import { CompletedRunners } from "../../../controllers/ephemeral_runner/completed_runners.ts";
import { observeRunner } from "../../../controllers/ephemeral_runner/observe.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { aPod, aRunner } from "../../builders.ts";
import { cachesWith } from "../fakes.ts";
import { NO_DEADLINES } from "../situations.ts";

const SOURCES = {
  completed: new CompletedRunners(),
  started: new Map<string, number>(),
  deadlines: NO_DEADLINES,
  settings: { userAgent: "u", excludedLabelPrefixes: [] },
};
const KEY = { namespace: "arc-runners", name: "linux-runner-a1b2c" };
const look = (objects: Parameters<typeof cachesWith>[0]) =>
  observeRunner({ ...SOURCES, caches: cachesWith(objects) }, KEY);
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

Deno.test("F14: the id of a runner whose pod was made is known when the pod is gone and no status was written", () => {
  const runner = aRunner({ phase: "" });
  const started = new Map([[runner.metadata?.uid ?? "", 77]]);
  const sources = { ...SOURCES, started, caches: cachesWith([runner]) };
  assert.equal(observeRunner(sources, KEY)?.runnerId, 77);
});
