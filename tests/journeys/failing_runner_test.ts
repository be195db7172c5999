import assert from "node:assert/strict";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../kube/meta.ts";
import { PODS } from "../../kube/resources.ts";
import { keyOf, type Pod } from "../../kube/types.ts";
import type { RunnerScript } from "../../sim/runner.ts";
import { hasSession, jobsOf, openWatchedStage, type Watched } from "./invariants.ts";
import type { SetWords, Stage, StageOptions } from "./stage.ts";

const IMAGE = "ghcr.io/actions/actions-runner:latest";

/** A set with a listener that polls. The nth runner pod follows the nth script, all further ones do their work. */
async function open(
  set: SetWords & { readonly max: number },
  scripts: readonly RunnerScript[] = [],
  github: NonNullable<StageOptions["github"]> = {},
): Promise<Watched> {
  const names: string[] = [];
  const watched = await openWatchedStage({
    max: set.max,
    github,
    runnerScript: (pod) => {
      names.push(pod.metadata?.name ?? "");
      return scripts[names.length - 1] ?? "run";
    },
  });
  const { stage } = watched;
  stage.startController();
  await stage.addSet(set);
  await stage.until("a session is open", () => hasSession(stage), 60);
  return watched;
}

function queue(stage: Stage, count: number, durationMs = 20_000): void {
  stage.world.github.control.queueJobs({ scaleSet: "linux", count, durationMs });
}

async function untilDone(stage: Stage, limitS = 120): Promise<void> {
  await stage.until(
    "all jobs are over",
    () => jobsOf(stage).every(({ state }) => state === "completed"),
    limitS,
  );
}

async function untilQuiet(watched: Watched, runners = 0): Promise<void> {
  const { stage } = watched;
  await stage.until(`${runners} runners are left`, () => {
    const { runners: agents } = stage.world.github.control.state();
    return stage.runners().length === runners && agents.length === runners;
  }, 120);
  await stage.pass(120);
  assert.equal(stage.runners().length, runners);
  watched.check();
}

function started(stage: Stage): number {
  return jobsOf(stage).filter(({ startedAt }) => startedAt !== undefined).length;
}

function results(stage: Stage): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { result = "none" } of jobsOf(stage)) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

function runnersStatus(stage: Stage): EphemeralRunnerSet["status"] {
  const [set] = stage.world.api.store.list(EPHEMERAL_RUNNER_SETS) as readonly EphemeralRunnerSet[];
  return set?.status;
}

function runnerPods(stage: Stage): readonly Pod[] {
  return stage.pods().filter((pod) => pod.metadata?.namespace === "arc-runners");
}

/** The runner that has a job, while none of the others is looked at. */
function busyRunner(stage: Stage): EphemeralRunner | undefined {
  return stage.runners().find(({ status }) => (status?.jobId ?? "") !== "");
}

Deno.test("a runner that fails before it registers is replaced, and the reason stays", async () => {
  const watched = await open({ max: 2 }, ["fail-early"]);
  await using stage = watched.stage;
  queue(stage, 2);
  await untilDone(stage, 60);
  assert.deepEqual(results(stage), { succeeded: 2 });
  await untilQuiet(watched);
  const status = runnersStatus(stage);
  assert.equal(status?.lastFailureReason, "Error");
  assert.match(status?.lastFailureMessage ?? "", /"runner" ended with exit code 1/);
});

Deno.test("six failures in a row do not hold the slot (F19)", async () => {
  const watched = await open({ max: 1 }, Array.from({ length: 6 }, () => "fail-early"));
  await using stage = watched.stage;
  queue(stage, 2);
  await untilDone(stage, 180);
  assert.deepEqual(results(stage), { succeeded: 2 });
  await untilQuiet(watched);
  assert.equal(runnersStatus(stage)?.failedEphemeralRunners ?? 0, 0);
});

Deno.test("a runner that dies during its job is replaced; the jobs beside and behind it are served", async () => {
  const watched = await open({ max: 2 }, ["crash"]);
  await using stage = watched.stage;
  queue(stage, 5);
  await untilDone(stage, 240);
  assert.deepEqual(results(stage), { failed: 1, succeeded: 4 });
  await untilQuiet(watched);
  assert.match(runnersStatus(stage)?.lastFailureMessage ?? "", /exit code 137/);
});

Deno.test("a runner that fails after its job costs nobody a job", async () => {
  const watched = await open({ max: 2 }, ["fail-after-job", "fail-after-job", "fail-after-job"]);
  await using stage = watched.stage;
  queue(stage, 5);
  await untilDone(stage, 120);
  assert.deepEqual(results(stage), { succeeded: 5 });
  await untilQuiet(watched);
  assert.match(runnersStatus(stage)?.lastFailureMessage ?? "", /exit code 1/);
});

Deno.test("a warm runner that fails is replaced, again and again", async () => {
  const watched = await open({ min: 2, max: 4 }, ["fail-early", "run", "fail-early", "fail-early"]);
  await using stage = watched.stage;
  await stage.until("two runners are idle at GitHub", () => idle(stage) === 2, 60);
  queue(stage, 3);
  await untilDone(stage, 60);
  await untilQuiet(watched, 2);
  assert.equal(idle(stage), 2);
});

function idle(stage: Stage): number {
  const { runners } = stage.world.github.control.state();
  return runners.filter(({ state, jobId }) => state === "online" && jobId === undefined).length;
}

Deno.test("an image that cannot be pulled holds the jobs up only until it can", async () => {
  const watched = await open({ max: 2 });
  await using stage = watched.stage;
  stage.world.kubelet.failImage(IMAGE);
  queue(stage, 3);
  await stage.pass(120);
  assert.deepEqual(results(stage), { none: 3 });
  stage.world.kubelet.healImage(IMAGE);
  await untilDone(stage, 300);
  assert.deepEqual(results(stage), { succeeded: 3 });
  await untilQuiet(watched);
});

/** What a third party, or the cluster, does to a pod. */
const BLOWS = {
  "evicted": (stage: Stage, pod: Pod) => void stage.world.kubelet.evict(keyOf(pod)),
  "killed for its memory": (stage: Stage, pod: Pod) =>
    void stage.world.kubelet.oomKill(keyOf(pod), "runner"),
  "deleted by somebody": (stage: Stage, pod: Pod) => stage.world.admin.delete(PODS, keyOf(pod)),
  "deleted by force": (stage: Stage, pod: Pod) =>
    stage.world.admin.delete(PODS, keyOf(pod), { gracePeriodSeconds: 0 }),
} as const;

for (const [words, strike] of Object.entries(BLOWS)) {
  Deno.test(`an idle runner whose pod is ${words} is replaced within 30 s (F14)`, async () => {
    const watched = await open({ min: 2, max: 4 });
    await using stage = watched.stage;
    await stage.until("two runners are idle", () => idle(stage) === 2, 60);
    const [victim, other] = runnerPods(stage);
    await strike(stage, victim as Pod);
    await stage.until("another one is idle", () => {
      const pods = runnerPods(stage).filter((pod) => !isDeleting(pod));
      return idle(stage) === 2 &&
        !pods.some(({ metadata }) => metadata?.uid === victim?.metadata?.uid);
    }, 60);
    assert.ok(runnerPods(stage).some(({ metadata }) => metadata?.uid === other?.metadata?.uid));
    queue(stage, 3);
    await untilDone(stage, 60);
    assert.deepEqual(results(stage), { succeeded: 3 });
    await untilQuiet(watched, 2);
  });

  Deno.test(`a pending runner whose pod is ${words} is replaced (F14)`, async () => {
    const watched = await open({ max: 2 });
    await using stage = watched.stage;
    queue(stage, 2);
    await stage.until("two pods are on their nodes", () => {
      const pods = runnerPods(stage);
      return pods.length === 2 && pods.every((pod) => pod.spec?.nodeName !== undefined);
    }, 60);
    await strike(stage, runnerPods(stage)[0] as Pod);
    await untilDone(stage, 120);
    assert.deepEqual(results(stage), { succeeded: 2 });
    await untilQuiet(watched);
  });

  Deno.test(`a busy runner whose pod is ${words} costs one job, and its slot is refilled (F14)`, async () => {
    // This back end hands out more jobs than there are runners: one waits for the slot.
    const watched = await open({ max: 2 }, [], { backend: "pipelines" });
    await using stage = watched.stage;
    queue(stage, 4, 60_000);
    await stage.until(
      "both runners are busy",
      () => stage.runners().length === 2 && stage.runners().every(({ status }) => status?.jobId),
      60,
    );
    const name = busyRunner(stage)?.metadata?.name;
    const pod = runnerPods(stage).find(({ metadata }) => metadata?.name === name);
    await strike(stage, pod as Pod);
    await stage.until("a third job begins", () => started(stage) === 3, 30);
    await untilDone(stage, 240);
    assert.equal(results(stage)["succeeded"], 3);
    await untilQuiet(watched);
  });
}

/** A node with a runner and without the listener. */
function nodeOfRunners(stage: Stage): string {
  const listener = stage.pods().find((pod) => !runnerPods(stage).includes(pod));
  const nodes = runnerPods(stage).map((pod) => pod.spec?.nodeName ?? "");
  return nodes.find((node) => node !== listener?.spec?.nodeName) ?? "";
}

Deno.test("runners on a node that is removed are replaced within 30 s; the others are unaffected", async () => {
  const watched = await open({ min: 2, max: 6 });
  await using stage = watched.stage;
  await stage.until("two runners are idle", () => idle(stage) === 2, 60);
  queue(stage, 4, 60_000);
  await stage.until("four jobs run", () => started(stage) === 4, 60);
  const node = nodeOfRunners(stage);
  const victims = runnerPods(stage).filter((pod) => pod.spec?.nodeName === node);
  const names = victims.map(({ metadata }) => metadata?.name);
  const struck = jobsOf(stage).filter(({ runnerName }) => names.includes(runnerName));
  await stage.world.kubelet.removeNode(node);
  await stage.until("as many runners live as before", () => living(stage) === 6, 30);
  await untilDone(stage, 180);
  assert.deepEqual(results(stage), { succeeded: 4 - struck.length, failed: struck.length });
  await untilQuiet(watched, 2);
});

Deno.test("runners on a node that falls silent are replaced once the cluster gives them up", async () => {
  const watched = await open({ min: 1, max: 4 });
  await using stage = watched.stage;
  await stage.until("a runner is idle", () => idle(stage) === 1, 60);
  queue(stage, 3, 600_000);
  await stage.until("all runners live", () => started(stage) === 3 && living(stage) === 4, 60);
  const node = nodeOfRunners(stage);
  const victims = runnerPods(stage).filter((pod) => pod.spec?.nodeName === node);
  stage.world.kubelet.killNode(node);
  await stage.pass(345);
  await stage.until("their slots are refilled", () => {
    const live = stage.runners().filter((runner) => !isDeleting(runner));
    return live.every(({ metadata }) =>
      !victims.some((pod) => pod.metadata?.name === metadata?.name)
    ) &&
      idle(stage) >= 1;
  }, 90);
  await untilDone(stage, 600);
  queue(stage, 4);
  await untilDone(stage, 90);
  await stage.world.kubelet.removeNode(node);
  await untilQuiet(watched, 1);
});

/** Runners whose pods run. */
function living(stage: Stage): number {
  return runnerPods(stage).filter((pod) => pod.status?.phase === "Running" && !isDeleting(pod))
    .length;
}

Deno.test("a runner that never registers harms nobody else, and its removal frees its slot", async () => {
  const watched = await open({ max: 2 }, ["never-register"]);
  await using stage = watched.stage;
  queue(stage, 3);
  await stage.until("two jobs are done beside it", () => results(stage)["succeeded"] === 2, 120);
  const served = jobsOf(stage).map(({ runnerName }) => runnerName);
  const stuck = runnerPods(stage).find(({ metadata }) => !served.includes(metadata?.name));
  await stage.world.admin.delete(PODS, keyOf(stuck as Pod));
  await stage.until("the third one, too", () => results(stage)["succeeded"] === 3, 90);
  await untilQuiet(watched);
});
