import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { EVENTS, NAMESPACES, SECRETS } from "../../kube/resources.ts";
import { type AnyType, type Event, keyOf, type ObjectKey } from "../../kube/types.ts";
import {
  allSucceeded,
  assertNothingLeft,
  clusterContent,
  githubLeft,
  isNothingLeft,
  jobsOf,
} from "./invariants.ts";
import { openRemoval, type RemovalScene } from "./removals.ts";
import type { SetWords, Stage } from "./stage.ts";

const NAMESPACE = "arc-runners";
const SET: ObjectKey = { namespace: NAMESPACE, name: "linux" };
const MAX = 4;

function open(words: SetWords = {}): Promise<RemovalScene> {
  return openRemoval({ max: MAX }, { max: MAX, ...words });
}

/** Queues jobs and waits until each of them runs. */
async function busyWith(stage: Stage, count: number, durationMs: number): Promise<void> {
  stage.world.github.control.queueJobs({ scaleSet: "linux", count, durationMs });
  await stage.until(
    "all jobs run",
    () => jobsOf(stage).every(({ state }) => state === "running"),
    60,
  );
}

async function remove(stage: Stage, type: AnyType, key: ObjectKey): Promise<void> {
  await stage.world.admin.delete(type, key);
}

function idle(stage: Stage): number {
  const { runners } = githubLeft(stage);
  return runners.filter(({ state, jobId }) => state === "online" && jobId === undefined).length;
}

function reasons(stage: Stage): readonly string[] {
  const events = stage.world.api.store.list(EVENTS) as unknown as readonly Event[];
  return events.map(({ reason, message }) => `${reason}: ${message}`);
}

Deno.test("a set that is deleted while busy: its jobs finish, then everything goes", async () => {
  const { watched, before } = await open({ min: 1 });
  await using stage = watched.stage;
  await busyWith(stage, 3, 100_000);
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.pass(60);
  assert.ok(jobsOf(stage).every(({ state }) => state === "running"), "a job was cut off");
  assert.equal(idle(stage), 0, "the idle runner went");
  await stage.until("all jobs are done", () => allSucceeded(stage), 60);
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 60);
  await stage.pass(60);
  assertNothingLeft(stage, before);
  watched.check();
});

Deno.test("an idle set that is deleted is gone within 30 s, at GitHub too", async () => {
  const { watched, before } = await open({ min: 2 });
  await using stage = watched.stage;
  await stage.until("two runners are idle", () => idle(stage) === 2, 60);
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 30);
  await stage.pass(60);
  assertNothingLeft(stage, before);
  watched.check();
});

for (const restarts of ["keeps", "loses"] as const) {
  Deno.test(`F28: a set whose Secret went first is deleted within 60 s by a controller that ${restarts} it in memory`, async () => {
    const { watched, before, controller } = await open({ min: 2 });
    await using stage = watched.stage;
    await stage.until("two runners are idle", () => idle(stage) === 2, 60);
    await remove(stage, SECRETS, { namespace: NAMESPACE, name: "linux-github" });
    if (restarts === "loses") {
      controller.crash();
      stage.startController();
      await stage.pass(1);
    }
    await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
    await stage.until(
      "everything is gone from the cluster",
      () => clusterContent(stage).every((name) => before.includes(name)),
      60,
    );
    await stage.pass(5);
    const isGone = githubLeft(stage).scaleSets.length === 0;
    assert.equal(isGone, restarts === "keeps");
    if (!isGone) {
      assert.match(reasons(stage).join("\n"), /ScaleSetLeftBehind: Scale set 1 .*linux-github/);
    }
    watched.check();
  });
}

Deno.test("F29: a namespace that is deleted with a set in it goes, and everything of it at GitHub", async () => {
  const { watched } = await open({ min: 1 });
  await using stage = watched.stage;
  await busyWith(stage, 2, 30_000);
  await remove(stage, NAMESPACES, { namespace: "", name: NAMESPACE });
  const gone = () =>
    stage.world.api.store.get(NAMESPACES, { namespace: "", name: NAMESPACE }) === undefined;
  await stage.until("the namespace is gone", gone, 120);
  await stage.until(
    "nothing is left at GitHub",
    () => githubLeft(stage).scaleSets.length === 0,
    60,
  );
  await stage.pass(60);
  const ours = clusterContent(stage).filter((name) => name.includes("linux"));
  assert.deepEqual(ours, []);
  assert.deepEqual(githubLeft(stage), { scaleSets: [], runners: [] });
});

Deno.test("an AutoscalingListener that is deleted by hand comes back, and jobs flow", async () => {
  const { watched, before } = await open();
  await using stage = watched.stage;
  await busyWith(stage, 2, 60_000);
  const [listener] = stage.world.api.store.list(AUTOSCALING_LISTENERS);
  await remove(stage, AUTOSCALING_LISTENERS, keyOf(listener as never));
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 2, durationMs: 5_000 });
  await stage.until("all jobs are done", () => allSucceeded(stage), 120);
  assert.notEqual(
    stage.world.api.store.list(AUTOSCALING_LISTENERS)[0]?.metadata.uid,
    listener?.metadata.uid,
  );
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 60);
  watched.check();
});

Deno.test("an EphemeralRunnerSet that is deleted by hand comes back: busy runners finish, jobs flow", async () => {
  const { watched, before } = await open({ min: 1 });
  await using stage = watched.stage;
  await busyWith(stage, 2, 60_000);
  await remove(stage, EPHEMERAL_RUNNER_SETS, SET);
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 2, durationMs: 5_000 });
  await stage.until("all jobs are done", () => allSucceeded(stage), 240);
  await stage.until(
    "a runner is idle again",
    () => idle(stage) === 1 && stage.runners().length === 1,
    180,
  );
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 60);
  watched.check();
});

Deno.test("an EphemeralRunner that is deleted by hand goes when its job is done, and is replaced when idle", async () => {
  const { watched } = await open({ min: 1 });
  await using stage = watched.stage;
  await stage.until("a runner is idle", () => idle(stage) === 1, 60);
  await busyWith(stage, 1, 40_000);
  await stage.until("another one is idle", () => idle(stage) === 1, 60);
  const before = stage.runners().map(({ metadata }) => metadata?.name);
  for (const runner of stage.runners()) await remove(stage, EPHEMERAL_RUNNERS, keyOf(runner));
  await stage.until("a new one is idle", () => {
    const [runner, ...others] = stage.runners().filter(({ metadata }) =>
      !metadata?.deletionTimestamp
    );
    return others.length === 0 && runner !== undefined && !before.includes(runner.metadata?.name) &&
      idle(stage) === 1;
  }, 180);
  await stage.until("the job is done", () => allSucceeded(stage), 60);
  await stage.until("one runner is left", () => stage.runners().length === 1, 60);
  watched.check();
});

Deno.test("B5: a set that is deleted while GitHub is down goes within 60 s, and Events name what is left", async () => {
  const { watched, before } = await open({ min: 2 });
  await using stage = watched.stage;
  await stage.until("two runners are idle", () => idle(stage) === 2, 60);
  stage.world.github.control.setFaults([{ operation: "*", effect: { do: "answer", status: 503 } }]);
  await stage.pass(5);
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  // A pod may take its 30 s to stop; nothing but itself waits for that.
  const left = () => clusterContent(stage).filter((name) => !before.includes(name));
  const isPod = (name: string) => name.startsWith("Pod arc-runners/");
  await stage.until("everything is gone but pods", () => left().every(isPod), 60);
  await stage.until("everything is gone", () => left().length === 0, 35);
  assert.equal(reasons(stage).filter((reason) => reason.startsWith("RunnerLeftBehind")).length, 2);
  assert.match(
    reasons(stage).join("\n"),
    /ScaleSetLeftBehind: Scale set 1 may still exist at https:\/\/github.com\/acme/,
  );
  watched.check();
});
