/** Group B of what must never happen: demand that is not true. */
import assert from "node:assert/strict";
import { declareMetrics, silentMetrics } from "../../lib/metrics.ts";
import { chosenMetrics } from "../../listener/metrics.ts";
import { allSucceeded, jobsOf } from "../journeys/invariants.ts";
import type { Stage, Tap } from "../journeys/stage.ts";
import {
  conditionText,
  idleRunners,
  openStory,
  queue,
  rewriteStatistics,
  runnerSetOf,
  running,
} from "./stories.ts";

const MINUTE = 60;
const DAY_MS = 86_400_000;

/** GitHub counts 15 jobs that do not exist, beside those that do. */
const PHANTOMS = rewriteStatistics((statistics) => ({
  ...statistics,
  totalAssignedJobs: (statistics["totalAssignedJobs"] ?? 0) + 15,
}));

for (const min of [0, 2]) {
  Deno.test(`F10: 34 assigned, 19 running for ever: no runner is kept for the 15 that never start (min ${min})`, async () => {
    const metrics = declareMetrics(chosenMetrics(null).rows);
    const story = await openStory({
      set: { min },
      metrics: { controller: silentMetrics, listener: () => metrics },
    });
    await using stage = story.stage;
    const { calls } = stage.world.github;
    stage.taps.listener = PHANTOMS;
    queue(stage, 19, { durationMs: DAY_MS });
    await stage.until("15 runners are idle for nothing", () => {
      return running(stage) === 19 && idleRunners(stage) === 15 + min;
    }, MINUTE);
    const sessions = calls.createsession;
    let most = 0;
    await stage.until("the condition tells", () => {
      most = Math.max(most, stage.runners().length);
      return conditionText(stage, "PhantomDemand") === "True JobsDoNotStart";
    }, 10 * MINUTE);
    assert.ok(calls.createsession > sessions, "the session was opened again");
    assert.equal(most, 34 + min, "no further growth");
    assert.match(await metrics.render(), /longshore_listener_phantom_jobs\{[^}]*\} 15\n/);
    await stage.until("the surplus is gone", () => idleRunners(stage) === min, 3 * MINUTE);
    await stage.pass(20 * MINUTE);
    assert.equal(idleRunners(stage), min);
    assert.equal(running(stage), 19);

    queue(stage, 5);
    await stage.until("true jobs are served as ever", () => {
      return jobsOf(stage).filter(({ result }) => result === "succeeded").length === 5;
    }, 2 * MINUTE);
    await stage.pass(3 * MINUTE);
    assert.equal(idleRunners(stage), min);
    assert.equal(conditionText(stage, "PhantomDemand"), "True JobsDoNotStart");

    stage.taps.listener = undefined;
    queue(stage, 1);
    await stage.until("it is healed", () => {
      return conditionText(stage, "PhantomDemand") === "False None";
    }, MINUTE);
    assert.match(await metrics.render(), /longshore_listener_phantom_jobs\{[^}]*\} 0\n/);
    assert.ok(running(stage) >= 19);
    story.check();
  });
}

Deno.test("F10: numbers that stand still, whatever happens, do not keep idle runners either", async () => {
  const story = await openStory();
  await using stage = story.stage;
  queue(stage, 19, { durationMs: { fromMs: 60_000, toMs: 120_000 } });
  await stage.until("19 run", () => running(stage) === 19, MINUTE);
  stage.taps.listener = rewriteStatistics((statistics) => ({
    ...statistics,
    totalAssignedJobs: 34,
    totalRunningJobs: 19,
  }));
  await stage.until("the condition tells", () => {
    return conditionText(stage, "PhantomDemand") === "True JobsDoNotStart";
  }, 15 * MINUTE);
  const count = stage.runners().length;
  assert.ok(count <= 34, `${count} runners`);
  stage.taps.listener = undefined;
  await stage.until("it heals by itself", () => stage.runners().length === 0, 40 * MINUTE);
  assert.equal(conditionText(stage, "PhantomDemand"), "False None");
  story.check();
});

Deno.test("F10: another session that knows better heals it before anybody is told", async () => {
  const story = await openStory();
  await using stage = story.stage;
  const { calls } = stage.world.github;
  const sessions = calls.createsession;
  let isRight = false;
  stage.taps.listener = async (request, send) => {
    isRight ||= request.method === "POST" && request.url.includes("/sessions");
    return isRight ? undefined : await PHANTOMS(request, send);
  };
  queue(stage, 1, { durationMs: 30 * MINUTE * 1000 });
  await stage.until("runners are idle for nothing", () => idleRunners(stage) === 15, MINUTE);
  await stage.until("they go", () => idleRunners(stage) === 0, 10 * MINUTE);
  assert.equal(calls.createsession, sessions + 1);
  assert.equal(conditionText(stage, "PhantomDemand"), "undefined undefined");
  assert.equal(running(stage), 1);
  story.check();
});

Deno.test("F10: jobs that GitHub is slow to hand out are served in the end, though they looked like phantoms", async () => {
  const story = await openStory();
  await using stage = story.stage;
  stage.taps.listener = PHANTOMS;
  queue(stage, 1, { durationMs: 2 * DAY_MS });
  await stage.until("the condition tells", () => {
    return conditionText(stage, "PhantomDemand") === "True JobsDoNotStart";
  }, 10 * MINUTE);
  // They become jobs: GitHub counts no more than there are.
  stage.taps.listener = undefined;
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 15, durationMs: 10_000 });
  await stage.until("they are done", () => {
    return jobsOf(stage).filter(({ result }) => result === "succeeded").length === 15;
  }, 45 * MINUTE);
  assert.equal(conditionText(stage, "PhantomDemand"), "False None");
  story.check();
});

/** Every number is told so many seconds late. */
function late(stage: Stage, seconds: number): Tap {
  const history: {
    readonly atMs: number;
    readonly statistics: Readonly<Record<string, number>>;
  }[] = [];
  return rewriteStatistics((statistics) => {
    const nowMs = stage.clock.now().getTime();
    history.push({ atMs: nowMs, statistics });
    const known = history.filter(({ atMs }) => atMs <= nowMs - seconds * 1000);
    return known.at(-1)?.statistics ??
      Object.fromEntries(Object.keys(statistics).map((name) => [name, 0]));
  });
}

Deno.test("F11: numbers that are 30 min late cost no runner that a message said has, or waits for, a job", async () => {
  const story = await openStory({ runnerScript: () => "run" });
  await using stage = story.stage;
  queue(stage, 10, { durationMs: 50 * MINUTE * 1000 });
  await stage.until("ten runners are on their way", () => stage.runners().length === 10, MINUTE);
  const names = stage.runners().map(({ metadata }) => metadata?.name).sort();
  stage.taps.listener = late(stage, 30 * MINUTE);
  await stage.until("all jobs run", () => running(stage) === 10, MINUTE);
  for (let minute = 0; minute < 45; minute++) {
    await stage.pass(MINUTE);
    assert.deepEqual(stage.runners().map(({ metadata }) => metadata?.name).sort(), names);
  }
  queue(stage, 5, { durationMs: 60_000 });
  await stage.until("all jobs are done", () => allSucceeded(stage), 90 * MINUTE);
  await stage.until("no runner is left", () => stage.runners().length === 0, 45 * MINUTE);
  story.check();
});

Deno.test("F11: runners that have not got their job yet stay when late numbers know of none", async () => {
  const story = await openStory();
  await using stage = story.stage;
  // Runners take 10 min to come up; meanwhile the numbers fall back to what was half an hour ago.
  stage.world.kubelet.failImage("ghcr.io/actions/actions-runner:latest");
  queue(stage, 10);
  await stage.until("ten runners are on their way", () => stage.runners().length === 10, MINUTE);
  const orders = runnerSetOf(stage)?.spec?.replicas;
  stage.taps.listener = late(stage, 30 * MINUTE);
  await stage.pass(MINUTE);
  queue(stage, 1); // brings a message with the old numbers
  await stage.pass(5 * MINUTE);
  assert.equal(orders, 10);
  assert.equal(runnerSetOf(stage)?.spec?.replicas, 10);
  stage.world.kubelet.healImage("ghcr.io/actions/actions-runner:latest");
  await stage.until("all jobs are done", () => allSucceeded(stage), 60 * MINUTE);
  story.check();
});

Deno.test("F12: messages twice, late and out of order count once", async () => {
  const story = await openStory({ max: 12 });
  await using stage = story.stage;
  const seen: string[] = [];
  let turn = 0;
  stage.taps.listener = async (request, send) => {
    if (request.method !== "GET" || !new URL(request.url).pathname.endsWith("/message")) return;
    const response = await send();
    if (response.status !== 200) return response;
    const message = await response.json();
    const items: readonly unknown[] = JSON.parse(message.body || "[]");
    // What was said before is said again beside it, now before, now after, the last word first.
    const again = seen.map((text): unknown => JSON.parse(text)).reverse();
    for (const item of items) seen.push(JSON.stringify(item));
    const body = turn++ % 2 === 0 ? [...again, ...items, ...items] : [...items, ...again];
    return Response.json({ ...message, body: JSON.stringify(body) });
  };
  queue(stage, 8, { durationMs: { fromMs: 5_000, toMs: 60_000 } });
  await stage.pass(20);
  queue(stage, 4, { durationMs: { fromMs: 5_000, toMs: 60_000 } });
  await stage.until("all jobs are done", () => allSucceeded(stage), 4 * MINUTE);
  await stage.until("no runner is left", () => stage.runners().length === 0, 2 * MINUTE);
  assert.equal(
    stage.world.github.calls.generatejitconfig,
    12,
    "a runner for each job, and no more",
  );
  story.check();
});

Deno.test("F12: a queue that delivers every message twice hires no runner for it", async () => {
  const story = await openStory();
  await using stage = story.stage;
  stage.world.github.control.setFaults([{
    operation: "poll",
    effect: { do: "repeat" },
    times: 20,
  }]);
  queue(stage, 6);
  await stage.until("all jobs are done", () => allSucceeded(stage), 3 * MINUTE);
  await stage.until("no runner is left", () => stage.runners().length === 0, 2 * MINUTE);
  assert.equal(stage.world.github.calls.generatejitconfig, 6);
  story.check();
});

Deno.test("F13: runners of jobs that are canceled before they start serve others, or go within 2 min", async () => {
  const story = await openStory({ set: { min: 1 }, runnerScript: () => "run" });
  await using stage = story.stage;
  const { control } = stage.world.github;
  await stage.until("one is idle", () => idleRunners(stage) === 1, MINUTE);
  await stage.pass(MINUTE);
  const ids = control.queueJobs({ scaleSet: "linux", count: 10, durationMs: 30_000 });
  await stage.until("runners are on their way", () => stage.runners().length === 11, MINUTE);
  for (const id of ids.slice(2)) if (control.job(id)?.state !== "running") control.cancelJob(id);
  const canceled = jobsOf(stage).filter(({ result }) => result === "canceled").length;
  assert.ok(canceled >= 7, `${canceled} canceled`);
  queue(stage, 3, { durationMs: 10_000 });
  await stage.until("the others are done", () => {
    return jobsOf(stage).every(({ result }) => result !== undefined);
  }, 2 * MINUTE);
  await stage.until("back at the minimum", () => stage.runners().length === 1, 2 * MINUTE);
  await stage.pass(2 * MINUTE);
  assert.equal(stage.runners().length, 1);
  story.check();
});
