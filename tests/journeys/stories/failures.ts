/** Stories of runner pods that fail: before their job, in the middle of it, after it. */
import assert from "node:assert/strict";
import { EPHEMERAL_RUNNER_SETS } from "../../../crds/ephemeral_runner_set.ts";
import type { RunnerScript } from "../../../sim/runner.ts";
import {
  first,
  openSet,
  type OpenWatched,
  queue,
  results,
  type Story,
  untilAtRest,
  untilOver,
  type WatchedStage,
} from "./story.ts";

const MAX = 2;

/** The first runner pod follows the script, all further ones do their work. */
async function openFailing(open: OpenWatched, script: RunnerScript): Promise<WatchedStage> {
  const names = new Set<string>();
  return await openSet(open, { max: MAX }, {
    runnerScript: (pod) => {
      names.add(pod.metadata?.name ?? "");
      return pod.metadata?.name === [...names][0] ? script : "run";
    },
  });
}

interface Failure {
  readonly says: string;
  readonly script: RunnerScript;
  readonly results: Readonly<Record<string, number>>;
  readonly message: RegExp;
}

const FAILURES: readonly Failure[] = [
  {
    says: "a runner that fails before it registers is replaced, and the reason stays",
    script: "fail-early",
    results: { succeeded: 5 },
    message: /"runner" ended with exit code 1/,
  },
  {
    says: "a runner that dies during its job is replaced; the jobs beside and behind it are served",
    script: "crash",
    results: { failed: 1, succeeded: 4 },
    message: /exit code 137/,
  },
  {
    says: "a runner that fails after its job costs nobody a job",
    script: "fail-after-job",
    results: { succeeded: 5 },
    message: /exit code 1/,
  },
];

export const FAILURE_STORIES: readonly Story[] = FAILURES.map((failure) => ({
  says: failure.says,
  tell: async (open) => {
    const watched = await openFailing(open, failure.script);
    await using stage = watched.stage;
    queue(stage, 5, 20);
    await untilOver(stage);
    assert.deepEqual(results(stage), failure.results);
    await untilAtRest(watched);
    const status = first(stage, EPHEMERAL_RUNNER_SETS)?.status;
    assert.match(status?.lastFailureMessage ?? "", failure.message);
  },
}));
