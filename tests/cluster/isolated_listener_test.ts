/** The listener as its pod would run it: a sandboxed mode that has its pod's files and environment, and nothing else. */
import assert from "node:assert/strict";
import { PODS } from "../../kube/resources.ts";
import { keyOf } from "../../kube/types.ts";
import { openSet, queue, results, untilAtRest, untilOver } from "../journeys/stories/story.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { openWatchedRealStage, OURS, type RealWatched } from "./watched.ts";

clusterTest(
  "[real] a listener in its sandbox, with its pod's files and its own token, serves jobs and closes its session",
  async ({ facts }) => {
    const watched = await openSet(
      (bounds) => openWatchedRealStage(facts, { ...bounds, listenersAre: "isolated" }),
      { max: 3 },
    ) as RealWatched;
    await using stage = watched.stage;
    queue(stage, 5, 30);
    await untilOver(stage);
    await untilAtRest(watched);
    assert.deepEqual(results(stage), { succeeded: 5 });
    const users = new Set((await stage.audit.requests()).map(({ user }) => user));
    const ours = [...users].filter((user) => user.startsWith(OURS));
    assert.equal(ours.length, 2, `the controller and the listener as themselves: ${ours}`);
    const { calls } = stage.world.github;
    assert.equal(calls.deletesession, 0);
    for (const pod of stage.pods()) await stage.kube.delete(PODS, keyOf(pod));
    await stage.until("it closes its session", () => calls.deletesession === 1);
  },
);
