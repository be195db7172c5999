import assert from "node:assert/strict";
import {
  runnerAfterRefusal,
  runnerWithoutRoom,
} from "../../../controllers/ephemeral_runner/failure.ts";
import { aPod, aRunner } from "../../builders.ts";
import { after as later } from "../../times.ts";
import { observedRunner, pure } from "../situations.ts";

const NOW = later(100);
const going = aRunner({ deleting: true });

pure("B4: a pod that the API server refuses marks its runner as failed, and only then", () => {
  const observed = observedRunner({ runner: aRunner({ phase: "" }) });
  const write = runnerAfterRefusal(observed, "spec.x is wrong", NOW);
  const { conditions: _, ...facts } = write?.patch as Readonly<Record<string, unknown>>;
  assert.deepEqual(facts, {
    phase: "Failed",
    reason: "InvalidPod",
    message: "Failed to create the pod: spec.x is wrong",
    ready: false,
    runnerName: observed.runner.metadata?.name,
    failures: { [observed.runner.metadata?.uid ?? ""]: NOW.toISOString() },
  });
  assert.equal(runnerAfterRefusal(observedRunner({ runner: going }), "m", NOW), undefined);
  assert.equal(runnerAfterRefusal(observedRunner({ pod: aPod() }), "m", NOW), undefined);
});

pure("F22: a pod for which a quota has no room leaves its runner waiting, and tells why", () => {
  const observed = observedRunner({ runner: aRunner({ phase: "" }) });
  const write = runnerWithoutRoom(observed, "pods are 10 of 10", NOW);
  const { conditions: _, ...facts } = write?.patch as Readonly<Record<string, unknown>>;
  assert.deepEqual(facts, { reason: "QuotaExceeded", message: "pods are 10 of 10", ready: false });
  assert.equal(runnerWithoutRoom(observedRunner({ runner: going }), "m", NOW), undefined);
  assert.equal(runnerWithoutRoom(observedRunner({ pod: aPod() }), "m", NOW), undefined);
});
