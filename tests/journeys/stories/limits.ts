/** Stories of minimum and maximum that change while jobs run. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import type { AnyStage } from "../stage.ts";
import { openSet, queue, results, running, type Story, untilOver } from "./story.ts";

async function setLimits(stage: AnyStage, spec: object): Promise<void> {
  const key = { namespace: "arc-runners", name: "linux" };
  await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, key, { spec });
}

function listenerUid(stage: AnyStage): string | undefined {
  return stage.pods().find((pod) => pod.metadata?.namespace === "arc-systems")?.metadata?.uid;
}

export const LIMIT_STORIES: readonly Story[] = [
  {
    says: "B3: max changed while jobs run: the listener's pod stays and more runners come",
    tell: async (open) => {
      const watched = await openSet(open, { max: 2 }, { max: 5 });
      await using stage = watched.stage;
      const before = listenerUid(stage);
      const release = stage.holdJobs();
      queue(stage, 6, 300);
      await stage.until("two jobs run", () => running(stage) === 2);
      await stage.pass(60);
      assert.equal(running(stage), 2);
      await setLimits(stage, { maxRunners: 5 });
      await stage.until("five jobs run", () => running(stage) === 5, 30);
      await setLimits(stage, { maxRunners: 3 });
      await stage.pass(30);
      assert.equal(running(stage), 5, "a job that runs is never cut off");
      release();
      await untilOver(stage, 900);
      assert.deepEqual(results(stage), { succeeded: 6 });
      assert.equal(listenerUid(stage), before);
      await watched.check();
    },
  },
  {
    says: "B3, F24: min raised and lowered: idle runners come and go, busy ones stay",
    tell: async (open) => {
      const watched = await openSet(open, { min: 0, max: 20 });
      await using stage = watched.stage;
      const before = listenerUid(stage);
      await setLimits(stage, { minRunners: 10 });
      await stage.until("ten runners", () => stage.runners().length === 10, 30);
      const release = stage.holdJobs();
      queue(stage, 3, 300);
      await stage.until("three jobs run", () => running(stage) === 3);
      await setLimits(stage, { minRunners: 0 });
      await stage.until("only the busy ones are left", () => stage.runners().length === 3, 120);
      assert.equal(running(stage), 3);
      release();
      await untilOver(stage, 900);
      assert.deepEqual(results(stage), { succeeded: 3 });
      assert.equal(listenerUid(stage), before);
      await watched.check();
    },
  },
];
