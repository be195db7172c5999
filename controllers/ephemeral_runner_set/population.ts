/** The runners of a set, sorted once into groups that all later code speaks in. Pure. Spec: §9.3 E6, §9.1. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import { isDeleting } from "../../kube/meta.ts";
import { gitHubTarget, isSamePlace } from "../github_target.ts";
import type { GitHubTarget } from "../reconcile/step.ts";
import { hasJob } from "../runner_job.ts";

export interface Population {
  /** Registered or about to be; no container runs yet. */
  readonly pending: readonly EphemeralRunner[];
  readonly running: readonly EphemeralRunner[];
  /** Ended well; they only have to go. */
  readonly finished: readonly EphemeralRunner[];
  /** Never capacity (B4); replaced. */
  readonly failed: readonly EphemeralRunner[];
  /** GitHub refused their version; otherwise as failed ones. */
  readonly outdated: readonly EphemeralRunner[];
  readonly deleting: readonly EphemeralRunner[];
  /** The highest patch id that any of them was created under; 0: none. */
  readonly latestPatchId: number;
}

/** Each runner is in one group only. */
export function populationOf(runners: readonly EphemeralRunner[]): Population {
  const groups: Record<Group, EphemeralRunner[]> = {
    pending: [],
    running: [],
    finished: [],
    failed: [],
    outdated: [],
    deleting: [],
  };
  let latestPatchId = 0;
  for (const runner of runners) {
    groups[groupOf(runner)].push(runner);
    const id = Number(runner.metadata?.annotations?.[ANNOTATIONS.patchId]);
    if (Number.isInteger(id)) latestPatchId = Math.max(latestPatchId, id);
  }
  return {
    ...groups,
    latestPatchId,
  };
}

type Group = Exclude<keyof Population, "latestPatchId">;

function groupOf(runner: EphemeralRunner): Group {
  if (isDeleting(runner)) return "deleting";
  switch (runner.status?.phase) {
    case "Running":
      return "running";
    case "Succeeded":
      return "finished";
    case "Failed":
      return "failed";
    case "Outdated":
      return "outdated";
    default:
      return "pending";
  }
}

/**
 * Whether it is registered with another scale set, which GitHub may have forgotten, or which is at another config URL:
 * it takes no job of this one.
 */
export function isForeign(
  runner: Pick<EphemeralRunner, "spec">,
  set: EphemeralRunnerSet,
): boolean {
  const { runnerScaleSetId: id } = set.spec?.ephemeralRunnerSpec ?? {};
  if (id !== undefined && (runner.spec?.runnerScaleSetId ?? id) !== id) return true;
  return isElsewhere(runner, set);
}

/** Whether it is registered at another config URL, where its set asks no more. */
export function isElsewhere(
  runner: Pick<EphemeralRunner, "spec">,
  set: EphemeralRunnerSet,
): boolean {
  const { githubConfigUrl: url } = set.spec?.ephemeralRunnerSpec ?? {};
  const home = runner.spec?.githubConfigUrl;
  return Boolean(url && home) && !isSamePlace(home ?? "", url ?? "");
}

/** Idle runners in the order in which they go: those that have not started first, the oldest of each first. */
export function idleRunners(population: Population): readonly EphemeralRunner[] {
  const created = (r: EphemeralRunner) => r.metadata?.creationTimestamp ?? "";
  const byAge = (a: EphemeralRunner, b: EphemeralRunner) => created(a) < created(b) ? -1 : 1;
  return [...[...population.pending].sort(byAge), ...[...population.running].sort(byAge)]
    .filter((runner) => !hasJob(runner) && (runner.status?.runnerId ?? 0) > 0);
}

/** Where a runner is registered: not where new ones are, after a change of the config URL. */
export function homeOf({ metadata, spec }: EphemeralRunner): GitHubTarget {
  return gitHubTarget(metadata?.namespace ?? "", spec);
}

/** Where new runners are registered. */
export function targetOf(set: EphemeralRunnerSet): GitHubTarget {
  return gitHubTarget(set.metadata?.namespace ?? "", set.spec?.ephemeralRunnerSpec);
}
