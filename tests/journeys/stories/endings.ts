/** Stories of sets that go: while their jobs run, or with their whole namespace. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { NAMESPACES } from "../../../kube/resources.ts";
import {
  allSucceeded,
  assertNothingLeft,
  clusterContent,
  githubLeft,
  hasSession,
  isNothingLeft,
} from "../invariants.ts";
import { setObjects } from "../stage.ts";
import { idle, openSet, queue, running, type Story } from "./story.ts";

const NAMESPACE = "arc-runners";
const SET = { namespace: NAMESPACE, name: "linux" };
const MAX = 4;

export const ENDING_STORIES: readonly Story[] = [
  {
    says: "a set that is deleted while busy: its jobs finish, then everything goes",
    tell: async (open) => {
      const watched = await open({ max: MAX });
      await using stage = watched.stage;
      const objects = setObjects({ min: 1, max: MAX });
      await stage.world.apply(objects.filter(({ kind }) => kind !== AUTOSCALING_RUNNER_SETS.kind));
      const before = clusterContent(stage);
      stage.startController();
      await stage.world.apply(objects);
      await stage.until("a session is open", () => hasSession(stage), 60);
      const release = stage.holdJobs();
      queue(stage, 3, 200);
      await stage.until("three jobs run", () => running(stage) === 3, 60);
      await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, SET);
      await stage.until("no runner is idle", () => idle(stage) === 0, 60);
      assert.equal(running(stage), 3, "a job was cut off");
      release();
      await stage.until("all jobs are done", () => allSucceeded(stage), 240);
      await stage.until("everything is gone", () => isNothingLeft(stage, before), 60);
      await stage.pass(30);
      assertNothingLeft(stage, before);
      await watched.check();
    },
  },
  {
    says: "F29: a namespace that is deleted with a set in it goes, and everything of it at GitHub",
    tell: async (open) => {
      const { stage: opened } = await openSet(open, { min: 1, max: MAX });
      await using stage = opened;
      const release = stage.holdJobs();
      queue(stage, 2, 60);
      await stage.until("two jobs run", () => running(stage) === 2, 60);
      release();
      await stage.world.admin.delete(NAMESPACES, { namespace: "", name: NAMESPACE });
      const isThere = () => stage.stored(NAMESPACES).some((ns) => ns.metadata?.name === NAMESPACE);
      await stage.until("the namespace is gone", () => !isThere(), 120);
      await stage.until("nothing is left", () => {
        const { scaleSets, runners } = githubLeft(stage);
        return scaleSets.length === 0 && runners.length === 0 &&
          !clusterContent(stage).some((name) => name.includes("linux"));
      }, 90);
    },
  },
];
