/**
 * What a runner is looked at for, whose turn it is, and what it draws on: so that a burst of one set, or a GitHub that is
 * slow for one credential, does not hold up the others. Knows caches; refuses to know any plan.
 */
import type { EphemeralRunner } from "../crds/ephemeral_runner.ts";
import { isDeleting } from "../kube/meta.ts";
import { keyFromText, type ObjectKey, type Pod } from "../kube/types.ts";
import type { Work, WorkKinds } from "../kube/work_lines.ts";
import type { Caches } from "./caches.ts";
import { podOutcome } from "./ephemeral_runner/pod_outcome.ts";
import { gitHubTarget, targetText } from "./github_target.ts";
import { scaleSetIndexValue } from "./metadata.ts";

type RunnerWork = "start" | "bookkeeping" | "cleanup";

/** Phases of runners that only have to go. */
const DONE = ["Succeeded", "Failed", "Outdated"];

/**
 * New runners first, and of each kind no more than leaves room for the others. Statuses are told by few: what waits to be
 * told is told once. Sets take turns. Half of the workers, at most, call GitHub with the same credential to start runners,
 * and as many to end them.
 */
export function runnerWorkKinds(caches: Caches, workers: number): WorkKinds {
  const part = (share: number) => Math.max(1, Math.floor(workers * share));
  const limits: Readonly<Record<RunnerWork, number>> = {
    start: part(0.75),
    bookkeeping: part(0.125),
    cleanup: part(0.75),
  };
  return {
    limits,
    shares: { start: part(0.5), cleanup: part(0.5) },
    of: (key) => runnerWork(caches, keyFromText(key)),
  };
}

/** As far as the caches tell. */
function runnerWork(caches: Caches, key: ObjectKey): Work & { readonly kind: RunnerWork } {
  const runner = caches.runners.get(key);
  if (runner === undefined) return { kind: "bookkeeping" };
  const kind = kindOf(runner, caches.pods.get(key));
  const [turn = ""] = scaleSetIndexValue(runner);
  if (kind === "bookkeeping") return { kind, turn };
  return { kind, turn, share: targetText(gitHubTarget(key.namespace, runner.spec)) };
}

/** Whoever may have to ask GitHub whether a pod that lives may go cleans up. */
function kindOf(runner: EphemeralRunner, pod: Pod | undefined): RunnerWork {
  const { phase } = runner.status ?? {};
  if (isDeleting(runner)) return "cleanup";
  if (pod === undefined) return phase === undefined ? "start" : "bookkeeping";
  if (DONE.some((word) => word === phase)) return "cleanup";
  return podOutcome(pod).kind === "alive" ? "bookkeeping" : "cleanup";
}
