/** What a GitHub that does not answer when runners are to go must not hold up: F25 in a crowd, F31 after an outage. */
import assert from "node:assert/strict";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { keyOf } from "../../kube/types.ts";
import { allSucceeded } from "../journeys/invariants.ts";
import type { Stage } from "../journeys/stage.ts";
import { completed, MINUTE, untilQuiet } from "./runner_stories.ts";
import { editSet, heal, idleRunners, openStory, queue, running, spoil } from "./stories.ts";

const EFFECTS = [{ do: "hang" }, { do: "answer", status: 503 }] as const;

const CHANGES: readonly (readonly [says: string, change: object])[] = [
  ["a lower minimum", { minRunners: 0 }],
  ["another template", {
    template: {
      spec: { restartPolicy: "Never", containers: [{ name: "runner", image: "runner:v2" }] },
    },
  }],
];

for (const effect of EFFECTS) {
  for (const [says, change] of CHANGES) {
    Deno.test(`F25: GitHub removes no runner (${effect.do}) after ${says}: new jobs have runners within 20 s`, async () => {
      const story = await openStory({ set: { min: 4, max: 12 } });
      await using stage = story.stage;
      await stage.until("four are idle", () => online(stage) === 4, MINUTE);
      await stage.pass(MINUTE);
      spoil(stage, ["removerunner"], effect);
      await editSet(stage, change);
      await stage.pass(45);
      queue(stage, 8, { durationMs: 4 * MINUTE * 1_000 });
      await stage.until("all of them run", () => running(stage) === 8, 20);
      heal(stage);
      await stage.until("the jobs are done", () => allSucceeded(stage), 6 * MINUTE);
      await untilQuiet(story, "minRunners" in change ? 0 : 4);
    });
  }
}

Deno.test("F25: GitHub hangs at removals while 80 runners end: 80 other jobs are done within 90 s", async () => {
  const story = await openStory({ set: { max: 80 } });
  await using stage = story.stage;
  spoil(stage, ["removerunner"], { do: "hang" });
  queue(stage, 80, { durationMs: 20_000 });
  await stage.until("all of them run", () => running(stage) === 80, MINUTE);
  queue(stage, 80, { durationMs: 10_000 });
  await stage.until("all are done", () => completed(stage) === 160, 90);
  heal(stage);
  await untilQuiet(story, 0);
});

Deno.test("F31: a scale set that GitHub forgot in an outage of 20 min is made again within 60 s of its end", async () => {
  const story = await openStory();
  await using stage = story.stage;
  const { control } = stage.world.github;
  const [before] = control.state().scaleSets;
  spoil(stage, ["getscaleset", "findscaleset", "createscaleset"], { do: "answer", status: 503 });
  control.forgetScaleSet(before?.id ?? 0);
  await stage.pass(20 * MINUTE);
  assert.deepEqual(control.state().scaleSets, []);
  heal(stage);
  await stage.until("it is there again, with a session", () => {
    return control.state().scaleSets[0]?.session !== undefined;
  }, MINUTE);
  story.check();
});

for (
  const [says, jobs] of [["a quiet set", 0], ["a set whose other runners are busy", 3]] as const
) {
  Deno.test(`F14: an idle runner of ${says} that somebody deletes is replaced within 30 s`, async () => {
    const story = await openStory({ set: { min: 2, max: 8 } });
    await using stage = story.stage;
    await stage.until("two are idle", () => online(stage) === 2, MINUTE);
    queue(stage, jobs, { durationMs: 20 * MINUTE * 1_000 });
    await stage.until("two are idle again", () => {
      return running(stage) === jobs && online(stage) === 2;
    }, 2 * MINUTE);
    await stage.pass(5 * MINUTE);
    const idle = stage.runners().find(({ status }) => !status?.jobId);
    const key = keyOf(idle ?? {});
    await stage.world.admin.delete(EPHEMERAL_RUNNERS, key);
    await stage.until("another one is in its place", () => {
      return online(stage) === 2 && idleRunners(stage) === 2 &&
        stage.runners().every((runner) => keyOf(runner).name !== key.name);
    }, 30);
    assert.equal(stage.runners().length, 2 + jobs);
    story.check();
  });
}

/** Runners at GitHub that wait for a job. */
function online(stage: Stage): number {
  return stage.world.github.control.state().runners
    .filter(({ state, jobId }) => state === "online" && jobId === undefined).length;
}
