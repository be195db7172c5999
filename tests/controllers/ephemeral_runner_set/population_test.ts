import assert from "node:assert/strict";
import { populationOf } from "../../../controllers/ephemeral_runner_set/population.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { aRunner, type RunnerChanges } from "../../builders.ts";
import { pure } from "../situations.ts";

const ROWS: readonly (readonly [claim: string, runner: RunnerChanges, group: string])[] = [
  ["without a status", { phase: "" }, "pending"],
  ["that waits to start", { phase: "Pending" }, "pending"],
  ["of a phase that nobody knows", { status: { phase: "Unknown" } }, "pending"],
  ["that runs", {}, "running"],
  ["that runs a job", { hasJob: true }, "running"],
  ["that ARC marked as ended", { phase: "Succeeded" }, "finished"],
  ["that failed", { phase: "Failed" }, "failed"],
  ["of a refused version", { phase: "Outdated" }, "outdated"],
  ["that goes, whatever its phase", { phase: "Failed", deleting: true }, "deleting"],
];

for (const [claim, changes, group] of ROWS) {
  pure(`a runner ${claim} is ${group}`, () => {
    const runner = aRunner(changes);
    const { latestPatchId: _, ...groups } = populationOf([runner]);
    const found = Object.entries(groups).filter(([, list]) => list.length > 0);
    assert.deepEqual(found, [[group, [runner]]]);
  });
}

pure("the latest patch id is the highest of all runners, readable or not, going or not", () => {
  const under = (id: string | null, changes: RunnerChanges = {}) =>
    aRunner({ ...changes, metadata: { annotations: { [ANNOTATIONS.patchId]: id } } });
  assert.equal(populationOf([]).latestPatchId, 0);
  assert.equal(populationOf([under("3"), under("x"), under(null)]).latestPatchId, 3);
  const all = [under("3"), under("12", { deleting: true }), under("9", { phase: "Failed" })];
  assert.equal(populationOf(all).latestPatchId, 12);
});
