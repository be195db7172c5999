import assert from "node:assert/strict";
import { runnerStatus } from "../../../controllers/ephemeral_runner/status.ts";
import { aRunner } from "../../builders.ts";
import { pure } from "../situations.ts";

pure("nothing is written when the status says it already (B9)", () => {
  assert.equal(
    runnerStatus(aRunner(), { phase: "Running", ready: true, reason: undefined }),
    undefined,
  );
});

pure("what changes is written at once, and the listener's facts are not touched", () => {
  const write = runnerStatus(aRunner({ hasJob: true }), { phase: "Failed", reason: "Error" });
  assert.deepEqual(write?.patch, { phase: "Failed", reason: "Error" });
  assert.equal(write?.delayMs, 0);
  assert.deepEqual(write?.key, { namespace: "arc-runners", name: "linux-runner-a1b2c" });
});

pure("what is no longer true is removed", () => {
  const runner = aRunner({ status: { reason: "Evicted" } });
  assert.deepEqual(runnerStatus(runner, { reason: undefined })?.patch, { reason: null });
});
