import assert from "node:assert/strict";
import { Departures } from "../../../controllers/ephemeral_runner_set/departures.ts";
import { observeEphemeralRunnerSet } from "../../../controllers/ephemeral_runner_set/observe.ts";
import type { ServedDecision } from "../../../controllers/reconcile/step.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { anEphemeralRunnerSet, aRunner, aRunnerSet, ownedBy } from "../../builders.ts";
import { after, CREATED } from "../../times.ts";
import { cachesWith } from "../fakes.ts";

const set = anEphemeralRunnerSet();
const KEY = { namespace: "arc-runners", name: "linux" };

function look(
  objects: Parameters<typeof cachesWith>[0],
  served: ReadonlyMap<string, ServedDecision> = new Map(),
  name = KEY.name,
  departures = new Departures(),
) {
  departures.record(aRunner({ name: "gone" }), after(0));
  return observeEphemeralRunnerSet({
    caches: cachesWith(objects),
    served,
    departures,
    clock: new VirtualClock(CREATED),
    excludedLabelPrefixes: [],
  }, { ...KEY, name });
}

Deno.test("a set that is gone is not observed", () => {
  assert.equal(look([]), undefined);
});

Deno.test("a set is seen with the runners that it owns, and no record at first", () => {
  const stranger = aRunner({ name: "stranger", metadata: { ownerReferences: null } });
  const observed = look([set, aRunner(), stranger]);
  assert.deepEqual(observed?.runners.map(({ metadata }) => metadata?.name), ["linux-runner-a1b2c"]);
  assert.deepEqual([observed?.served, observed?.completed], [undefined, undefined]);
});

Deno.test("the limits are those of its runner set, also where ARC drew its name", () => {
  const limits = aRunnerSet({ spec: { minRunners: 1, maxRunners: 9 } });
  const drawn = anEphemeralRunnerSet({
    name: "linux-x7k2p",
    metadata: { ownerReferences: [ownedBy(AUTOSCALING_RUNNER_SETS, KEY)] },
  });
  for (const one of [set, drawn]) {
    const observed = look([limits, one], undefined, one.metadata?.name);
    assert.deepEqual([observed?.minRunners, observed?.maxRunners], [1, 9]);
  }
});

Deno.test("the record in the status counts, and what is newer in memory before it", () => {
  const recorded = anEphemeralRunnerSet({ status: { servedPatchID: 4, servedReplicas: 2 } });
  assert.deepEqual(look([recorded])?.served, { patchId: 4, replicas: 2 });
  const newer = { patchId: 5, replicas: 3 };
  assert.deepEqual(look([recorded], new Map([[set.metadata?.uid ?? "", newer]]))?.served, newer);
});

Deno.test("F14: a set that lost an idle runner has served no order, whatever the records say", () => {
  const uid = set.metadata?.uid ?? "";
  const served = new Map([[uid, { patchId: 5, replicas: 3 }]]);
  const departures = new Departures();
  departures.owe("r-1", uid);
  const observed = look([set], served, KEY.name, departures);
  assert.deepEqual(observed?.served, { patchId: -1, replicas: -1 });
});

Deno.test("runners that ended are counted only where the listener tells of completed ones", () => {
  const told = (names: readonly string[]) =>
    look([anEphemeralRunnerSet({ spec: { completedRunners: names } })])?.departed;
  assert.deepEqual([look([set])?.departed, told([]), told(["gone"])], [0, 1, 0]);
});
