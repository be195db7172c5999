/** Failed runners by what they leave behind: a replacement that is owed, or nothing. Pure. Spec: §9.3; B4. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { hasJob } from "../runner_job.ts";
import type { ObservedEphemeralRunnerSet } from "./observe.ts";
import type { Population } from "./population.ts";
import { failedAtMs } from "./replacement.ts";

export interface LostRunners {
  /** They were counted on and have to be replaced. */
  readonly owed: readonly EphemeralRunner[];
  /** The listener has heard of the end of their job: its order knows. */
  readonly reported: readonly EphemeralRunner[];
  /** They had a job; the listener may hear of its end at any moment. */
  readonly undecided: number;
}

/** How long the listener's word on the job of a failed runner is waited for, in ms; GitHub may take minutes. */
export const REPORT_MS = 10_000;

/** Sorts those that failed, and those whose version was refused. */
export function lostRunners(
  { completed = new Set() }: ObservedEphemeralRunnerSet,
  { failed, outdated }: Population,
  now: Date,
): LostRunners {
  const groups = Map.groupBy([...failed, ...outdated], (runner) => {
    if (completed.has(runner.metadata?.name ?? "")) return "reported";
    const isFresh = now.getTime() - failedAtMs(runner) < REPORT_MS;
    return hasJob(runner) && isFresh ? "undecided" : "owed";
  });
  return {
    owed: groups.get("owed") ?? [],
    reported: groups.get("reported") ?? [],
    undecided: groups.get("undecided")?.length ?? 0,
  };
}
