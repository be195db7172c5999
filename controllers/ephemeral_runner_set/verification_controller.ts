/**
 * The reconciler that asks GitHub about the runners of a set. Apart from the one that scales, so that a slow answer of
 * GitHub's holds up nothing but itself.
 */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../kube/meta.ts";
import { keyOf, type ObjectKey } from "../../kube/types.ts";
import type { Caches } from "../caches.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import { runningSinceMs } from "../runner_container.ts";
import type { Listings } from "./listings.ts";
import { hasJob } from "../runner_job.ts";
import { isElsewhere, isForeign } from "./population.ts";
import {
  type ObservedVerification,
  planVerification,
  type VerificationLimits,
} from "./verification.ts";

export interface VerificationSources {
  readonly caches: Caches;
  readonly listings: Listings;
  readonly limits: VerificationLimits;
}

/** Serves EphemeralRunnerSets a second time, in a loop of its own: a slow answer of GitHub holds up no scaling. */
export function verificationReconciler(
  sources: VerificationSources,
): Reconciler<ObservedVerification> {
  return {
    name: "runnerverification",
    observe: (key) => Promise.resolve(observeVerification(sources, key)),
    plan: planVerification,
  };
}

function observeVerification(
  { caches, listings, limits }: VerificationSources,
  key: ObjectKey,
): ObservedVerification | undefined {
  const set = caches.ephemeralRunnerSets.get(key);
  if (set === undefined) return undefined;
  const uid = set.metadata?.uid ?? "";
  const completed = new Set(set.spec?.completedRunners ?? []);
  const isAtWork = (runner: EphemeralRunner) =>
    runner.status?.phase === "Running" && !isDeleting(runner) &&
    (runner.status.runnerId ?? 0) > 0 && !completed.has(keyOf(runner).name) &&
    // Idle ones of a former scale set are replaced anyway.
    !(hasJob(runner) ? isElsewhere(runner, set) : isForeign(runner, set));
  const runners = caches.runners.by("owner", uid).filter(isAtWork).flatMap((runner) => {
    const pod = caches.pods.get(keyOf(runner));
    const sinceMs = pod === undefined || isDeleting(pod) ? undefined : runningSinceMs(pod);
    return sinceMs === undefined ? [] : [{ runner, sinceMs }];
  });
  return { set, runners, record: listings.of(uid), limits };
}
