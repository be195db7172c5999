import assert from "node:assert/strict";
import { listenerFacts } from "../../../controllers/autoscaling_runner_set/listener_facts.ts";
import type { EphemeralRunnerSetSpec } from "../../../crds/ephemeral_runner_set.ts";
import { aListener, anEphemeralRunnerSet, aRunnerSet } from "../../builders.ts";
import { observedRunnerSet, pure } from "../situations.ts";

const HEARD = { completedRunners: [] };

/** A listener whose container runs, or does not. */
function listening(status: "True" | "False") {
  const ready = {
    type: "Ready",
    status,
    reason: status === "True" ? "Running" : "BackingOff",
    message: "It waits",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  return { listeners: [aListener({ status: { conditions: [ready] } })] };
}

function facts(
  spec: Partial<EphemeralRunnerSetSpec>,
  rest: Parameters<typeof observedRunnerSet>[0] = {},
): readonly string[] {
  const runnerSets = [anEphemeralRunnerSet({ spec: { patchID: 0, ...spec } })];
  return listenerFacts(observedRunnerSet({ runnerSets, ...listening("True"), ...rest }))
    .map(({ type, status, reason }) => `${type} ${status} ${reason}`);
}

pure("a listener that runs but was not heard of, as ARC's own, is nothing to complain of", () => {
  assert.deepEqual(facts({}), ["SessionHealthy Unknown NotHeard"]);
});

pure("before there is a listener, its session is not known", () => {
  for (const listeners of [[], [aListener()]]) {
    assert.deepEqual(facts(HEARD, { listeners }), ["SessionHealthy Unknown ListenerNotReady"]);
  }
});

pure("a listener without complaints hears the queue", () => {
  assert.deepEqual(facts(HEARD), ["SessionHealthy True Polling"]);
});

pure("what it complains of is what the user reads", () => {
  const listenerReport = "no-session:SessionConflict A session is active";
  assert.deepEqual(facts({ ...HEARD, listenerReport }), ["SessionHealthy False SessionConflict"]);
  assert.deepEqual(facts({ listenerReport: "no-scale-set:7" }), [
    "SessionHealthy False ScaleSetGone",
  ]);
});

pure("a listener that does not run says nothing of today", () => {
  assert.deepEqual(facts(HEARD, listening("False")), ["SessionHealthy Unknown ListenerNotReady"]);
});

pure("F10: phantom demand is a condition, which stays when it is over", () => {
  const told = facts({ ...HEARD, listenerReport: "phantom-jobs:15" });
  assert.deepEqual(told, ["SessionHealthy True Polling", "PhantomDemand True JobsDoNotStart"]);
  const before = {
    type: "PhantomDemand",
    status: "True",
    reason: "JobsDoNotStart",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  const set = aRunnerSet({ status: { conditions: [before] } });
  assert.deepEqual(facts(HEARD, { set }), [
    "SessionHealthy True Polling",
    "PhantomDemand False None",
  ]);
});
