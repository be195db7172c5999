import assert from "node:assert/strict";
import { hasJob } from "../../controllers/runner_job.ts";
import { aRunner, type RunnerChanges } from "../builders.ts";
import { pure } from "./situations.ts";

const ROWS: readonly (readonly [claim: string, runner: RunnerChanges, has: boolean])[] = [
  ["one that is new has no job", { phase: "" }, false],
  ["one to which nobody gave any has none", {}, false],
  ["what ARC writes for none is none", { status: { jobId: "", jobRequestId: 0 } }, false],
  ["one that the listener gave one has it", { hasJob: true }, true],
  [
    "F26: one whose job has a number and no id, as ARC before 0.12 and its CRDs have it, has it",
    { status: { jobRequestId: 7 } },
    true,
  ],
  ["F26: the same with an id that is empty", { status: { jobId: "", jobRequestId: 7 } }, true],
];

for (const [claim, runner, has] of ROWS) {
  pure(claim, () => assert.equal(hasJob(aRunner(runner)), has));
}
