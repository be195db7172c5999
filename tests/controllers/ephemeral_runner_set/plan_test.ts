import assert from "node:assert/strict";
import type { ObservedEphemeralRunnerSet } from "../../../controllers/ephemeral_runner_set/observe.ts";
import { planEphemeralRunnerSet } from "../../../controllers/ephemeral_runner_set/plan.ts";
import { ANNOTATIONS, FINALIZERS } from "../../../crds/group.ts";
import { keyOf, type KubeObject } from "../../../kube/types.ts";
import { anEphemeralRunnerSet, aRunner, type RunnerChanges } from "../../builders.ts";
import { after as later, stampAfter } from "../../times.ts";
import { after, observedSet, only, outline, pure, TARGET } from "../situations.ts";

const NOW = later(100);
const NEW = "ls1-new";
const OLD = "ls1-old";

const wanting = (replicas: number, patchID = 0) =>
  anEphemeralRunnerSet({ spec: { replicas, patchID } });
const runner = (name: string, changes: RunnerChanges = {}) =>
  aRunner({ name, ...changes, status: { runnerId: 1, ...changes.status } });
const fresh = (name: string) => aRunner({ name, phase: "" });
const failed = (name: string, changes: RunnerChanges = {}) =>
  runner(name, {
    phase: "Failed",
    ...changes,
    status: { reason: "Error", failures: { p: stampAfter(90) }, ...changes.status },
  });
const createdAt = (name: string, seconds: number, phase: "Running" | "Pending" = "Running") =>
  runner(name, { phase, metadata: { creationTimestamp: stampAfter(seconds) } });
/** A runner of a template, by the template's fingerprint. */
const made = (name: string, hash: string, changes: RunnerChanges = {}) =>
  runner(name, { ...changes, metadata: { annotations: { [ANNOTATIONS.integrityHash]: hash } } });
const changed = (replicas: number, patchID = 3) =>
  anEphemeralRunnerSet({
    metadata: { annotations: { [ANNOTATIONS.integrityHash]: NEW } },
    spec: { replicas, patchID },
  });
const many = <T>(count: number, make: (name: string) => T) =>
  Array.from({ length: count }, (_, i) => make(`r-${i}`));
/** Two failures in a row, the last one 99 s after creation: the next runner waits until second 101. */
const waiting = { consecutiveFailures: 2, lastFailureTime: stampAfter(99) };

const ROWS: readonly {
  readonly claim: string;
  readonly observed: Partial<ObservedEphemeralRunnerSet>;
  readonly because: string;
  readonly steps: readonly string[];
  readonly lookAgainMs?: number;
}[] = [
  {
    claim: "does nothing when nothing is wanted and nothing is there",
    observed: {},
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "does nothing when as many are there as wanted",
    observed: {
      set: wanting(2),
      served: { patchId: 0, replicas: 2 },
      runners: [runner("r-1"), runner("r-2", { hasJob: true })],
    },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "does nothing about a batch that was served, though a runner has ended",
    observed: {
      set: wanting(2, 5),
      served: { patchId: 5, replicas: 2 },
      runners: [runner("r-1", { hasJob: true })],
    },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "does nothing when it goes: its runners go by owner reference (B5)",
    observed: { set: anEphemeralRunnerSet({ deleting: true }), runners: [runner("r-1")] },
    because: "It goes, and its runners by owner reference",
    steps: [],
  },
  {
    claim: "B5: takes ARC's finalizers away when it goes",
    observed: {
      set: anEphemeralRunnerSet({
        deleting: true,
        metadata: { finalizers: [FINALIZERS.ephemeralRunner, "other/f"] },
      }),
    },
    because: "It goes, and its runners by owner reference",
    steps: [`remove-finalizers ${FINALIZERS.ephemeralRunner}`],
  },
  {
    claim: "B5: takes ARC's finalizers away when it stays",
    observed: {
      set: anEphemeralRunnerSet({
        metadata: { finalizers: [FINALIZERS.ephemeralRunnerSet, FINALIZERS.ephemeralRunner] },
      }),
    },
    because: "There are as many runners as wanted",
    steps: [`remove-finalizers ${FINALIZERS.ephemeralRunnerSet} ${FINALIZERS.ephemeralRunner}`],
  },
  {
    claim: "creates the difference, then notes the decision as served",
    observed: { set: wanting(3, 5), runners: [runner("r-1", { hasJob: true })] },
    because: "There are fewer runners than wanted",
    steps: ["create EphemeralRunner", "create EphemeralRunner", "note-served"],
  },
  {
    claim:
      "creates no more than the user's maximum, whatever the order says, and does not take it for served",
    observed: { set: wanting(9, 5), maxRunners: 3, runners: [runner("r-1"), runner("r-2")] },
    because: "There are fewer runners than wanted",
    steps: ["create EphemeralRunner"],
  },
  {
    claim: "C3: after a crash in the middle of a batch creates the rest only",
    observed: { set: wanting(3, 5), runners: [fresh("r-1"), fresh("r-2")] },
    because: "There are fewer runners than wanted",
    steps: ["create EphemeralRunner", "note-served"],
  },
  {
    claim: "notes a decision that needs no runner",
    observed: { set: wanting(1, 5), runners: [runner("r-1")] },
    because: "There are as many runners as wanted",
    steps: ["note-served"],
  },
  {
    claim: "ignores a lower number in a new batch",
    observed: { set: wanting(0, 5), runners: [runner("r-1"), runner("r-2")] },
    because: "There are as many runners as wanted",
    steps: ["note-served"],
  },
  {
    claim: "lets those go that a served batch has no job for",
    observed: {
      set: wanting(0, 5),
      served: { patchId: 5, replicas: 0 },
      runners: [runner("r-1")],
    },
    because: "There are more runners than wanted",
    steps: ["retire 1 of r-1"],
    lookAgainMs: 60_000,
  },
  {
    claim: "gives a young runner of a served batch time for a job",
    observed: {
      set: wanting(0, 5),
      served: { patchId: 5, replicas: 0 },
      runners: [createdAt("young", 90)],
    },
    because: "There are as many runners as wanted",
    steps: [],
    lookAgainMs: 20_000,
  },
  {
    claim: "retires idle runners, those that have not started first, then the oldest",
    observed: {
      set: wanting(2),
      served: { patchId: 0, replicas: 2 },
      runners: [
        createdAt("young", 20),
        createdAt("old", 10),
        createdAt("starting", 30, "Pending"),
        runner("busy", { hasJob: true }),
      ],
    },
    because: "There are more runners than wanted",
    steps: ["retire 2 of starting old young"],
    lookAgainMs: 60_000,
  },
  {
    claim: "retires nobody with a job, and nobody who is not known to GitHub yet",
    observed: {
      set: wanting(0),
      runners: [runner("busy", { hasJob: true }), fresh("starting")],
    },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "deletes what ARC marked as ended",
    observed: { runners: [runner("done", { phase: "Succeeded" })] },
    because: "There are as many runners as wanted",
    steps: ["delete EphemeralRunner done"],
  },
  {
    claim: "leaves alone what is going already",
    observed: { runners: [runner("done", { phase: "Succeeded", deleting: true })] },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "B4: a failed runner is no capacity: its replacement comes, then it goes",
    observed: {
      set: wanting(1),
      served: { patchId: 0, replicas: 1 },
      runners: [failed("broken")],
    },
    because: "There are fewer runners than wanted",
    steps: ["record-event RunnerFailed", "create EphemeralRunner", "delete EphemeralRunner broken"],
  },
  {
    claim: "B4: it is replaced though its batch was served",
    observed: {
      set: wanting(2, 5),
      served: { patchId: 5, replicas: 2 },
      runners: [failed("broken"), runner("r-1")],
    },
    because: "There are fewer runners than wanted",
    steps: ["record-event RunnerFailed", "create EphemeralRunner", "delete EphemeralRunner broken"],
  },
  {
    claim: "B4: one of a refused version is replaced as well",
    observed: {
      set: wanting(1, 5),
      served: { patchId: 5, replicas: 1 },
      runners: [failed("old", { phase: "Outdated" })],
    },
    because: "There are fewer runners than wanted",
    steps: [
      "record-event RunnerFailed",
      "record-event VersionRefused",
      "create EphemeralRunner",
      "delete EphemeralRunner old",
    ],
  },
  {
    claim: "B4: one that just failed with its job stays until the listener may have heard of it",
    observed: {
      set: wanting(1, 5),
      served: { patchId: 5, replicas: 1 },
      runners: [failed("broken", { hasJob: true, status: { failures: { p: stampAfter(95) } } })],
    },
    because: "There are as many runners as wanted",
    steps: ["record-event RunnerFailed"],
    lookAgainMs: 10_000,
  },
  {
    claim: "B4: one whose job's end the listener told is not replaced",
    observed: {
      set: wanting(1, 5),
      served: { patchId: 5, replicas: 1 },
      runners: [failed("broken", { hasJob: true })],
      completed: new Set(["broken"]),
    },
    because: "There are as many runners as wanted",
    steps: ["record-event RunnerFailed", "delete EphemeralRunner broken"],
  },
  {
    claim: "B4: one whose job's end nobody told in time is replaced",
    observed: {
      set: wanting(1, 5),
      served: { patchId: 5, replicas: 1 },
      runners: [failed("broken", { hasJob: true })],
    },
    because: "There are fewer runners than wanted",
    steps: ["record-event RunnerFailed", "create EphemeralRunner", "delete EphemeralRunner broken"],
  },
  {
    claim: "B4: one that nobody needs any more just goes",
    observed: { runners: [failed("broken")] },
    because: "There are as many runners as wanted",
    steps: ["record-event RunnerFailed", "delete EphemeralRunner broken"],
  },
  {
    claim: "B4: after many failures the next runner waits, and the failed one stays as its debt",
    observed: {
      set: anEphemeralRunnerSet({ spec: { replicas: 1, patchID: 5 }, status: waiting }),
      served: { patchId: 5, replicas: 1 },
      runners: [failed("broken")],
    },
    because: "Runners failed; the next one waits",
    steps: [],
    lookAgainMs: 1_000,
  },
  {
    claim: "B4: of many failed ones only those stay that a runner is owed for",
    observed: {
      set: anEphemeralRunnerSet({ spec: { replicas: 2, patchID: 5 }, status: waiting }),
      served: { patchId: 5, replicas: 2 },
      completed: new Set(["with-job"]),
      runners: [
        failed("with-job", { hasJob: true }),
        failed("broken"),
        runner("r-1"),
      ],
    },
    because: "Runners failed; the next one waits",
    steps: ["delete EphemeralRunner with-job"],
    lookAgainMs: 1_000,
  },
  {
    claim: "B4: a wait of one runner does not make a decision served",
    observed: {
      set: anEphemeralRunnerSet({ spec: { replicas: 1, patchID: 6 }, status: waiting }),
      served: { patchId: 5, replicas: 1 },
      runners: [failed("broken")],
    },
    because: "Runners failed; the next one waits",
    steps: [],
    lookAgainMs: 1_000,
  },
  {
    claim: "B4: new demand does not wait for what failed before",
    observed: {
      set: anEphemeralRunnerSet({ spec: { replicas: 2, patchID: 6 }, status: waiting }),
      served: { patchId: 5, replicas: 1 },
      runners: [failed("broken")],
    },
    because: "Runners failed; the next one waits",
    steps: ["create EphemeralRunner"],
    lookAgainMs: 1_000,
  },
  {
    claim: "counts a runner whose end the listener has not heard of",
    observed: { set: wanting(2, 5), runners: [runner("r-1")], departed: 1 },
    because: "There are as many runners as wanted",
    steps: ["note-served"],
    lookAgainMs: 60_000,
  },
  {
    claim: "does not count a runner whose job completed, but gives it time to go",
    observed: {
      set: wanting(3, 5),
      runners: [runner("r-1", { hasJob: true }), runner("r-2")],
      completed: new Set(["r-1"]),
    },
    because: "There are fewer runners than wanted",
    steps: ["create EphemeralRunner"],
  },
  {
    claim: "waits for the room of runners that a former set made",
    observed: { set: wanting(2, 5), inherited: 2 },
    because: "There are as many runners as wanted",
    steps: [],
    lookAgainMs: 5_000,
  },
  {
    claim: "of ARC's listener: the batch is served while a runner carries its number",
    observed: {
      set: wanting(2, 5),
      served: { patchId: 5, replicas: 2 },
      completed: undefined,
      runners: [runner("r-1", { metadata: { annotations: { [ANNOTATIONS.patchId]: "5" } } })],
    },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "B3: rolls a quarter of the idle runners of another template, at least one",
    observed: {
      set: changed(3),
      served: { patchId: 3, replicas: 3 },
      runners: many(3, (name) => made(name, OLD)),
    },
    because: "There are as many runners as wanted",
    steps: ["replace-runner r-0"],
    lookAgainMs: 60_000,
  },
  {
    claim: "B3: rolls at most a quarter at a time",
    observed: {
      set: changed(8),
      served: { patchId: 3, replicas: 8 },
      runners: many(8, (name) => made(name, OLD)),
    },
    because: "There are as many runners as wanted",
    steps: ["replace-runner r-0", "replace-runner r-1"],
    lookAgainMs: 60_000,
  },
  {
    claim: "B3: rolls the next one only when the former one's replacement runs",
    observed: {
      set: changed(3),
      served: { patchId: 3, replicas: 3 },
      runners: [made("r-0", OLD), made("r-1", OLD), made("r-2", NEW, { phase: "Pending" })],
    },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "B3: busy runners finish on the former template",
    observed: {
      set: changed(2),
      served: { patchId: 3, replicas: 2 },
      runners: [made("r-0", OLD, { hasJob: true }), made("r-1", NEW)],
    },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "B3: a runner that made room is replaced at once, and is no failure",
    observed: {
      set: changed(1),
      served: { patchId: 3, replicas: 1 },
      runners: [made("r-0", OLD, { phase: "Failed", status: { reason: "TemplateChanged" } })],
    },
    because: "There are fewer runners than wanted",
    steps: ["create EphemeralRunner", "delete EphemeralRunner r-0"],
  },
  {
    claim: "adopts runners of another controller: their fingerprint says nothing",
    observed: {
      set: changed(2),
      served: { patchId: 3, replicas: 2 },
      runners: [made("r-0", "6fb7975f69"), runner("r-1")],
    },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "rolls nothing for a fingerprint of another controller",
    observed: {
      set: anEphemeralRunnerSet({
        metadata: { annotations: { [ANNOTATIONS.integrityHash]: "6fb7975f69" } },
        spec: { replicas: 1 },
      }),
      served: { patchId: 0, replicas: 1 },
      runners: [made("r-0", OLD)],
    },
    because: "There are as many runners as wanted",
    steps: [],
  },
  {
    claim: "never both retires and replaces one runner",
    observed: {
      set: changed(1, 0),
      served: { patchId: 0, replicas: 1 },
      runners: [made("r-0", OLD), made("r-1", OLD)],
    },
    because: "There are more runners than wanted",
    steps: ["retire 1 of r-0 r-1"],
    lookAgainMs: 60_000,
  },
];

for (const { claim, observed, because, steps, lookAgainMs } of ROWS) {
  pure("a runner gets back the labels that lead to its set, when the set has them", () => {
    const bare = (name: string, changes: RunnerChanges = {}) => {
      const object = runner(name, changes);
      return {
        ...object,
        metadata: { ...object.metadata, labels: { "example.com/theirs": "yes" } },
      };
    };
    const runners = [bare("a"), runner("b"), bare("c", { deleting: true })];
    const planned = (set = wanting(2)) =>
      only(planEphemeralRunnerSet(observedSet({ set, runners }), NOW), "patch");
    const [patch, ...rest] = planned();
    assert.deepEqual([patch?.key.name, rest], ["a", []]);
    const { labels } = (patch?.patch as KubeObject).metadata ?? {};
    assert.deepEqual(labels, runner("a").metadata?.labels);
    const set = wanting(2);
    assert.deepEqual(planned({ ...set, metadata: { ...set.metadata, labels: {} } }), []);
  });

  pure(`a set of runners: ${claim}`, () => {
    const plan = planEphemeralRunnerSet(observedSet(observed), NOW);
    assert.equal(plan.because, because);
    assert.deepEqual(outline(plan), steps);
    assert.equal(plan.lookAgainMs, lookAgainMs);
  });
}

pure("runners are created together, and the decision noted when all are there", () => {
  const { steps } = planEphemeralRunnerSet(observedSet({ set: wanting(3, 5) }), NOW);
  assert.equal(steps.length, 2);
  assert.deepEqual([steps[0]].flat().map((step) => step?.do), ["create", "create", "create"]);
  assert.deepEqual(steps[1], {
    do: "note-served",
    uid: anEphemeralRunnerSet().metadata?.uid,
    served: { patchId: 5, replicas: 3 },
  });
});

pure("the status says what was served, and not before it is", () => {
  const observed = observedSet({ set: wanting(3, 5) });
  const plan = planEphemeralRunnerSet(observed, NOW);
  assert.equal(after(plan, observed.set).status?.servedPatchID, 5);
  const set = anEphemeralRunnerSet({ spec: { replicas: 1, patchID: 6 }, status: waiting });
  const held = planEphemeralRunnerSet(
    observedSet({ set, served: undefined, runners: [failed("broken")] }),
    NOW,
  );
  assert.equal(after(held, set).status?.servedPatchID, undefined);
});

pure(
  "B9: orders of ARC's listener, which numbers every empty poll anew, are not written down: nobody reads that",
  () => {
    const observed = observedSet({
      set: wanting(1, 6),
      served: undefined,
      completed: undefined,
      runners: [runner("r-1", { hasJob: true })],
    });
    const plan = planEphemeralRunnerSet(observed, NOW);
    assert.deepEqual(plan.steps, []);
    const { status = {} } = after(plan, observed.set);
    assert.ok(!("servedPatchID" in status));
    const set = anEphemeralRunnerSet({ spec: { replicas: 1, patchID: 7 }, status });
    assert.equal(planEphemeralRunnerSet({ ...observed, set }, NOW).status, undefined);
  },
);

pure("GitHub is asked with the set's own credentials before an idle runner goes", () => {
  const observed = observedSet({ set: wanting(0), runners: [runner("r-1")] });
  const [step] = only(planEphemeralRunnerSet(observed, NOW), "retire-runners");
  assert.deepEqual(step?.target, TARGET);
  assert.deepEqual(step?.candidates, [
    { runnerId: 1, key: keyOf(runner("r-1")), uid: runner("r-1").metadata?.uid },
  ]);
});

pure("F25: GitHub is asked to let runners go when everything else is done", () => {
  const observed = observedSet({
    set: changed(9, 5),
    completed: new Set(),
    runners: [
      ...many(4, (name) => made(name, OLD)),
      failed("bad", { status: { reason: "Error" } }),
    ],
  });
  const names = outline(planEphemeralRunnerSet(observed, NOW)).map((text) => text.split(" ")[0]);
  assert.deepEqual([...new Set(names)], [
    "record-event",
    "create",
    "note-served",
    "delete",
    "replace-runner",
  ]);
});
