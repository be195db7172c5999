import assert from "node:assert/strict";
import { populationOf } from "../../../controllers/ephemeral_runner_set/population.ts";
import { retirement, retireSteps } from "../../../controllers/ephemeral_runner_set/retirement.ts";
import { anEphemeralRunnerSet, aRunner, type RunnerChanges } from "../../builders.ts";
import { after, stampAfter } from "../../times.ts";
import { pure } from "../situations.ts";

const made = (name: string, atS: number, changes: RunnerChanges = {}) =>
  aRunner({ name, ...changes, metadata: { creationTimestamp: stampAfter(atS) } });
const POPULATION = populationOf([
  made("young", 90),
  made("old", 10),
  made("busy", 5, { hasJob: true }),
  made("pending", 50, { phase: "Pending" }),
]);

function chosen(patience: "none" | "long-idle", retire = 1) {
  const scale = { create: 0, later: 0, retire, patience };
  const { runners, lookAgainMs } = retirement(POPULATION, scale, after(100));
  return { names: runners.map(({ metadata }) => metadata?.name), lookAgainMs };
}

pure(
  "F24: who goes: idle ones, those that have not started first, the oldest of each first",
  () => {
    assert.deepEqual(chosen("none"), { names: ["pending", "old", "young"], lookAgainMs: [] });
    assert.deepEqual(chosen("none", 0).names, []);
  },
);

pure(
  "with patience only those that had time to get a job go; the others are looked at again",
  () => {
    assert.deepEqual(chosen("long-idle"), { names: ["pending", "old"], lookAgainMs: [20_000] });
  },
);

pure("one of a former scale set is asked for where it is registered", () => {
  const former = { githubConfigUrl: "https://github.com/former" };
  const runners = [made("a", 1), made("b", 1, { spec: former })];
  const [step] = retireSteps(anEphemeralRunnerSet(), runners, 2);
  assert.ok(step?.do === "retire-runners");
  assert.deepEqual(
    step.candidates.map(({ target }) => target?.configUrl),
    [undefined, former.githubConfigUrl],
  );
  assert.deepEqual(retireSteps(anEphemeralRunnerSet(), [], 2), []);
});
