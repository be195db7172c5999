import assert from "node:assert/strict";
import { limitFacts } from "../../../controllers/autoscaling_runner_set/limit_facts.ts";
import type { Condition } from "../../../kube/types.ts";
import { anEphemeralRunnerSet, aRunnerSet } from "../../builders.ts";
import { observedRunnerSet, pure } from "../situations.ts";

function condition(type: string, status: "True" | "False", reason: string): Condition {
  return {
    type,
    status,
    reason,
    message: `${reason} it is`,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
}

type Status = NonNullable<NonNullable<Parameters<typeof anEphemeralRunnerSet>[0]>["status"]>;

function facts(
  maxRunners: number | null,
  status: Status = {},
  before: readonly Condition[] = [],
): readonly string[] {
  return limitFacts(observedRunnerSet({
    set: aRunnerSet({ spec: { maxRunners, minRunners: 0 }, status: { conditions: before } }),
    runnerSets: [anEphemeralRunnerSet({ status })],
  })).map(({ type, status, reason }) => `${type} ${status} ${reason}`);
}

pure("B7: nothing is said while nothing limits", () => {
  assert.deepEqual(facts(5, { currentReplicas: 4 }), []);
  assert.deepEqual(facts(null, { currentReplicas: 400 }), []);
});

pure("B7: the user's maximum limits when it is reached, and pauses when it is 0", () => {
  assert.deepEqual(facts(5, { currentReplicas: 5 }), ["ScalingLimited True Max"]);
  assert.deepEqual(facts(5, { currentReplicas: 5, failedEphemeralRunners: 1 }), []);
  assert.deepEqual(facts(0), ["ScalingLimited True Paused"]);
});

pure("B7: what the runners meet is passed on, and comes before the maximum", () => {
  const quota = { currentReplicas: 5, conditions: [condition("ScalingLimited", "True", "Quota")] };
  assert.deepEqual(facts(5, quota), ["ScalingLimited True Quota"]);
  assert.deepEqual(facts(0, quota), ["ScalingLimited True Paused"]);
  const broken = { conditions: [condition("Degraded", "True", "OOMKilled")] };
  assert.deepEqual(facts(5, broken), ["Degraded True OOMKilled"]);
});

pure("B7: a limit that is gone, and failures that are over, are said to be over", () => {
  const before = [
    condition("ScalingLimited", "True", "Max"),
    condition("Degraded", "True", "Error"),
  ];
  assert.deepEqual(facts(5, {}, before), ["ScalingLimited False None", "Degraded False None"]);
  const over = { conditions: [condition("Degraded", "False", "Recovered")] };
  assert.deepEqual(facts(5, over, before), [
    "ScalingLimited False None",
    "Degraded False Recovered",
  ]);
});

pure("B7: a refused version of the runner is a condition of its own", () => {
  assert.deepEqual(facts(5, { phase: "Outdated" }), ["RunnerImageOutdated True VersionRefused"]);
});
