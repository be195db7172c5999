import assert from "node:assert/strict";
import { planDeletion } from "../../../controllers/autoscaling_runner_set/deletion.ts";
import type { ObservedRunnerSet } from "../../../controllers/autoscaling_runner_set/observe.ts";
import { ANNOTATIONS, CLEANUP_ANNOTATIONS, FINALIZERS } from "../../../crds/group.ts";
import { aListener, aListenerPod, anEphemeralRunnerSet, aRunnerSet } from "../../builders.ts";
import { after as later } from "../../times.ts";
import {
  NO_CREDENTIALS,
  observedRunnerSet,
  only,
  outline,
  pure,
  STALE_CREDENTIALS,
  TARGET,
} from "../situations.ts";

/** Deletion was asked for at second 60. */
const going = aRunnerSet({ deleting: true });
const unregistered = aRunnerSet({
  deleting: true,
  metadata: { annotations: { [ANNOTATIONS.scaleSetId]: null } },
});
const RELEASE = `remove-finalizers ${FINALIZERS.runnerSet}`;

const ROWS: readonly {
  readonly claim: string;
  readonly observed: Partial<ObservedRunnerSet>;
  /** Seconds since deletion was asked for. */
  readonly age?: number;
  readonly because: string;
  readonly steps: readonly string[];
  readonly lookAgainMs?: number;
}[] = [
  {
    claim: "does nothing when none of our finalizers holds it",
    observed: { set: aRunnerSet({ deleting: true, metadata: { finalizers: ["other/f"] } }) },
    because: "Somebody else holds the object",
    steps: [],
  },
  {
    claim: "does nothing but wait when listener and runners are going already",
    observed: {
      listeners: [aListener({ deleting: true })],
      runnerSets: [anEphemeralRunnerSet({ deleting: true })],
    },
    because: "Listener and runners go first",
    steps: [],
    lookAgainMs: 5_000,
  },
  {
    claim: "deletes listeners and sets of runners first, all that there are",
    observed: {
      listeners: [aListener(), aListener({ name: "linux-old-listener" })],
      runnerSets: [anEphemeralRunnerSet(), anEphemeralRunnerSet({ name: "linux-abc12" })],
    },
    because: "Listener and runners go first",
    steps: [
      `delete AutoscalingListener ${aListener().metadata?.name}`,
      "delete AutoscalingListener linux-old-listener",
      "delete EphemeralRunnerSet linux",
      "delete EphemeralRunnerSet linux-abc12",
    ],
    lookAgainMs: 5_000,
  },
  {
    claim: "waits for runners however long their jobs take",
    observed: { runnerCount: 1 },
    age: 86_400,
    because: "Listener and runners go first",
    steps: [],
    lookAgainMs: 5_000,
  },
  {
    claim: "waits for the listener's pod, which closes its session",
    observed: { listenerPods: [aListenerPod().deleting()] },
    age: 74,
    because: "Listener and runners go first",
    steps: [],
    lookAgainMs: 5_000,
  },
  {
    claim: "does not wait for a listener's pod that never goes",
    observed: { listenerPods: [aListenerPod().deleting()], set: unregistered },
    age: 75,
    because: "Nothing of it exists at GitHub",
    steps: [RELEASE],
  },
  {
    claim: "then deletes the scale set and lets go",
    observed: {},
    age: 3,
    because: "All is gone but the scale set",
    steps: ["delete-scale-set", RELEASE],
    lookAgainMs: 5_000,
  },
  {
    claim: "uses the last good credential when the Secret is gone already (B5)",
    observed: { credentials: STALE_CREDENTIALS },
    because: "All is gone but the scale set",
    steps: ["delete-scale-set", RELEASE],
    lookAgainMs: 5_000,
  },
  {
    claim: "ARS-15: lets go at once when nothing was registered, credentials or not",
    observed: { set: unregistered, credentials: NO_CREDENTIALS },
    because: "Nothing of it exists at GitHub",
    steps: [RELEASE],
  },
  {
    claim: "B5: says what is left behind when no credential was ever read",
    observed: { credentials: NO_CREDENTIALS },
    because: "GitHub could not be asked to remove the scale set",
    steps: ["record-event ScaleSetLeftBehind", RELEASE],
  },
];

for (const { claim, observed, age = 1, because, steps, lookAgainMs } of ROWS) {
  pure(`a runner set that is deleted: ${claim}`, () => {
    const plan = planDeletion(observedRunnerSet({ set: going, ...observed }), later(60 + age));
    assert.equal(plan.because, because);
    assert.deepEqual(outline(plan), steps);
    assert.equal(plan.lookAgainMs, lookAgainMs);
    assert.equal(plan.status, undefined);
  });
}

pure("the scale set is asked for where it was registered", () => {
  const [step] = only(
    planDeletion(observedRunnerSet({ set: going }), later(61)),
    "delete-scale-set",
  );
  assert.deepEqual([step?.target, step?.scaleSetId], [TARGET, 7]);
});

pure(
  "ARS-21, ARS-22: objects that ARC's chart protects are let go, the controller's rights last",
  () => {
    const annotations = Object.fromEntries(
      Object.entries(CLEANUP_ANNOTATIONS).map(([what, key]) => [key, what]),
    );
    const set = aRunnerSet({ deleting: true, metadata: { annotations } });
    assert.deepEqual(outline(planDeletion(observedRunnerSet({ set }), later(61))), [
      "delete-scale-set",
      "release-protected RoleBinding kubernetesModeRoleBinding",
      "release-protected Role kubernetesModeRole",
      "release-protected ServiceAccount kubernetesModeServiceAccount",
      "release-protected ServiceAccount noPermissionServiceAccount",
      "release-protected Secret githubSecret",
      "release-protected RoleBinding managerRoleBinding",
      "release-protected Role managerRole",
      RELEASE,
    ]);
  },
);

pure("B5: a set whose last job took long still has its scale set deleted, or told of", () => {
  const plan = planDeletion(observedRunnerSet({ set: going }), later(60 + 3_600));
  assert.deepEqual(outline(plan), ["delete-scale-set", RELEASE]);
  const [step] = only(plan, "delete-scale-set");
  assert.equal(step?.orElse?.reason, "ScaleSetLeftBehind");
  assert.match(
    step?.orElse?.note ?? "",
    /Scale set 7 may still exist at https:\/\/github.com\/acme/,
  );
});

pure("while there is time, a failure to delete the scale set is tried again", () => {
  const [step] = only(
    planDeletion(observedRunnerSet({ set: going }), later(90)),
    "delete-scale-set",
  );
  assert.equal(step?.orElse, undefined);
});
