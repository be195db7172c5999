/** Stories of jobs that come and go: one, many, and a pool that waits for them. */
import assert from "node:assert/strict";
import { PODS } from "../../../kube/resources.ts";
import { keyOf, type Pod } from "../../../kube/types.ts";
import { allSucceeded, jobsOf } from "../invariants.ts";
import {
  idle,
  openSet,
  queue,
  results,
  running,
  type Story,
  untilAtRest,
  untilOver,
} from "./story.ts";

export const JOB_STORIES: readonly Story[] = [
  {
    says: "0→1→0: a job hires one runner, which goes when the job is done",
    tell: async (open) => {
      const watched = await openSet(open, { max: 5 });
      await using stage = watched.stage;
      const release = stage.holdJobs();
      const [job] = queue(stage, 1, 30);
      const runner = () => stage.runners()[0];
      await stage.until("the runner knows its job", () => runner()?.status?.jobId === job);
      await stage.until("its status says it runs", () => runner()?.status?.phase === "Running");
      release();
      await untilAtRest(watched);
      assert.deepEqual(results(stage), { succeeded: 1 });
      await stage.until("only the listener's pod is left", () => stage.pods().length === 1, 30);
      await stage.until(
        "the set counts no runner",
        () => stage.runnerSet()?.status?.currentRunners === 0,
        30,
      );
    },
  },
  {
    says: "a burst of 100 jobs with max 30: all are served, never by more than 30 runners",
    tell: async (open) => {
      const watched = await openSet(open, { max: 30 });
      await using stage = watched.stage;
      const release = stage.holdJobs();
      queue(stage, 100, 60);
      await stage.until("runners are as many as may be", () => watched.peak === 30, 60);
      release();
      await stage.until("all jobs are done", () => allSucceeded(stage), 600);
      await untilAtRest(watched);
      assert.equal(jobsOf(stage).length, 100);
    },
  },
  {
    says: "a warm pool is kept at its minimum: before, during and after jobs",
    tell: async (open) => {
      const watched = await openSet(open, { min: 3, max: 10 });
      await using stage = watched.stage;
      await stage.until("three runners idle", () => idle(stage) === 3);
      const release = stage.holdJobs();
      queue(stage, 4, 60);
      await stage.until(
        "four jobs run and three runners idle",
        () => running(stage) === 4 && idle(stage) === 3,
      );
      release();
      await untilOver(stage);
      await stage.until("three runners idle again", () => idle(stage) === 3);
      await untilAtRest(watched, 3);
      assert.deepEqual(results(stage), { succeeded: 4 });
    },
  },
  {
    says: "an idle runner of the pool that dies is replaced",
    tell: async (open) => {
      const watched = await openSet(open, { min: 2, max: 4 });
      await using stage = watched.stage;
      await stage.until("two runners idle", () => idle(stage) === 2);
      const pods = () => stage.pods().filter((pod) => pod.metadata?.namespace === "arc-runners");
      const victim = pods()[0] as Pod;
      assert.ok(stage.world.kubelet.evict(keyOf(victim)));
      await stage.until(
        "another one took its place",
        () =>
          idle(stage) === 2 && pods().every((pod) => pod.metadata?.uid !== victim.metadata?.uid),
        60,
      );
      await stage.world.admin.delete(PODS, keyOf(pods()[0] as Pod));
      await stage.until("and another one", () => idle(stage) === 2 && pods().length === 2, 60);
      await watched.check();
    },
  },
];
