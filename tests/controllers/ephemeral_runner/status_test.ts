import assert from "node:assert/strict";
import { runnerStatus } from "../../../controllers/ephemeral_runner/status.ts";
import type { EphemeralRunnerStatus } from "../../../crds/ephemeral_runner.ts";
import { aRunner } from "../../builders.ts";
import { after as later, stampAfter } from "../../times.ts";
import { after, pure } from "../situations.ts";

const NOW = later(61);

pure("nothing is written when the status says it already (B9)", () => {
  assert.equal(
    runnerStatus(aRunner(), { phase: "Running", ready: true, reason: undefined }, NOW),
    undefined,
  );
});

pure("what changes is written at once, and the listener's facts are not touched", () => {
  const write = runnerStatus(aRunner({ hasJob: true }), { phase: "Failed", reason: "Error" }, NOW);
  assert.deepEqual(write?.patch, {
    phase: "Failed",
    reason: "Error",
    conditions: [{
      type: "Ready",
      status: "False",
      reason: "Error",
      message: "",
      observedGeneration: 1,
      lastTransitionTime: stampAfter(61),
    }],
  });
  assert.equal(write?.delayMs, 0);
  assert.deepEqual(write?.key, { namespace: "arc-runners", name: "linux-runner-a1b2c" });
});

pure("what is no longer true is removed", () => {
  const runner = aRunner({ status: { reason: "Evicted" } });
  const patch = runnerStatus(runner, { reason: undefined }, NOW)?.patch as { reason?: unknown };
  assert.equal(patch.reason, null);
});

const READINESS: readonly (readonly [
  claim: string,
  change: Partial<EphemeralRunnerStatus>,
  says: string,
])[] = [
  ["a pod that is ready", { phase: "Running", ready: true, runnerName: "x" }, "True PodReady "],
  ["a pod that starts", { phase: "Pending", ready: false }, "False Starting "],
  ["a pod that runs and is not ready", { phase: "Running", ready: false }, "False NotReady "],
  [
    "a pod that cannot start",
    { phase: "Pending", ready: false, reason: "ImagePullFailed", message: "no such image" },
    "False ImagePullFailed no such image",
  ],
  [
    "a runner that failed",
    { phase: "Failed", ready: false, reason: "OOMKilled", message: "exit code 137" },
    "False OOMKilled exit code 137",
  ],
  [
    "a reason that is no word",
    { phase: "Failed", ready: false, reason: "out of luck" },
    "False Starting ",
  ],
];

for (const [claim, change, says] of READINESS) {
  pure(`B7: the condition Ready tells of ${claim}, in the same write`, () => {
    const runner = aRunner();
    const status = runnerStatus(runner, change, NOW);
    const [ready] = after({ because: "", steps: [], status }, runner).status?.conditions ?? [];
    assert.equal(`${ready?.status} ${ready?.reason} ${ready?.message}`, says);
    assert.equal(ready?.observedGeneration, 1);
  });
}

pure("B9: a condition that is missing is no reason to write", () => {
  assert.equal(aRunner().status?.conditions, undefined);
  assert.equal(runnerStatus(aRunner(), { phase: "Running", ready: true }, NOW), undefined);
});
