import assert from "node:assert/strict";
import type { ObservedRunner } from "../../../controllers/ephemeral_runner/observe.ts";
import { planRunner } from "../../../controllers/ephemeral_runner/plan.ts";
import { podOutcome } from "../../../controllers/ephemeral_runner/pod_outcome.ts";
import { FINALIZERS } from "../../../crds/group.ts";
import type { Pod } from "../../../kube/types.ts";
import { aPod, aRunner, STORY } from "../../builders.ts";
import { after as later } from "../../times.ts";
import { after, observedRunner, only, outline, pure, stepsOf, TARGET } from "../situations.ts";

const NOW = later(61);
const NAME = STORY.runner;
const RELEASE = `remove-finalizers ${FINALIZERS.runnerRegistration}`;
const going = aRunner({ deleting: true });
const hooks = {
  spec: {
    spec: { containers: [{ name: "runner", env: [{ name: "ACTIONS_RUNNER_CONTAINER_HOOKS" }] }] },
  },
} as const;

/** With a container beside the runner's that ended with this code. */
function withCompanion(pod: Pod, exitCode: number): Pod {
  const reason = exitCode === 0 ? "Completed" : "OOMKilled";
  const companion = {
    name: "dind",
    image: "docker:dind",
    imageID: "",
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode, reason } },
  };
  const containerStatuses = [...pod.status?.containerStatuses ?? [], companion];
  return { ...pod, status: { ...pod.status, containerStatuses } };
}

const ROWS: readonly {
  readonly claim: string;
  readonly observed: Partial<ObservedRunner>;
  readonly now?: Date;
  readonly because: string;
  readonly steps: readonly string[];
  readonly status?: Readonly<Record<string, unknown>>;
  readonly lookAgainMs?: number;
}[] = [
  {
    claim: "does nothing while an idle runner runs",
    observed: { pod: aPod().running() },
    because: "The status follows the pod",
    steps: [],
  },
  {
    claim: "does nothing while a runner runs its job",
    observed: { runner: aRunner({ hasJob: true }), pod: aPod().running() },
    because: "The status follows the pod",
    steps: [],
  },
  {
    claim: "does nothing about a failed runner without a pod: its set removes it",
    observed: { runner: aRunner({ phase: "Failed" }) },
    because: "It is done; its set removes it",
    steps: [],
  },
  {
    claim: "does nothing while somebody else deletes the pod: its end will tell",
    observed: { pod: aPod().running().deleting() },
    because: "Somebody else deletes the pod; its end will tell",
    steps: [],
    lookAgainMs: 30_000,
  },
  {
    claim: "does nothing about a runner that goes and that nothing of ours holds",
    observed: { runner: aRunner({ deleting: true, metadata: { finalizers: ["other/f"] } }) },
    because: "Nothing of ours holds it",
    steps: [],
  },
  {
    claim: "a pod that should have ended long ago is on a node that is lost",
    observed: { pod: aPod().onLostNode() },
    now: later(60 + 31),
    because: "The runner failed",
    steps: ["record-event NodeLost"],
    status: { phase: "Failed", reason: "NodeLost", ready: false },
  },
  {
    claim: "X21: an idle runner that somebody told to stop did nothing: it is replaced",
    observed: { pod: aPod().succeeded().deleting() },
    because: "The runner failed",
    steps: ["record-event PodDeleted"],
    status: { phase: "Failed", reason: "PodDeleted", ready: false },
  },
  {
    claim: "a runner that somebody told to stop, and that ended its job well, ended well",
    observed: {
      runner: aRunner({ hasJob: true }),
      pod: aPod().succeeded().deleting(),
      completedMs: later(50).getTime(),
    },
    because: "The runner ended well",
    steps: [`delete EphemeralRunner ${NAME}`, RELEASE, "deregister-runner"],
    lookAgainMs: 30_000,
  },
  {
    claim: "X21, F14: one with a job that somebody told to stop may have lost it: it is replaced",
    observed: { runner: aRunner({ hasJob: true }), pod: aPod().succeeded().deleting() },
    because: "The runner failed",
    steps: ["record-event PodDeleted"],
    status: { phase: "Failed", reason: "PodDeleted", ready: false },
  },
  {
    claim: "is held before anything can exist at GitHub",
    observed: { runner: aRunner({ phase: "", metadata: { finalizers: null } }) },
    because: "Something may come to exist at GitHub",
    steps: [`add-finalizer ${FINALIZERS.runnerRegistration}`],
  },
  {
    claim: "is started when it was not",
    observed: { runner: aRunner({ phase: "" }) },
    because: "It is not registered yet",
    steps: ["start-runner"],
  },
  {
    claim: "follows its pod's start, and notes its id",
    observed: { runner: aRunner({ phase: "" }), runnerId: 101, pod: aPod() },
    because: "The status follows the pod",
    steps: [],
    status: { phase: "Pending", ready: false, runnerId: 101, runnerName: NAME },
  },
  {
    claim: "follows its pod into Running",
    observed: { runner: aRunner({ phase: "Pending" }), pod: aPod().running() },
    because: "The status follows the pod",
    steps: [],
    status: { phase: "Running", ready: true },
  },
  {
    claim: "X21, F14: a runner whose pod vanished failed: its JIT configuration may be used",
    observed: {},
    because: "The runner failed",
    steps: [`confirm-gone Pod ${NAME}`, "record-event PodDeleted"],
    status: { phase: "Failed", reason: "PodDeleted", ready: false },
  },
  {
    claim: "X21: with a job it failed as well",
    observed: { runner: aRunner({ hasJob: true }) },
    because: "The runner failed",
    steps: [`confirm-gone Pod ${NAME}`, "record-event PodDeleted"],
    status: { phase: "Failed", reason: "PodDeleted", ready: false },
  },
  {
    claim: "R10: one that ended well goes, at GitHub first; its pod goes by owner reference (B9)",
    observed: { pod: aPod().succeeded() },
    because: "The runner ended well",
    steps: [`delete EphemeralRunner ${NAME}`, "deregister-runner", RELEASE],
    lookAgainMs: 30_000,
  },
  {
    claim: "R10: one that ended well after a job frees its slot first; GitHub lets go by itself",
    observed: { runner: aRunner({ hasJob: true }), pod: aPod().succeeded() },
    because: "The runner ended well",
    steps: [`delete EphemeralRunner ${NAME}`, RELEASE, "deregister-runner"],
    lookAgainMs: 30_000,
  },
  {
    claim: "R10, F25: one that ended well takes its sidecars with it, whatever GitHub says",
    observed: { pod: aPod().exitedWith(0) },
    because: "The runner ended well",
    steps: [`delete EphemeralRunner ${NAME}`, `delete Pod ${NAME}`, "deregister-runner", RELEASE],
    lookAgainMs: 30_000,
  },
  {
    claim: "R10: one of a refused version is marked",
    observed: { pod: aPod().failedWith(7) },
    because: "GitHub refused its version",
    steps: ["record-event Outdated"],
    status: { phase: "Outdated", reason: "Outdated", ready: false },
  },
  {
    claim: "R10, B4: one that failed is marked with its reason before anything goes",
    observed: { pod: aPod().failedWith(1) },
    because: "The runner failed",
    steps: ["record-event Error"],
    status: {
      phase: "Failed",
      reason: "Error",
      message: 'Container "runner" ended with exit code 1',
      ready: false,
    },
  },
  {
    claim: "R10: an evicted one is marked",
    observed: { pod: aPod().evicted() },
    because: "The runner failed",
    steps: ["record-event Evicted"],
    status: { phase: "Failed", reason: "Evicted", ready: false },
  },
  {
    claim: "a marked one keeps the pod that ended until both go (B9)",
    observed: { runner: aRunner({ phase: "Failed" }), pod: aPod().failedWith(1) },
    because: "It is done; its set removes it",
    steps: [],
  },
  {
    claim: "a marked one with a pod that lives asks GitHub first",
    observed: { runner: aRunner({ phase: "Failed" }), pod: aPod().running() },
    because: "It is done; its set removes it",
    steps: ["deregister-runner", `delete Pod ${NAME}`],
  },
  {
    claim: "a marked one does not delete a pod twice",
    observed: { runner: aRunner({ phase: "Outdated" }), pod: aPod().failedWith(7).deleting() },
    because: "It is done; its set removes it",
    steps: [],
  },
  {
    claim: "ARC's Succeeded is understood as done",
    observed: { runner: aRunner({ phase: "Succeeded" }), pod: aPod().succeeded() },
    because: "It is done; its set removes it",
    steps: [],
  },
  {
    claim: "that goes is let go at GitHub, then its pod stops, then its finalizer goes",
    observed: { runner: going, pod: aPod().running() },
    because: "GitHub is asked to let the runner go",
    steps: ["deregister-runner", `delete Pod ${NAME}`, RELEASE],
    lookAgainMs: 5_000,
  },
  {
    claim: "that goes leaves a pod that ended to its owner reference (B9)",
    observed: { runner: going, pod: aPod().succeeded() },
    because: "GitHub is asked to let the runner go",
    steps: ["deregister-runner", RELEASE],
    lookAgainMs: 5_000,
  },
  {
    claim: "that goes without a pod, registered or not, is looked for at GitHub",
    observed: { runner: going, runnerId: undefined },
    because: "GitHub is asked to let the runner go",
    steps: ["deregister-runner", RELEASE],
    lookAgainMs: 5_000,
  },
  {
    claim: "that goes with a job lives for as long as GitHub says that the job runs",
    observed: { runner: aRunner({ hasJob: true, deleting: true }), pod: aPod().running() },
    now: later(86_400),
    because: "GitHub is asked to let the runner go",
    steps: ["deregister-runner", `delete Pod ${NAME}`, RELEASE],
    lookAgainMs: 30_000,
  },
  {
    claim: "F26: that goes with a job of ARC before 0.12, which has a number and no id, lives too",
    observed: {
      runner: aRunner({ status: { jobRequestId: 7 }, deleting: true }),
      pod: aPod().running(),
    },
    now: later(86_400),
    because: "GitHub is asked to let the runner go",
    steps: ["deregister-runner", `delete Pod ${NAME}`, RELEASE],
    lookAgainMs: 30_000,
  },
  {
    claim: "B5: that is no more is asked for one last time, and then left behind",
    observed: { runner: going },
    now: later(60 + 46),
    because: "GitHub is asked for the last time to let go of a runner that is no more",
    steps: ["deregister-runner", RELEASE],
  },
  {
    claim: "B5: that goes idle is asked for one last time, and then stopped",
    observed: { runner: going, pod: aPod().running() },
    now: later(60 + 46),
    because: "GitHub is asked for the last time to let an idle runner go",
    steps: ["deregister-runner", `delete Pod ${NAME}`, RELEASE],
  },
  {
    claim: "B5: ARC's finalizers go together with ours",
    observed: {
      runner: aRunner({
        deleting: true,
        metadata: { finalizers: [FINALIZERS.ephemeralRunner, FINALIZERS.runnerRegistration] },
      }),
    },
    because: "GitHub is asked to let the runner go",
    steps: ["deregister-runner", `${RELEASE} ${FINALIZERS.ephemeralRunner}`],
    lookAgainMs: 5_000,
  },
  {
    claim: "that goes takes the pods of its container hooks with it",
    observed: { runner: aRunner({ deleting: true, ...hooks }), pod: aPod().succeeded() },
    because: "GitHub is asked to let the runner go",
    steps: ["delete-linked", "deregister-runner", RELEASE],
    lookAgainMs: 5_000,
  },
  {
    claim: "F25: one that ended loses its pod when GitHub does not answer within 5 s",
    observed: { runner: going, pod: aPod().succeeded() },
    now: later(66),
    because: "GitHub is asked to let the runner go",
    steps: [`delete Pod ${NAME}`, "deregister-runner", RELEASE],
    lookAgainMs: 5_000,
  },
  {
    claim: "B11: one whose job is over has until the deadline to end by itself",
    observed: {
      runner: aRunner({ hasJob: true }),
      pod: aPod().running(),
      completedMs: later(30).getTime(),
      deadlines: { startMs: 0, stopMs: 60_000 },
    },
    because: "The status follows the pod",
    steps: [],
    lookAgainMs: 29_000,
  },
  {
    claim: "B11, F18: one that lives on after its job goes, once GitHub agrees",
    observed: {
      runner: aRunner({ hasJob: true }),
      pod: aPod().running(),
      completedMs: later(1).getTime(),
      deadlines: { startMs: 0, stopMs: 60_000 },
    },
    because: "Its job is over and its container lives on",
    steps: [
      "record-event StopDeadlineExceeded",
      `delete EphemeralRunner ${NAME}`,
      "deregister-runner",
      `delete Pod ${NAME}`,
      RELEASE,
    ],
    lookAgainMs: 30_000,
  },
  {
    claim: "B11: one that starts in time is left alone",
    observed: {
      runner: aRunner({ phase: "Pending", status: { ready: false } }),
      pod: aPod().waitingFor("PodInitializing"),
      deadlines: { startMs: 120_000, stopMs: 0 },
    },
    because: "The status follows the pod",
    steps: [],
    lookAgainMs: 59_000,
  },
  {
    claim: "B11: one that does not start in time is replaced",
    observed: {
      pod: aPod().waitingFor("PodInitializing"),
      deadlines: { startMs: 60_000, stopMs: 0 },
    },
    because: "The runner failed",
    steps: ["record-event StartDeadlineExceeded"],
    status: {
      phase: "Failed",
      reason: "StartDeadlineExceeded",
      message: "The pod did not start within 1m",
    },
  },
  {
    claim: "B11: the reason for which it did not start is not lost",
    observed: { pod: aPod().unschedulable(), deadlines: { startMs: 60_000, stopMs: 0 } },
    because: "The runner failed",
    steps: ["record-event StartDeadlineExceeded"],
    status: {
      message: "The pod did not start within 1m: Unschedulable: 0/1 nodes are available: " +
        "1 Insufficient cpu.",
    },
  },
  {
    claim: "B7, F21: what keeps the pod from starting is in the status and told once",
    observed: { pod: aPod().waitingFor("InvalidImageName") },
    because: "The status follows the pod",
    steps: ["record-event InvalidImageName"],
    status: { phase: "Pending", reason: "InvalidImageName" },
  },
  {
    claim: "B7: what was told already is not told again",
    observed: {
      runner: aRunner({ phase: "Pending", status: { reason: "ImagePullFailed" } }),
      pod: aPod().waitingFor("ErrImagePull"),
    },
    because: "The status follows the pod",
    steps: [],
    status: { reason: "ImagePullFailed", phase: "Pending" },
  },
  {
    claim: "B4, B11: one whose Secret is gone before it started is replaced at once",
    observed: {
      runner: aRunner({ phase: "Pending" }),
      pod: aPod().waitingFor("CreateContainerConfigError", `secret "${NAME}" not found`),
    },
    because: "The runner failed",
    steps: [`confirm-gone Secret ${NAME}`, "record-event SecretDeleted"],
    status: {
      phase: "Failed",
      reason: "SecretDeleted",
      message:
        "The Secret with the runner's JIT configuration was deleted before its container started",
    },
  },
  {
    claim: "F14: one whose pod lost its labels, so that no watch tells of it, is read now and then",
    observed: {
      runner: aRunner({ hasJob: true }),
      pod: { ...aPod().running(), metadata: { ...aPod().metadata, labels: {} } },
    },
    because: "The status follows the pod",
    steps: [`look-at Pod ${NAME}`],
    lookAgainMs: 10_000,
  },
  {
    claim: "one that waits for a Secret of the user's waits: it may come",
    observed: {
      runner: aRunner({ phase: "Pending" }),
      pod: aPod().waitingFor("CreateContainerConfigError", 'secret "theirs" not found'),
    },
    because: "The status follows the pod",
    steps: ["record-event ContainerConfigFailed"],
    status: { phase: "Pending", reason: "ContainerConfigFailed" },
  },
  {
    claim: "F15: an idle one that lost a companion is replaced, once GitHub agrees",
    observed: { pod: withCompanion(aPod().running(), 137) },
    because: "The runner failed",
    steps: ["deregister-runner", "record-event SidecarOOMKilled"],
    status: {
      phase: "Failed",
      reason: "SidecarOOMKilled",
      message: 'Container "dind" ended with exit code 137',
    },
  },
  {
    claim: "F15: a busy one that lost a companion ends by itself; the reason is told",
    observed: {
      runner: aRunner({ hasJob: true }),
      pod: withCompanion(aPod().running(), 137),
    },
    because: "The status follows the pod",
    steps: ["record-event SidecarOOMKilled"],
    status: { phase: "Running", reason: "SidecarOOMKilled" },
  },
  {
    claim: "F15: a companion that ended well is no trouble",
    observed: { pod: withCompanion(aPod().running(), 0) },
    because: "The status follows the pod",
    steps: [],
  },
];

for (const { claim, observed, now = NOW, because, steps, status, lookAgainMs } of ROWS) {
  pure(`a runner: ${claim}`, () => {
    const whole = observedRunner(observed);
    const plan = planRunner(whole, now);
    assert.equal(plan.because, because);
    assert.deepEqual(outline(plan), steps);
    assert.equal(plan.lookAgainMs, lookAgainMs);
    if (status === undefined) return assert.equal(plan.status, undefined);
    const written = after(plan, whole.runner).status as Record<string, unknown>;
    for (const [key, value] of Object.entries(status)) assert.equal(written[key], value);
  });
}

pure("a runner is started with its own name, folder, metadata and pod", () => {
  const runner = aRunner({
    phase: "",
    spec: {
      ephemeralRunnerConfigSecretMetadata: { labels: { a: "1" } },
      spec: { containers: [{ name: "runner", workingDir: "/w" }] },
    },
  });
  const [step] = only(planRunner(observedRunner({ runner }), NOW), "start-runner");
  assert.deepEqual(
    [step?.target, step?.scaleSetId, step?.workFolder, step?.secretMetadata],
    [TARGET, 7, "/w", { labels: { a: "1" } }],
  );
  assert.equal(step?.pod.metadata?.name, NAME);
});

pure("labels that are not to be copied are not wished into its Secret either", () => {
  const labels = { "example.com/team": "blue", a: "1" };
  const runner = aRunner({
    phase: "",
    spec: { ephemeralRunnerConfigSecretMetadata: { labels, annotations: { b: "2" } } },
  });
  const settings = { userAgent: "u", excludedLabelPrefixes: ["example.com/"] };
  const [step] = only(planRunner(observedRunner({ runner, settings }), NOW), "start-runner");
  assert.deepEqual(step?.secretMetadata, { labels: { a: "1" }, annotations: { b: "2" } });
});

pure("a failure is noted by the pod that failed, or by the runner when there is no pod", () => {
  const pod = aPod().failedWith(1);
  const failures = (observed: Partial<ObservedRunner>) => {
    const plan = planRunner(observedRunner(observed), NOW);
    return (plan.status?.patch as { failures?: object }).failures;
  };
  assert.deepEqual(failures({ pod }), { [pod.metadata?.uid ?? ""]: NOW.toISOString() });
  assert.deepEqual(failures({}), { [aRunner().metadata?.uid ?? ""]: NOW.toISOString() });
});

pure("a marked runner that has not lost its pod yet is not marked again (B9)", () => {
  const observed = observedRunner({ pod: aPod().failedWith(1) });
  const first = planRunner(observed, NOW);
  const second = planRunner({ ...observed, runner: after(first, observed.runner) }, later(99));
  assert.equal(second.status, undefined);
});

pure("a job is asked about every 30 s, a runner without a pod every 5 s", () => {
  const waits = (observed: Partial<ObservedRunner>) =>
    only(planRunner(observedRunner(observed), NOW), "deregister-runner")[0]?.whenBusyMs;
  assert.equal(waits({ runner: going, pod: aPod().running() }), 30_000);
  assert.equal(waits({ runner: going }), 5_000);
  assert.equal(waits({ runner: going, pod: aPod().failedWith(1) }), 5_000);
});

pure("B5: only the last time of asking is told of", () => {
  const told = (seconds: number) => {
    const plan = planRunner(observedRunner({ runner: going }), later(60 + seconds));
    return only(plan, "deregister-runner")[0]?.orElse;
  };
  assert.equal(told(45), undefined);
  assert.equal(told(46)?.reason, "RunnerLeftBehind");
  assert.match(told(46)?.note ?? "", /Runner "linux-runner-a1b2c" \(id 101\)/);
});

pure("B5: the last time of asking spares a job that only GitHub knows of, and is short", () => {
  const asked = (observed: Partial<ObservedRunner>, seconds: number) =>
    only(planRunner(observedRunner(observed), later(60 + seconds)), "deregister-runner")[0];
  assert.ok(asked({ runner: going, pod: aPod().running() }, 46)?.sparesJob);
  assert.ok(!asked({ runner: going }, 46)?.sparesJob);
  const withinMs = [0, 30, 44, 46].map((seconds) => asked({ runner: going }, seconds)?.withinMs);
  assert.deepEqual(withinMs, [5_000, 10_000, 1_000, 5_000]);
  const alive = { runner: going, pod: aPod().running() };
  assert.equal(asked(alive, 0)?.withinMs, 10_000, "only one that lives has to wait for GitHub");
});

pure(
  "F14: an idle runner that is deleted is owed by its set; one that had a job, failed or was reported is not",
  () => {
    const owedTo = (changes: Parameters<typeof aRunner>[0], more: Partial<ObservedRunner> = {}) => {
      const runner = aRunner({ deleting: true, ...changes });
      const plan = planRunner(observedRunner({ runner, pod: aPod().running(), ...more }), NOW);
      return only(plan, "deregister-runner")[0]?.owedTo;
    };
    assert.equal(owedTo({}), aRunner().metadata?.ownerReferences?.[0]?.uid);
    assert.equal(owedTo({ hasJob: true }), undefined);
    assert.equal(owedTo({ phase: "Failed" }), undefined);
    assert.equal(owedTo({}, { completedMs: NOW.getTime() }), undefined);
    assert.equal(owedTo({}, { pod: aPod().succeeded() }), undefined);
    assert.equal(owedTo({}, { pod: undefined }), undefined);
  },
);

pure("F18: GitHub's silence does not keep a runner whose job is over", () => {
  const observed = observedRunner({
    runner: aRunner({ hasJob: true, deleting: true }),
    pod: aPod().running(),
    completedMs: later(1).getTime(),
  });
  const plan = planRunner(observed, later(60 + 46));
  assert.match(plan.because, /for the last time/);
  const held = planRunner({ ...observed, completedMs: undefined }, later(60 + 46));
  assert.equal(held.because, "GitHub is asked to let the runner go");
});

pure("no plan touches a pod that lives before GitHub agreed", () => {
  for (const { observed, now = NOW } of ROWS) {
    if (observed.pod === undefined || podOutcome(observed.pod).kind !== "alive") continue;
    const names = stepsOf(planRunner(observedRunner(observed), now)).map((step) => step.do);
    const deletesPod = outline(planRunner(observedRunner(observed), now))
      .indexOf(`delete Pod ${NAME}`);
    if (deletesPod >= 0) assert.ok(names.indexOf("deregister-runner") < deletesPod);
  }
});
