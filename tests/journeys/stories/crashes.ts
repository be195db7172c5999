/**
 * Stories of processes that die at the points that matter most. The simulated world also dies at every other point, in
 * `controller_crash_test.ts` and `listener_crash_test.ts`.
 */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { crashAt, type CrashPoint } from "../crash_points.ts";
import {
  allSucceeded,
  assertNothingLeft,
  clusterContent,
  hasSession,
  isNothingLeft,
  jobsOf,
} from "../invariants.ts";
import { setObjects } from "../stage.ts";
import { openSet, type OpenWatched, queue, type Story, untilAtRest } from "./story.ts";

interface Point {
  readonly says: string;
  readonly when: CrashPoint["when"];
  /** "METHOD path". */
  readonly call: RegExp;
}

const LISTENER_POINTS: readonly Point[] = [
  {
    says: "with a message in hand, before it asks for runners",
    when: "before",
    call: /^PATCH .*\/ephemeralrunnersets\//,
  },
  {
    says: "after it asked for runners, before it knows so",
    when: "after",
    call: /^PATCH .*\/ephemeralrunnersets\//,
  },
  {
    says: "before it acknowledges what it acted upon",
    when: "before",
    call: /^DELETE .*\/message\/\d+/,
  },
];

const CONTROLLER_POINTS: readonly Point[] = [
  {
    says: "after it made the scale set, before it knows so",
    when: "after",
    call: /^POST .*\/runnerscalesets$/,
  },
  {
    says: "before it makes the listener's pod",
    when: "before",
    call: /^POST .*\/namespaces\/arc-systems\/pods$/,
  },
  {
    says: "after it registered a runner, before it knows so",
    when: "after",
    call: /^POST .*\/generatejitconfig$/,
  },
  {
    says: "after it made a runner's pod, before it knows so",
    when: "after",
    call: /^POST .*\/namespaces\/arc-runners\/pods$/,
  },
  {
    says: "before it removes a runner that has ended",
    when: "before",
    call: /^DELETE .*\/ephemeralrunners\//,
  },
  {
    says: "after it removed the scale set, before it knows so",
    when: "after",
    call: /^DELETE .*\/runnerscalesets\/\d+$/,
  },
];

const counts = ({ call }: Point) => (request: Request) =>
  call.test(`${request.method} ${new URL(request.url).pathname}`);

/** Jobs come while others run, and the listener dies once. */
async function withoutListener(open: OpenWatched, point: Point): Promise<void> {
  const watched = await openSet(open, { max: 4 });
  await using stage = watched.stage;
  const crash = crashAt({ call: 1, when: point.when }, {
    counts: counts(point),
    process: () => [...stage.listeners][0],
  });
  stage.taps.listener = crash.tap;
  queue(stage, 2, 25);
  await stage.pass(10);
  queue(stage, 3, 30);
  await stage.until("all jobs are done", () => allSucceeded(stage), 240);
  await untilAtRest(watched);
  assert.ok(crash.crashed);
  assert.equal(jobsOf(stage).length, 5);
}

/** A set is installed, hires runners for its jobs and is deleted, while the controller dies once. */
async function withoutController(open: OpenWatched, point: Point): Promise<void> {
  const watched = await open({ max: 3 });
  await using stage = watched.stage;
  const objects = setObjects({ max: 3 });
  await stage.world.apply(objects.filter(({ kind }) => kind !== AUTOSCALING_RUNNER_SETS.kind));
  const before = clusterContent(stage);
  let controller = stage.startController();
  const crash = crashAt({ call: 1, when: point.when }, {
    counts: counts(point),
    process: () => controller,
    onCrash: () =>
      void stage.clock.sleep(2 * stage.secondMs).then(() => controller = stage.startController()),
  });
  stage.taps.controller = crash.tap;
  await stage.world.apply(objects);
  await stage.until("a session is open", () => hasSession(stage), 90);
  queue(stage, 4, 20);
  await stage.until("all jobs are done", () => allSucceeded(stage), 180);
  await stage.until("all runners are gone", () => stage.runners().length === 0, 60);
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, {
    namespace: "arc-runners",
    name: "linux",
  });
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 90);
  await stage.pass(30);
  assertNothingLeft(stage, before);
  assert.ok(crash.crashed);
  assert.equal(controller.failure, undefined);
  await watched.check();
}

export const CRASH_STORIES: readonly Story[] = [
  ...LISTENER_POINTS.map((point) => ({
    says: `a listener that dies ${point.says}, loses and doubles no job`,
    tell: (open: OpenWatched) => withoutListener(open, point),
  })),
  ...CONTROLLER_POINTS.map((point) => ({
    says: `a controller that dies ${point.says}, loses, doubles and leaves nothing`,
    tell: (open: OpenWatched) => withoutController(open, point),
  })),
];
