import assert from "node:assert/strict";
import { CONDITIONS } from "../../../controllers/conditions.ts";
import { reasonsOf } from "../../../modes/explain/reasons.ts";
import { runnerStory } from "../../../modes/explain/runner_story.ts";
import type { SetView } from "../../../modes/explain/snapshot.ts";
import {
  aListener,
  anEphemeralRunnerSet,
  aPod,
  aRunner,
  aRunnerSet,
  STORY,
} from "../../builders.ts";
import { CREATED } from "../../times.ts";

const NOW = new Date(Date.parse(CREATED) + 600_000);

function condition(type: string, status: "True" | "False", reason: string, message: string) {
  return { type, status, reason, message, lastTransitionTime: CREATED };
}

function aView(changes: Partial<SetView> = {}): SetView {
  return {
    set: aRunnerSet(),
    runnerSet: anEphemeralRunnerSet(),
    listener: aListener(),
    listenerPod: undefined,
    runners: [],
    pods: new Map(),
    ...changes,
  };
}

const SNAPSHOT = { now: NOW, pods: "unseen" as const };

const ROWS: Readonly<Record<string, readonly [SetView, ...string[]]>> = {
  "a settled set has none": [aView()],
  "pods that were not seen say nothing of the listener": [aView({ listenerPod: undefined })],
  "the scheduler's words come with the runner's name": [
    aView({
      runners: [aRunner({ phase: "Pending" })],
      pods: new Map([[STORY.runner, aPod().unschedulable()]]),
    }),
    "unschedulable",
  ],
  "a cause comes before what it causes": [
    aView({
      set: aRunnerSet({
        status: {
          conditions: [
            condition(CONDITIONS.ready, "False", "CredentialsInvalid", "refused"),
            condition(CONDITIONS.sessionHealthy, "False", "Refused", "the session is refused"),
            condition(CONDITIONS.credentialsValid, "False", "Refused", "the token is refused"),
          ],
        },
      }),
    }),
    "credential",
    "session",
    "not-ready",
  ],
  "an order that nobody carries out": [
    aView({
      runnerSet: anEphemeralRunnerSet({
        spec: { replicas: 2, patchID: 9 },
        status: {
          servedPatchID: 3,
          conditions: [condition(CONDITIONS.ready, "True", "AsWanted", "")],
        },
      }),
    }),
    "unserved",
  ],
  "failures as older controllers tell them": [
    aView({
      runnerSet: anEphemeralRunnerSet({
        status: { consecutiveFailures: 2, lastFailureTime: CREATED, lastFailureMessage: "boom" },
      }),
    }),
    "failing",
  ],
  "a condition that is well is no reason": [
    aView({
      set: aRunnerSet({
        status: {
          conditions: [
            condition(CONDITIONS.phantomDemand, "False", "None", ""),
            condition(CONDITIONS.scalingLimited, "False", "None", ""),
          ],
        },
      }),
    }),
  ],
  "distrusted demand": [
    aView({
      set: aRunnerSet({
        status: {
          conditions: [
            condition(CONDITIONS.phantomDemand, "True", "JobsDoNotStart", "15 jobs do not start"),
          ],
        },
      }),
    }),
    "phantom",
  ],
};

for (const [claim, [view, ...codes]] of Object.entries(ROWS)) {
  Deno.test({
    name: `reasons: ${claim}`,
    permissions: "none",
    fn: () => assert.deepEqual(reasonsOf(view, SNAPSHOT).map(({ code }) => code), codes),
  });
}

Deno.test({
  name: "reasons: a runner that has not started is held back by what holds its set back",
  permissions: "none",
  fn: () => {
    const refused = condition(CONDITIONS.credentialsValid, "False", "Refused", "no such token");
    const view = (phase: "Pending" | "Running") =>
      aView({
        set: aRunnerSet({ status: { conditions: [refused] } }),
        runners: [aRunner({ phase })],
        pods: new Map(),
      });
    const told = (phase: "Pending" | "Running") =>
      runnerStory(STORY.runner, {
        ...SNAPSHOT,
        sets: [view(phase)],
        strays: [],
        events: [],
        unseen: [],
      })?.headline;
    assert.equal(told("Pending"), `✗ Runner "${STORY.runner}": no such token`);
    assert.match(told("Running") ?? "", /^✓ Runner /);
  },
});
