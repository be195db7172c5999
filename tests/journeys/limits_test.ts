import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { openStage, type Stage } from "./stage.ts";

async function setLimits(stage: Stage, spec: object): Promise<void> {
  const key = { namespace: "arc-runners", name: "linux" };
  await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, key, { spec });
}

function listenerPod(stage: Stage) {
  return stage.pods().find((pod) => pod.metadata?.namespace === "arc-systems");
}

Deno.test("B3: max changed while jobs run: the listener's pod stays and more runners come", async () => {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({ max: 2 });
  await stage.until("a listener polls", () => stage.listeners.size === 1);
  const before = listenerPod(stage)?.metadata?.uid;
  const { control } = stage.world.github;
  control.queueJobs({ scaleSet: "linux", count: 6, durationMs: 300_000 });
  const running = () => control.state().jobs.filter(({ state }) => state === "running").length;
  await stage.until("two jobs run", () => running() === 2);
  await stage.pass(60);
  assert.equal(running(), 2);
  await setLimits(stage, { maxRunners: 5 });
  await stage.until("five jobs run", () => running() === 5, 30);
  await setLimits(stage, { maxRunners: 3 });
  await stage.pass(30);
  assert.equal(running(), 5, "a job that runs is never cut off");
  await stage.until("all are done", () => control.state().jobs.every((j) => j.result), 900);
  assert.equal(listenerPod(stage)?.metadata?.uid, before);
});

Deno.test("B3, F24: min raised and lowered: idle runners come and go, busy ones stay", async () => {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({ min: 0, max: 20 });
  await stage.until("a listener polls", () => stage.listeners.size === 1);
  const before = listenerPod(stage)?.metadata?.uid;
  await setLimits(stage, { minRunners: 10 });
  await stage.until("ten runners", () => stage.runners().length === 10, 30);
  const { control } = stage.world.github;
  control.queueJobs({ scaleSet: "linux", count: 3, durationMs: 300_000 });
  await stage.until(
    "three jobs run",
    () => control.state().jobs.filter(({ state }) => state === "running").length === 3,
  );
  await setLimits(stage, { minRunners: 0 });
  await stage.until("only the busy ones are left", () => stage.runners().length === 3, 120);
  await stage.until("the jobs are done", () => control.state().jobs.every((j) => j.result), 900);
  assert.deepEqual(control.state().jobs.map((j) => j.result), Array(3).fill("succeeded"));
  assert.equal(listenerPod(stage)?.metadata?.uid, before);
});
