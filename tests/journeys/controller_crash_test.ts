import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { crashAt, type CrashPoint, everyPoint, isWrite } from "./crash_points.ts";
import {
  allSucceeded,
  assertNothingLeft,
  clusterContent,
  hasSession,
  isNothingLeft,
  jobsOf,
  openWatchedStage,
} from "./invariants.ts";
import { setObjects } from "./stage.ts";

const MAX = 3;
const JOBS = 4;
const SET = { namespace: "arc-runners", name: "linux" };

Deno.test("a controller that dies before any of its writes loses, doubles and leaves nothing", async () => {
  const reached = await everyPoint("before", live);
  assert.ok(reached > 50, `only ${reached} points were reached`);
});

Deno.test("a controller that dies after any of its writes loses, doubles and leaves nothing", async () => {
  const reached = await everyPoint("after", live);
  assert.ok(reached > 50, `only ${reached} points were reached`);
});

/** A set is installed, hires runners for its jobs and is deleted, while the controller dies once. */
async function live(point: CrashPoint): Promise<boolean> {
  const watched = await openWatchedStage({ max: MAX });
  await using stage = watched.stage;
  const objects = setObjects({ max: MAX });
  await stage.world.apply(objects.filter(({ kind }) => kind !== "AutoscalingRunnerSet"));
  const before = clusterContent(stage);
  let controller = stage.startController();
  const crash = crashAt(point, {
    counts: isWrite,
    process: () => controller,
    onCrash: () => void stage.clock.sleep(2_000).then(() => controller = stage.startController()),
  });
  stage.taps.controller = crash.tap;

  await stage.world.apply(objects);
  await stage.until("a session is open", () => hasSession(stage), 60);
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: JOBS, durationMs: 20_000 });
  await stage.until("all jobs are done", () => allSucceeded(stage), 120);
  await stage.until("all runners are gone", () => stage.runners().length === 0, 60);
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 90);
  await stage.pass(30);
  assertNothingLeft(stage, before);
  assert.equal(jobsOf(stage).length, JOBS);
  assert.equal(controller.failure, undefined);
  watched.check();
  return crash.crashed;
}
