/**
 * What every fault has in common: jobs run, something breaks in the middle, and in the end each job is accounted for, no
 * busy runner was removed, there were never more runners than allowed, and all is at rest within a bound. Knows no fault.
 */
import assert from "node:assert/strict";
import { allSucceeded, jobsOf } from "../../journeys/invariants.ts";
import { openSet, queue, running, untilAtRest } from "../../journeys/stories/story.ts";
import type { Facts } from "../facts.ts";
import type { RealStage, RealStageOptions } from "../real_stage.ts";
import { stopwatch } from "../stopwatch.ts";
import { openWatchedRealStage, type RealWatched } from "../watched.ts";

export interface Trouble extends RealStageOptions {
  /** What breaks; jobs run when it is called. Returns when everything is mended. */
  readonly strike: (stage: RealStage) => Promise<void>;
  /** In how many seconds after that everything must be done. */
  readonly withinS: number;
  readonly jobs?: number;
}

const MAX = 8;
/** Of a story: 60 of them are 2.4 s. */
const JOB_SECONDS = 60;

/** A set called `linux` with at most 8 runners at work. */
export async function openTrouble(facts: Facts, options: RealStageOptions): Promise<RealWatched> {
  return await openSet(
    (bounds) => openWatchedRealStage(facts, { ...options, ...bounds }),
    { max: MAX },
  ) as RealWatched;
}

/** More jobs than runners, so that the fault meets some that run, some that start and some that wait. */
export async function outlives(
  facts: Facts,
  { strike, withinS, jobs = 20, ...options }: Trouble,
): Promise<void> {
  const watched = await openTrouble(facts, options);
  await using stage = watched.stage;
  await underWay(stage, jobs);
  await strike(stage);
  await recovers(watched, { jobs, withinS });
}

/** Queues them; returns in the middle of it, when several run. */
export async function underWay(stage: RealStage, jobs: number): Promise<void> {
  const release = stage.holdJobs();
  queue(stage, jobs, JOB_SECONDS);
  await stage.until("jobs run", () => running(stage) > 2);
  release();
}

/** From now on, all jobs succeed and all comes to rest within the bound. */
export async function recovers(
  watched: RealWatched,
  { jobs, withinS }: Pick<Trouble, "withinS"> & { readonly jobs: number },
): Promise<void> {
  const { stage } = watched;
  await using watch = stopwatch();
  await stage.until("all jobs are done", () => allSucceeded(stage));
  assert.equal(jobsOf(stage).length, jobs);
  await untilAtRest(watched);
  const { seconds } = watch;
  assert.ok(seconds <= withinS, `All was well after ${seconds} s, later than ${withinS} s`);
}
