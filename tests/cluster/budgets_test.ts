/** B9 on a real API server, counted from its audit log: what a runner costs. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { allSucceeded } from "../journeys/invariants.ts";
import { openSet, queue, untilAtRest } from "../journeys/stories/story.ts";
import type { AuditedRequest } from "./audit_log.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { openWatchedRealStage, OURS, type RealWatched } from "./watched.ts";
import { eventually } from "./eventually.ts";
import type { Facts } from "./facts.ts";
import type { RealStage } from "./real_stage.ts";

const WRITES = ["create", "update", "patch", "delete"];
const READS = ["get", "list"];

interface Cost {
  readonly writes: number;
  readonly reads: number;
  readonly github: number;
  /** For the message of a failure. */
  readonly text: string;
}

/** What each of so many jobs costs, after a set has come to rest. */
async function costOf(facts: Facts, jobs: number): Promise<Cost> {
  const watched = await openSet(
    (bounds) => openWatchedRealStage(facts, bounds),
    { max: 100 },
  ) as RealWatched;
  await using stage = watched.stage;
  await stage.until("the set is ready", () => isReady(watched));
  await untilSilent(stage);
  const { calls: github } = stage.world.github;
  const before = github.generatejitconfig + github.removerunner;
  queue(stage, jobs, 60);
  await stage.until("all jobs are done", () => allSucceeded(stage));
  await untilAtRest(watched);
  const ours = (await stage.audit.requests()).filter(({ user }) => user.startsWith(OURS));
  const count = (verbs: readonly string[]) =>
    ours.filter(({ verb }) => verbs.includes(verb)).length;
  return {
    writes: count(WRITES) / jobs,
    reads: count(READS),
    github: (github.generatejitconfig + github.removerunner - before) / jobs,
    text: textOf(ours, jobs),
  };
}

/** Returns when nothing was asked of the API server for a while: what it takes to install a set is behind us. */
async function untilSilent(stage: RealStage): Promise<void> {
  await eventually("the product to be silent", async () => {
    await stage.audit.mark();
    await stage.pass(25);
    const requests = await stage.audit.requests();
    return !requests.some(({ user, verb }) => user.startsWith(OURS) && verb !== "watch") ||
      undefined;
  });
}

function isReady({ stage }: RealWatched): boolean {
  const [set] = stage.stored(AUTOSCALING_RUNNER_SETS);
  return set?.status?.conditions?.some(({ type, status }) =>
    type === "Ready" && status === "True"
  ) ??
    false;
}

function textOf(requests: readonly AuditedRequest[], jobs: number): string {
  const counts = Map.groupBy(requests, ({ verb, resource }) => `${verb} ${resource}`);
  return [...counts].map(([what, all]) => `${what}: ${all.length / jobs}`).join(", ");
}

clusterTest(
  "[real] B9: a runner in a burst of 50 costs at most 10 writes, no read, 2 calls at GitHub",
  async ({ facts }) => {
    const { writes, reads, github, text } = await costOf(facts, 50);
    assert.ok(writes <= 10, text);
    assert.equal(reads, 0, text);
    assert.equal(github, 2);
  },
);

clusterTest(
  "[real] B9: a lone job costs at most 14 writes, no read, 2 calls at GitHub",
  async ({ facts }) => {
    const { writes, reads, github, text } = await costOf(facts, 1);
    assert.ok(writes <= 14, text);
    assert.equal(reads, 0, text);
    assert.equal(github, 2);
  },
);
