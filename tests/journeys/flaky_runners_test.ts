import assert from "node:assert/strict";
import { seededRandom } from "../../lib/random.ts";
import { openStage } from "./stage.ts";

Deno.test("B4: with a tenth of the runners failing, 250 jobs are served and no slot stays dead", async () => {
  const random = seededRandom(7);
  await using stage = await openStage({
    github: { runnerLostMs: 5_000 },
    runnerScript: () => random() < 0.1 ? "fail-early" : "run",
  });
  stage.startController();
  await stage.addSet({ max: 50 });
  await stage.until("a listener polls", () => stage.listeners.size === 1);
  const { control } = stage.world.github;
  control.queueJobs({
    scaleSet: "linux",
    count: 250,
    durationMs: { fromMs: 1_000, toMs: 5_000 },
  });
  // Five rounds of three seconds on average, and some more for those that were hired twice.
  await stage.until(
    "all jobs are done",
    () => control.state().jobs.every(({ result }) => result),
    60,
  );
  assert.ok(control.state().jobs.every(({ result }) => result === "succeeded"));
  await stage.until("nothing is left", () => stage.runners().length === 0, 120);
});
