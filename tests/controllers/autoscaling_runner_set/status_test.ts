import assert from "node:assert/strict";
import { runnerSetStatus } from "../../../controllers/autoscaling_runner_set/status.ts";
import type { Fact } from "../../../controllers/conditions.ts";
import { anEphemeralRunnerSet, aRunnerSet } from "../../builders.ts";
import { after as later, CREATED, stampAfter } from "../../times.ts";
import type { AutoscalingRunnerSet } from "../../../crds/autoscaling_runner_set.ts";
import { applyMergePatch } from "../../../lib/json.ts";
import { pure } from "../situations.ts";

type SetChanges = NonNullable<Parameters<typeof aRunnerSet>[0]>;

/** A set of which something is known already. */
function known(changes: SetChanges = {}): AutoscalingRunnerSet {
  return applyMergePatch(
    aRunnerSet({ status: { conditions: [] } }),
    changes,
  ) as AutoscalingRunnerSet;
}

const READY: Fact = { type: "Ready", status: "True", reason: "Ready", message: "m" };

pure("nothing is written when the status says it already (B9)", () => {
  assert.equal(runnerSetStatus(known(), { phase: "Running", facts: [] }, later(9)), undefined);
});

pure("ARS-12, ARS-13: the counters are copied from the EphemeralRunnerSet", () => {
  const runners = anEphemeralRunnerSet({
    status: {
      currentReplicas: 6,
      failedEphemeralRunners: 1,
      runningEphemeralRunners: 2,
      pendingEphemeralRunners: 3,
    },
  });
  const write = runnerSetStatus(known(), { phase: "Running", facts: [], runners }, later(9));
  assert.deepEqual(write?.patch, {
    currentRunners: 6,
    pendingEphemeralRunners: 3,
    runningEphemeralRunners: 2,
    failedEphemeralRunners: 1,
    finishedEphemeralRunners: 0,
    deletingEphemeralRunners: 0,
  });
  assert.equal(write?.delayMs, 0);
});

pure("counters are followed though their sum does not change (X18)", () => {
  const counted = { currentReplicas: 2, runningEphemeralRunners: 2, pendingEphemeralRunners: 0 };
  const set = aRunnerSet({ status: { currentRunners: 2, pendingEphemeralRunners: 2 } });
  const runners = anEphemeralRunnerSet({ status: counted });
  const { patch } = runnerSetStatus(set, { phase: "Running", facts: [], runners }, later(9)) ?? {};
  assert.equal((patch as Record<string, unknown>)["runningEphemeralRunners"], 2);
});

pure("without a status of the EphemeralRunnerSet the counters stay as they are", () => {
  const runners = anEphemeralRunnerSet({ status: null });
  const state = { phase: "Running", facts: [], runners } as const;
  assert.equal(runnerSetStatus(known(), state, later(9)), undefined);
});

pure("a fact becomes a condition of this generation, and other conditions stay", () => {
  const other = {
    type: "Foreign",
    status: "True",
    reason: "R",
    message: "",
    lastTransitionTime: CREATED,
  } as const;
  const set = aRunnerSet({ metadata: { generation: 4 }, status: { conditions: [other] } });
  const write = runnerSetStatus(set, { phase: "Running", facts: [READY] }, later(9));
  assert.deepEqual(write?.patch, {
    observedGeneration: 4,
    conditions: [other, { ...READY, observedGeneration: 4, lastTransitionTime: stampAfter(9) }],
  });
});

pure("the keys that the child has from us are noted once", () => {
  const set = known();
  const state = { phase: "Running", facts: [], propagatedKeys: ["a:x", "l:y"] } as const;
  assert.deepEqual(runnerSetStatus(set, state, later(9))?.patch, {
    propagatedKeys: ["a:x", "l:y"],
  });
  const noted = known({ status: { propagatedKeys: ["a:x", "l:y"] } });
  assert.equal(runnerSetStatus(noted, state, later(9)), undefined);
  assert.equal(runnerSetStatus(noted, { phase: "Running", facts: [] }, later(9)), undefined);
});
