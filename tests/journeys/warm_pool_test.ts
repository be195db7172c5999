import assert from "node:assert/strict";
import { openStage, type Stage } from "./stage.ts";

function idle(stage: Stage): number {
  return stage.runners().filter(({ status, metadata }) =>
    status?.phase === "Running" && !status.jobId && !metadata?.deletionTimestamp
  ).length;
}

Deno.test("a warm pool is kept at its minimum: before, during and after jobs", async () => {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({ min: 3, max: 10 });
  await stage.until("three runners idle", () => idle(stage) === 3);
  const { control } = stage.world.github;
  control.queueJobs({ scaleSet: "linux", count: 4, durationMs: 40_000 });
  await stage.until("four jobs run and three runners idle", () => {
    const running = control.state().jobs.filter(({ state }) => state === "running").length;
    return running === 4 && idle(stage) === 3;
  });
  await stage.until("the jobs are done", () => control.state().jobs.every((job) => job.result));
  await stage.pass(120);
  assert.equal(idle(stage), 3);
  assert.equal(stage.runners().length, 3);
});

Deno.test("an idle runner of the pool that dies is replaced", async () => {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({ min: 2, max: 4 });
  await stage.until("two runners idle", () => idle(stage) === 2);
  const [victim] = stage.runners();
  const name = victim?.metadata?.name ?? "";
  stage.world.kubelet.evict({ namespace: "arc-runners", name });
  await stage.until(
    "another one took its place",
    () => idle(stage) === 2 && stage.runners().every((r) => r.metadata?.name !== name),
    60,
  );
});
