import assert from "node:assert/strict";
import { openStage, type Stage } from "./stage.ts";

const WRITES = ["create", "update", "patch", "delete"];
const READS = ["get", "list"];

function sum(calls: Readonly<Record<string, number>>, verbs: readonly string[]): number {
  return Object.entries(calls)
    .filter(([call]) => verbs.includes(call.split(" ")[0] ?? ""))
    .reduce((total, [, count]) => total + count, 0);
}

/** The calls of one story, after the stage has settled with one set at rest. */
async function callsOf(jobs: number, story: (stage: Stage) => Promise<void>) {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({ max: 100 });
  await stage.until("a listener polls", () => stage.listeners.size === 1);
  await stage.pass(60);
  const { calls: github } = stage.world.github;
  const registered = github.generatejitconfig + github.removerunner;
  stage.world.api.requests.reset();
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: jobs, durationMs: 30_000 });
  await story(stage);
  const kube = stage.calls();
  return {
    kube,
    writes: sum(kube, WRITES) / jobs,
    reads: sum(kube, READS),
    github: (github.generatejitconfig + github.removerunner - registered) / jobs,
  };
}

async function untilDone(stage: Stage): Promise<void> {
  const { control } = stage.world.github;
  await stage.until("all jobs are done", () => control.state().jobs.every((job) => job.result));
  await stage.until("the runners are gone", () => stage.runners().length === 0);
  await stage.pass(120);
}

Deno.test("B9: a runner in a burst of 50 costs at most 10 writes, no read, 2 calls at GitHub", async () => {
  const calls = await callsOf(50, untilDone);
  assert.ok(calls.writes <= 10, JSON.stringify(calls));
  assert.equal(calls.reads, 0, JSON.stringify(calls));
  assert.equal(calls.github, 2);
});

Deno.test("B9: a lone job costs at most 14 writes, no read, 2 calls at GitHub", async () => {
  const calls = await callsOf(1, untilDone);
  assert.ok(calls.writes <= 14, JSON.stringify(calls));
  assert.equal(calls.reads, 0, JSON.stringify(calls));
  assert.equal(calls.github, 2);
});

Deno.test("B9: an idle hour costs no write", async () => {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({ min: 2, max: 10 });
  await stage.until("two runners", () => stage.runners().length === 2);
  await stage.pass(120);
  stage.world.api.requests.reset();
  await stage.pass(3600);
  assert.equal(sum(stage.calls(), WRITES), 0, JSON.stringify(stage.calls()));
});
