/** What must never happen to the registration of scale sets: F31 and F32. */
import assert from "node:assert/strict";
import type { Pod } from "../../kube/types.ts";
import { allSucceeded, jobsOf } from "../journeys/invariants.ts";
import type { Stage } from "../journeys/stage.ts";
import { conditionText, openStory, queue, running } from "./stories.ts";

const MINUTE = 60;

function scaleSet(stage: Stage) {
  return stage.world.github.control.state().scaleSets[0];
}

function runnerPods(stage: Stage): readonly Pod[] {
  return stage.pods().filter(({ metadata }) => metadata?.namespace === "arc-runners");
}

Deno.test("F31: a scale set that was deleted at GitHub is made again within 60 s; busy pods stay, jobs flow", async () => {
  const story = await openStory({
    set: { min: 2, spec: { runnerScaleSetLabels: ["gpu", "large"] } },
  });
  await using stage = story.stage;
  const { control } = stage.world.github;
  queue(stage, 3, { durationMs: 5 * MINUTE * 1000 });
  await stage.until("three jobs run", () => running(stage) === 3, MINUTE);
  await stage.until("two are idle", () => stage.runners().length === 5, MINUTE);
  const before = scaleSet(stage);
  const busy = new Set(jobsOf(stage).map(({ runnerName }) => runnerName));
  const uids = runnerPods(stage).filter((pod) => busy.has(pod.metadata?.name))
    .map(({ metadata }) => metadata?.uid).sort();
  assert.equal(uids.length, 3);

  control.forgetScaleSet(before?.id ?? 0);
  assert.equal(scaleSet(stage), undefined);
  await stage.until("it is there again, with a session", () => {
    return scaleSet(stage)?.session !== undefined;
  }, MINUTE);
  const after = scaleSet(stage);
  assert.notEqual(after?.id, before?.id);
  assert.deepEqual(after?.labels, ["linux", "gpu", "large"]);
  assert.deepEqual([after?.name, after?.scope, after?.runnerGroupId], [
    before?.name,
    before?.scope,
    before?.runnerGroupId,
  ]);
  queue(stage, 4);
  await stage.until("new jobs are done", () => {
    return jobsOf(stage).filter(({ result }) => result === "succeeded").length === 4;
  }, 2 * MINUTE);
  assert.equal(running(stage), 3);
  const now = runnerPods(stage).map(({ metadata }) => metadata?.uid);
  assert.ok(uids.every((uid) => now.includes(uid)), "a busy pod is gone");
  await stage.until("the old jobs are done too", () => allSucceeded(stage), 6 * MINUTE);
  await stage.until("all is well", () => {
    return conditionText(stage, "SessionHealthy") === "True Polling";
  }, 2 * MINUTE);
  await stage.until("back at the minimum", () => stage.runners().length === 2, 3 * MINUTE);
  assert.ok(stage.runners().every(({ spec }) => spec?.runnerScaleSetId === after?.id));
  story.check();
});

Deno.test("F31: the same in a runner group, while the controller is away for a while", async () => {
  const story = await openStory();
  await using stage = story.stage;
  const { control } = stage.world.github;
  control.addRunnerGroup("acme", "builders");
  await stage.addSet({ name: "grouped", namespace: "team-b", spec: { runnerGroup: "builders" } });
  const grouped = () => control.state().scaleSets.find(({ name }) => name === "grouped");
  await stage.until("it is heard", () => grouped()?.session !== undefined, MINUTE);
  const before = grouped();
  story.crashController();
  control.forgetScaleSet(before?.id ?? 0);
  await stage.pass(5 * MINUTE);
  assert.equal(grouped(), undefined);
  story.startController();
  await stage.until("it is there again", () => grouped()?.session !== undefined, MINUTE);
  assert.equal(grouped()?.runnerGroupId, before?.runnerGroupId);
  control.queueJobs({ labels: ["grouped"], scope: "acme", count: 2, durationMs: 5_000 });
  await stage.until("jobs flow", () => allSucceeded(stage), 2 * MINUTE);
  story.check();
});

Deno.test("F32: one name in two organizations, in one namespace and in two, works for all", async () => {
  const story = await openStory();
  await using stage = story.stage;
  const { control } = stage.world.github;
  const name = { runnerScaleSetName: "linux" };
  await stage.addSet({ name: "linux", namespace: "team-b", url: "https://github.com/globex" });
  await stage.addSet({ name: "twin", url: "https://github.com/initech", spec: name });
  const sessions = () => control.state().scaleSets.filter(({ session }) => session);
  await stage.until("all are heard", () => sessions().length === 3, MINUTE);
  assert.deepEqual(sessions().map((set) => `${set.scope} ${set.name}`).sort(), [
    "orgs/acme linux",
    "orgs/globex linux",
    "orgs/initech linux",
  ]);
  for (const scope of ["acme", "globex", "initech"]) {
    control.queueJobs({ labels: ["linux"], scope, count: 3, durationMs: 10_000 });
  }
  await stage.until("all jobs are done", () => allSucceeded(stage), 2 * MINUTE);
  await stage.until("no runner is left", () => stage.runners().length === 0, 2 * MINUTE);
  story.check();
});

Deno.test("§20.65: a refused version ends in few registrations; once it is accepted, the jobs are done", async () => {
  const story = await openStory({ max: 4, github: { runnerVersion: "refused" } });
  await using stage = story.stage;
  const { calls, control } = stage.world.github;
  queue(stage, 3);
  await stage.until("runners were refused", () => calls.runnerconnect >= 3, 2 * MINUTE);
  await stage.pass(10 * MINUTE);
  const before = calls.generatejitconfig;
  await stage.pass(60 * MINUTE);
  assert.ok(calls.generatejitconfig - before <= 60, `${calls.generatejitconfig - before} an hour`);
  control.change({ runnerVersion: "accepted" });
  await stage.until("all jobs are done", () => allSucceeded(stage), 20 * MINUTE);
  story.check();
});

Deno.test("§20.65: a runner that fails without a job is replaced, later each time, with a registration of its own", async () => {
  const startedS: number[] = [];
  const story = await openStory({
    max: 1,
    runnerScript: () =>
      startedS.push(stage.clock.now().getTime() / 1000) <= 5 ? "fail-early" : "run",
  });
  const { stage } = story;
  await using _stage = stage;
  queue(stage, 1);
  await stage.until("the job is done", () => allSucceeded(stage), 20 * MINUTE);
  assert.equal(startedS.length, 6);
  const gaps = startedS.slice(1).map((at, index) => at - (startedS[index] ?? 0));
  assert.ok((gaps.at(-1) ?? 0) > 2 * (gaps[0] ?? 0), gaps.join(" "));
  assert.equal(stage.world.github.calls.generatejitconfig, 6);
  story.check();
});
