/**
 * How a runner goes: at GitHub, its pod, what holds its object. Pure. Spec: §10 R1, B5. A pod that lives goes only when
 * GitHub agreed; one whose runner has ended never waits for GitHub (F25).
 */
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { FINALIZERS } from "../../crds/group.ts";
import type { Happened } from "../../kube/events.ts";
import { controllerOf, hasFinalizer } from "../../kube/meta.ts";
import { PODS } from "../../kube/resources.ts";
import { keyOf, type Pod } from "../../kube/types.ts";
import { ASK_MS, gitHubTarget } from "../github_target.ts";
import { tidyingStep } from "../reconcile/children.ts";
import type { Plan } from "../reconcile/reconciler.ts";
import type { GitHubTarget, Step } from "../reconcile/step.ts";
import { hasJob } from "../runner_job.ts";
import { usesContainerHooks } from "./children.ts";
import type { ObservedRunner } from "./observe.ts";
import { podOutcome } from "./pod_outcome.ts";

/** How soon to ask again whether a job still runs. */
export const WHEN_BUSY_MS = 30_000;
/** The same when the pod is gone and only GitHub has not noticed. */
const WHEN_POD_GONE_MS = 5_000;
/** After so long GitHub is asked for the last time about a runner without a job, in ms; then it is left behind. */
const GITHUB_LIMIT_MS = 45_000;
/** How long GitHub may take to answer at the last time of asking, in ms. */
const LAST_ASK_MS = 5_000;
/** How long the pod of a runner that has ended is kept while GitHub is asked: its owner's end is to take it along. */
const PATIENCE_MS = 5_000;

const OURS = [FINALIZERS.runnerRegistration, FINALIZERS.ephemeralRunner];

/** Deletion of the object was asked for. */
export function planRemoval(observed: ObservedRunner, now: Date): Plan {
  const { runner, pod } = observed;
  if (!OURS.some((finalizer) => hasFinalizer(runner, finalizer))) {
    return { because: "Nothing of ours holds it", steps: [] };
  }
  const ageMs = now.getTime() - Date.parse(runner.metadata?.deletionTimestamp ?? "");
  const alive = pod !== undefined && isAlive(pod);
  const sparesJob = alive && hasOpenJob(observed);
  if (!sparesJob && ageMs > GITHUB_LIMIT_MS) {
    return {
      because: alive
        ? "GitHub is asked for the last time to let an idle runner go"
        : "GitHub is asked for the last time to let go of a runner that is no more",
      steps: removalSteps(observed, {
        orElse: leftBehind(observed),
        withinMs: LAST_ASK_MS,
        sparesJob: alive,
        podFirst: "all",
      }),
    };
  }
  return {
    because: "GitHub is asked to let the runner go",
    steps: removalSteps(observed, {
      owedTo: owedTo(observed),
      // No longer than until the last time of asking, so that the two do not add up.
      withinMs: ageMs < PATIENCE_MS && !alive
        ? PATIENCE_MS
        : Math.min(ASK_MS, Math.max(GITHUB_LIMIT_MS - ageMs, 1_000)),
      podFirst: ageMs < PATIENCE_MS ? "running" : "all",
    }),
    lookAgainMs: sparesJob ? WHEN_BUSY_MS : WHEN_POD_GONE_MS,
  };
}

/** A job was given to it, and nobody said that it is over. */
function hasOpenJob({ runner, completedMs }: ObservedRunner): boolean {
  return hasJob(runner) && completedMs === undefined;
}

/** A runner that could work goes, and neither we nor the listener wanted it. `undefined`: another one. */
function owedTo({ runner, pod, completedMs }: ObservedRunner): string | undefined {
  const { phase } = runner.status ?? {};
  const isLost = pod !== undefined && isAlive(pod) && completedMs === undefined &&
    !hasJob(runner) && phase !== "Failed" && phase !== "Outdated";
  return isLost ? controllerOf(runner)?.uid : undefined;
}

type DeregisterStep = Extract<Step, { do: "deregister-runner" }>;
type Ask = Pick<DeregisterStep, "orElse" | "owedTo" | "withinMs" | "sparesJob">;

/**
 * GitHub is asked, the pod goes, the object is let go. Where the runner has ended, its pod goes first: one in which
 * something still runs at once, one that is only left over (`all`) when GitHub took too long.
 */
export function removalSteps(
  observed: ObservedRunner,
  how: Ask & { readonly podFirst?: "running" | "all" } = {},
): readonly Step[] {
  const { podFirst = "running", ...ask } = how;
  const { pod } = observed;
  const release = releaseStep(observed);
  const deregister = { ...deregisterStep(observed), ...ask };
  if (pod !== undefined && isAlive(pod)) return [deregister, ...podSteps(observed), release];
  const leftOver = podFirst === "all" && pod !== undefined && hasEnded(pod)
    ? tidyingStep(PODS, pod)
    : [];
  return [...leftOver, ...podSteps(observed), deregister, release];
}

/**
 * The same for a runner whose container ended well. After a job GitHub lets go of it by itself, as every runner is
 * ephemeral: it is asked all the same, but its answer holds up no slot.
 */
export function endingSteps(observed: ObservedRunner): readonly Step[] {
  const { pod, runner } = observed;
  if (pod === undefined || !hasEnded(pod) || !hasJob(runner)) return removalSteps(observed);
  const courtesy = { ...deregisterStep(observed), withinMs: LAST_ASK_MS, isCourtesy: true };
  return [...podSteps(observed), releaseStep(observed), courtesy];
}

function releaseStep({ runner }: ObservedRunner): Step {
  return {
    do: "remove-finalizers",
    type: EPHEMERAL_RUNNERS,
    object: runner,
    finalizers: OURS.filter((finalizer) => hasFinalizer(runner, finalizer)),
  };
}

function leftBehind({ runner, runnerId }: ObservedRunner): Happened {
  return {
    about: runner,
    type: "Warning",
    reason: "RunnerLeftBehind",
    note: `Runner "${runner.metadata?.name}" (id ${runnerId ?? "unknown"}) may still be ` +
      `registered at ${runner.spec?.githubConfigUrl}`,
  };
}

/** Asks GitHub, which refuses while a job runs. */
export function deregisterStep(
  observed: ObservedRunner,
): Extract<Step, { do: "deregister-runner" }> {
  const { runner, runnerId, pod } = observed;
  return {
    do: "deregister-runner",
    target: targetOf(observed),
    runnerId,
    runnerName: runner.metadata?.name ?? "",
    scaleSetId: runner.spec?.runnerScaleSetId ?? 0,
    whenBusyMs: pod !== undefined && isAlive(pod) ? WHEN_BUSY_MS : WHEN_POD_GONE_MS,
    withinMs: ASK_MS,
  };
}

/** Whether its runner may still run, or come to run. */
export function isAlive(pod: Pod): boolean {
  return podOutcome(pod).kind === "alive";
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** A pod whose containers all ended goes by owner reference; one that still runs something is told to stop now. */
export function podSteps(observed: ObservedRunner): readonly Step[] {
  const { pod, runner } = observed;
  const stop = pod === undefined || hasEnded(pod) ? [] : tidyingStep(PODS, pod);
  return usesContainerHooks(runner)
    ? [...stop, { do: "delete-linked", runner: keyOf(runner) }]
    : stop;
}

/** The place where this runner was registered, which its set may have left. */
export function targetOf(observed: ObservedRunner): GitHubTarget {
  const { metadata, spec } = observed.runner;
  return gitHubTarget(metadata?.namespace ?? "", spec);
}
