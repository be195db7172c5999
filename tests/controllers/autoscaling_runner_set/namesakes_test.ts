import assert from "node:assert/strict";
import { namesakeOf } from "../../../controllers/autoscaling_runner_set/namesakes.ts";
import { aRunnerSet, STORY } from "../../builders.ts";
import { stampAfter } from "../../times.ts";
import { pure } from "../situations.ts";

const SET = aRunnerSet({ metadata: { creationTimestamp: stampAfter(60) } });
type Changes = NonNullable<Parameters<typeof aRunnerSet>[0]>;

const ROWS: readonly (readonly [claim: string, changes: Changes, isTaken: boolean])[] = [
  ["the same", {}, true],
  ["one that goes", { deleting: true }, true],
  ["another spelling", {
    spec: { githubConfigUrl: "https://GitHub.com/ACME/", runnerGroup: "default" },
  }, true],
  ["the name in the spec", { name: "other", spec: { runnerScaleSetName: "linux" } }, true],
  ["another name", { spec: { runnerScaleSetName: "big" } }, false],
  ["another group", { spec: { runnerGroup: "gpu" } }, false],
  ["F32: another organization", { spec: { githubConfigUrl: "https://github.com/b" } }, false],
  ["an older one that is not registered", { fresh: true }, false],
  ["a younger one", { metadata: { creationTimestamp: stampAfter(120) } }, false],
];

for (const [claim, changes, isTaken] of ROWS) {
  pure(`${claim}: the scale set is ${isTaken ? "taken" : "free"}`, () => {
    const other = aRunnerSet({ namespace: "elsewhere", ...changes });
    const name = changes.name ?? STORY.runnerSet;
    assert.deepEqual(
      namesakeOf(SET, [SET, other]),
      isTaken ? { namespace: "elsewhere", name } : undefined,
    );
  });
}

pure("of two that are as old, one has it", () => {
  const a = aRunnerSet({ namespace: "a" });
  const b = aRunnerSet({ namespace: "b" });
  const taken = [namesakeOf(a, [a, b]), namesakeOf(b, [a, b])].filter((key) => key !== undefined);
  assert.equal(taken.length, 1);
});
