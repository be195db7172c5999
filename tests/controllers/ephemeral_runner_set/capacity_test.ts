import assert from "node:assert/strict";
import { capacityOf, presentOf } from "../../../controllers/ephemeral_runner_set/capacity.ts";
import type { ObservedEphemeralRunnerSet } from "../../../controllers/ephemeral_runner_set/observe.ts";
import { populationOf } from "../../../controllers/ephemeral_runner_set/population.ts";
import { aRunner } from "../../builders.ts";
import { observedSet, pure } from "../situations.ts";

const foreign = aRunner({ name: "foreign", spec: { runnerScaleSetId: 99 } });
const RUNNERS = [
  aRunner({ name: "pending", phase: "Pending" }),
  aRunner({ name: "running" }),
  aRunner({ name: "done", hasJob: true }),
  aRunner({ name: "failed", phase: "Failed" }),
  foreign,
];

function counts(changes: Partial<ObservedEphemeralRunnerSet>, wanted = 0): readonly number[] {
  const observed = observedSet({ runners: RUNNERS, ...changes });
  const population = populationOf(observed.runners);
  return [capacityOf(observed, population), presentOf(observed, population, wanted)];
}

pure(
  "B4: live runners of this scale set count, failed ones and those of a former one do not",
  () => {
    assert.deepEqual(counts({}), [3, 3]);
  },
);

pure(
  "one whose job is over counts no more, but is still there; one that left unheard of counts",
  () => {
    assert.deepEqual(counts({ completed: new Set(["done"]) }), [2, 3]);
    assert.deepEqual(counts({ departed: 2 }), [5, 3]);
  },
);

pure("nobody is missing where the user's maximum leaves no room, former runners included", () => {
  assert.deepEqual(counts({ maxRunners: 5 }, 5), [3, 4]);
  assert.deepEqual(counts({ maxRunners: 5, inherited: 1 }, 5), [3, 5]);
});
