import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { hasSession } from "../journeys/invariants.ts";
import type { Stage } from "../journeys/stage.ts";
import { conditionText, idleRunners, openStory, queue, running } from "./stories.ts";

const SET = { namespace: "arc-runners", name: "linux" };

/** All that must be the same afterwards: our objects and the pods of runners, by UID. */
function kept(stage: Stage): readonly string[] {
  const pods = stage.pods().filter(({ metadata }) => metadata?.namespace === SET.namespace);
  return [
    ...stage.stored(AUTOSCALING_RUNNER_SETS),
    ...stage.stored(AUTOSCALING_LISTENERS),
    ...stage.stored(EPHEMERAL_RUNNER_SETS),
    ...stage.runners(),
    ...pods,
  ].map(({ metadata }) => `${metadata?.name} ${metadata?.uid}`).sort();
}

/** Seconds without anybody in a session, of so many. */
async function gap(stage: Stage, seconds: number): Promise<number> {
  let without = 0;
  for (let second = 0; second < seconds; second++) {
    await stage.pass(1);
    if (!hasSession(stage) || stage.listeners.size === 0) without++;
  }
  return without;
}

function listenerImage(stage: Stage): string | undefined {
  return stage.pods().find(({ metadata }) => metadata?.namespace === "arc-systems")?.spec
    ?.containers[0]?.image;
}

Deno.test("F26, B1: the controller a minor version up and down again over a set at work: nothing deleted, no runner touched, the listener away for at most 30 s", async () => {
  const story = await openStory({ set: { min: 2, max: 10 } });
  const { stage, check } = story;
  await using _ = stage;
  queue(stage, 3, { durationMs: 900_000 });
  await stage.until("three are busy", () => running(stage) === 3 && idleRunners(stage) === 2, 120);
  await stage.pass(20);
  const before = kept(stage);
  let crash = () => story.crashController();
  for (const [image, version] of [["longshore:next", "0.15.0"], ["longshore:test", "0.14.2"]]) {
    crash();
    const controller = stage.startController([`--image=${image}`]);
    crash = () => controller.crash();
    await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, SET, {
      metadata: { labels: { "app.kubernetes.io/version": version } },
    });
    const away = await gap(stage, 120);
    assert.ok(away <= 30, `${away} s without a listener`);
    assert.equal(listenerImage(stage), image);
    assert.deepEqual(kept(stage), before);
    assert.equal(running(stage), 3);
    assert.equal(conditionText(stage, "Ready"), "True Ready");
    assert.equal(
      conditionText(stage, "VersionSkew"),
      version === "0.15.0" ? "True OneMinorApart" : "False SameVersion",
    );
  }
  queue(stage, 1, { durationMs: 5_000 });
  await stage.until("jobs flow", () => running(stage) === 4, 60);
  check();
});
