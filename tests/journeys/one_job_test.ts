import assert from "node:assert/strict";
import { openStage } from "./stage.ts";

Deno.test("0→1→0: a job hires one runner, which goes when the job is done", async () => {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({ max: 5 });
  await stage.until("a listener polls", () => stage.listeners.size === 1);
  const [job] = stage.world.github.control.queueJobs({
    scaleSet: "linux",
    count: 1,
    durationMs: 30_000,
  });
  await stage.until(
    "the runner knows its job",
    () => stage.runners()[0]?.status?.jobId === job,
  );
  await stage.until(
    "its status says it runs",
    () => stage.runners()[0]?.status?.phase === "Running",
  );
  await stage.until("the runner is gone", () => stage.runners().length === 0);
  await stage.pass(5);
  const state = stage.world.github.control.state();
  assert.deepEqual(state.jobs.map(({ result }) => result), ["succeeded"]);
  assert.deepEqual(state.runners, []);
  assert.equal(stage.pods().length, 1, "only the listener's pod is left");
  assert.equal(stage.runnerSet()?.status?.currentRunners, 0);
});
