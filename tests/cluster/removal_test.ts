/** What an administrator removes with one word, on the real control plane: nothing may hang, nothing may stay. */
import assert from "node:assert/strict";
import { githubLeft, hasSession } from "../journeys/invariants.ts";
import { idle, queue, running } from "../journeys/stories/story.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { kubectl } from "./command_line.ts";
import { eventually } from "./eventually.ts";
import { openRealStage } from "./real_stage.ts";
import { stopwatch } from "./stopwatch.ts";

const NAMESPACE = "runners-that-go";
/** What the project promises; the real garbage collector and namespace controller included. */
const LIMIT_S = 60;

clusterTest(
  "[real] F29: a namespace with busy and idle runners is gone within 60 s of kubectl delete, and GitHub keeps nothing",
  async ({ facts }) => {
    await using stage = await openRealStage(facts);
    stage.startController();
    await stage.addSet({ namespace: NAMESPACE, min: 3, max: 8 });
    await stage.until("a session is open", () => hasSession(stage));
    queue(stage, 2, 100_000);
    await stage.until("runners are busy and idle", () => running(stage) === 2 && idle(stage) === 3);

    await using watch = stopwatch();
    await kubectl(facts, "delete", "namespace", NAMESPACE);
    assert.ok(watch.seconds < LIMIT_S, `${watch.seconds} s`);
    await eventually("GitHub to have nothing of it", () => {
      const { scaleSets, runners } = githubLeft(stage);
      return scaleSets.length === 0 && runners.length === 0 || undefined;
    });
  },
);
