import assert from "node:assert/strict";
import { openStage } from "./stage.ts";

Deno.test("a burst of 200 jobs with max 50: all are served, never by more than 50 runners", async () => {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({ max: 50 });
  await stage.until("a listener polls", () => stage.listeners.size === 1);
  let peak = 0;
  const { control } = stage.world.github;
  control.queueJobs({ scaleSet: "linux", count: 200, durationMs: { fromMs: 1_000, toMs: 20_000 } });
  await stage.until("all jobs are done", () => {
    peak = Math.max(peak, stage.runners().filter((r) => !r.metadata?.deletionTimestamp).length);
    return control.state().jobs.every(({ result }) => result === "succeeded");
  }, 600);
  assert.equal(peak, 50);
  await stage.until("the runners are gone", () => stage.runners().length === 0);
  assert.deepEqual(control.state().runners, []);
});

Deno.test("a burst of 200 jobs creates its pods in parallel, not one by one", async () => {
  await using stage = await openStage({ github: { latencyMs: 200 } });
  stage.startController();
  await stage.addSet({});
  await stage.until("a listener polls", () => stage.listeners.size === 1);
  const start = stage.clock.now().getTime();
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 200, durationMs: 60_000 });
  await stage.until("200 pods exist", () => stage.pods().length >= 201, 60);
  const seconds = (stage.clock.now().getTime() - start) / 1000;
  // One by one they would take 200 × 0.2 s at GitHub alone.
  assert.ok(seconds < 5, `it took ${seconds} s`);
});
