import assert from "node:assert/strict";
import { toldStatus } from "../../controllers/told_status.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import type { Condition } from "../../kube/types.ts";
import { aRunnerSet } from "../builders.ts";
import { pure } from "./situations.ts";

function ready(status: "True" | "False", reason: string): Condition {
  const lastTransitionTime = "2026-01-01T12:00:00Z";
  return { type: "Ready", status, reason, message: "", lastTransitionTime };
}

pure("B9: nothing is written when the stored status is true already", () => {
  const status = { phase: "Running", conditions: [ready("True", "Ready")] };
  assert.equal(toldStatus(AUTOSCALING_RUNNER_SETS, { ...aRunnerSet(), status }, status), undefined);
});

pure("a change of counters is written at once, without an Event", () => {
  const set = { ...aRunnerSet(), status: { currentRunners: 1 } };
  const write = toldStatus(AUTOSCALING_RUNNER_SETS, set, { currentRunners: 2 });
  assert.deepEqual([write?.patch, write?.delayMs, write?.events], [
    { currentRunners: 2 },
    0,
    undefined,
  ]);
});

pure("B7: a condition that went bad is told of in an Event", () => {
  const write = toldStatus(AUTOSCALING_RUNNER_SETS, aRunnerSet(), {
    conditions: [ready("False", "Failing")],
  });
  assert.deepEqual(write?.events?.map(({ type, reason }) => [type, reason]), [
    ["Warning", "Failing"],
  ]);
});
