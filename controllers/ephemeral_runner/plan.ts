/**
 * What to do about a runner: one branch per situation, one sentence per branch. Pure. Spec: §10, B4, B5, B11.
 * No pod goes before GitHub agreed to let its runner go, unless the pod is past saving.
 */
import { EPHEMERAL_RUNNERS, type EphemeralRunnerStatus } from "../../crds/ephemeral_runner.ts";
import { FINALIZERS } from "../../crds/group.ts";
import type { Happened } from "../../kube/events.ts";
import { hasFinalizer, isDeleting } from "../../kube/meta.ts";
import { PODS } from "../../kube/resources.ts";
import { keyOf, type Pod } from "../../kube/types.ts";
import { gitHubTarget } from "../github_target.ts";
import { deleteStep } from "../reconcile/children.ts";
import type { Plan } from "../reconcile/reconciler.ts";
import type { GitHubTarget, Step } from "../reconcile/step.ts";
import { desiredRunnerPod, usesContainerHooks, workFolder } from "./children.ts";
import type { ObservedRunner } from "./observe.ts";
import { isReady, podOutcome } from "./pod_outcome.ts";
import { runnerStatus } from "./status.ts";

/** How soon to ask again whether a job still runs. */
const WHEN_BUSY_MS = 30_000;
/** The same when the pod is gone and only GitHub has not noticed. */
const WHEN_POD_GONE_MS = 5_000;
/** After so long GitHub is asked for the last time about a runner without a job, in ms; then it is left behind. */
const GITHUB_LIMIT_MS = 45_000;
/** How long GitHub may take to answer at the last time of asking, in ms. */
const LAST_ASK_MS = 5_000;

/** Told to stop by somebody else, an idle runner ends well, but it did nothing: its slot has to be refilled. */
const POD_DELETED = {
  reason: "PodDeleted",
  message: "The pod was deleted before its runner ended",
};

/** A pod that should have ended this long ago, in ms, is on a node that nobody hears of any more. */
const NODE_SILENT_MS = 30_000;
const NODE_LOST = { reason: "NodeLost", message: "The pod's node does not confirm its end" };

const OURS = [FINALIZERS.runnerRegistration, FINALIZERS.ephemeralRunner];

export function planRunner(observed: ObservedRunner, now: Date): Plan {
  const { runner, pod } = observed;
  if (isDeleting(runner)) return planRemoval(observed, now);
  switch (runner.status?.phase) {
    case "Succeeded":
    case "Failed":
    case "Outdated":
      return planDone(observed);
  }
  if (!hasFinalizer(runner, FINALIZERS.runnerRegistration)) {
    return {
      because: "Something may come to exist at GitHub",
      steps: [{
        do: "add-finalizer",
        type: EPHEMERAL_RUNNERS,
        object: runner,
        finalizers: [FINALIZERS.runnerRegistration],
      }],
    };
  }
  if (pod === undefined) return planWithoutPod(observed, now);

  const outcome = podOutcome(pod);
  switch (outcome.kind) {
    case "succeeded":
      if (isDeleting(pod) && (runner.status?.jobId ?? "") === "") {
        return fail(observed, now, { phase: "Failed", ...POD_DELETED });
      }
      return {
        because: "The runner ended well",
        steps: [...deleteStep(EPHEMERAL_RUNNERS, runner), ...removalSteps(observed)],
        lookAgainMs: WHEN_BUSY_MS,
      };
    case "outdated":
      return fail(observed, now, {
        phase: "Outdated",
        reason: "Outdated",
        message: "GitHub refused the version of the runner: its image has to be renewed",
      });
    case "failed":
      return fail(observed, now, { phase: "Failed", ...outcome });
  }
  if (isDeleting(pod)) {
    const overdueMs = now.getTime() - Date.parse(pod.metadata?.deletionTimestamp ?? "");
    if (overdueMs > NODE_SILENT_MS) return fail(observed, now, { phase: "Failed", ...NODE_LOST });
    return {
      because: "Somebody else deletes the pod; its end will tell",
      steps: [],
      lookAgainMs: NODE_SILENT_MS - overdueMs + 1_000,
    };
  }
  return {
    because: "The status follows the pod",
    steps: [],
    status: runnerStatus(runner, {
      phase: pod.status?.phase,
      ready: isReady(pod),
      reason: pod.status?.reason,
      message: pod.status?.message,
      runnerId: observed.runnerId,
      runnerName: runner.metadata?.name,
    }),
  };
}

/** Its set removes the object. A pod that still lives, whatever the status says, goes only when GitHub agrees. */
function planDone(observed: ObservedRunner): Plan {
  const { pod } = observed;
  const because = "It is done; its set removes it";
  if (pod === undefined) return { because, steps: [] };
  const ask = isAlive(pod) ? [deregisterStep(observed)] : [];
  return { because, steps: [...ask, ...podSteps(observed)] };
}

/** A runner that once had a pod is lost with it: its JIT configuration may have been used (F14). */
function planWithoutPod(observed: ObservedRunner, now: Date): Plan {
  const { runner, runnerId, settings } = observed;
  if (runnerId !== undefined) {
    return {
      ...fail(observed, now, {
        phase: "Failed",
        ...POD_DELETED,
      }),
      steps: [{ do: "confirm-gone", type: PODS, key: keyOf(runner) }],
    };
  }
  const metadata = runner.spec?.ephemeralRunnerConfigSecretMetadata;
  return {
    because: "It is not registered yet",
    steps: [{
      do: "start-runner",
      runner,
      target: targetOf(observed),
      scaleSetId: runner.spec?.runnerScaleSetId ?? 0,
      workFolder: workFolder(runner),
      secretMetadata: {
        ...(metadata?.labels && { labels: metadata.labels }),
        ...(metadata?.annotations && { annotations: metadata.annotations }),
      },
      pod: desiredRunnerPod(runner, settings),
    }],
  };
}

/** The reason is stored before anything of the runner goes; its set counts it as lost and replaces it (B4). */
function fail(
  observed: ObservedRunner,
  now: Date,
  how: Pick<EphemeralRunnerStatus, "reason" | "message"> & { phase: "Failed" | "Outdated" },
): Plan {
  const { runner, pod } = observed;
  return {
    because: how.phase === "Outdated" ? "GitHub refused its version" : "The runner failed",
    steps: [],
    status: runnerStatus(runner, {
      phase: how.phase,
      reason: how.reason,
      message: how.message,
      ready: false,
      runnerId: observed.runnerId,
      runnerName: runner.metadata?.name,
      failures: {
        ...runner.status?.failures,
        [pod?.metadata?.uid ?? runner.metadata?.uid ?? ""]: now.toISOString(),
      },
    }),
  };
}

/** The API server will never take this pod; another one of the same template has to wait for its turn. */
export function runnerAfterRefusal(
  observed: ObservedRunner,
  message: string,
  now: Date,
): Plan["status"] {
  if (isDeleting(observed.runner) || observed.pod !== undefined) return undefined;
  return fail(observed, now, {
    phase: "Failed",
    reason: "InvalidPod",
    message: `Failed to create the pod: ${message}`,
  }).status;
}

function planRemoval(observed: ObservedRunner, now: Date): Plan {
  const { runner, pod } = observed;
  if (!OURS.some((finalizer) => hasFinalizer(runner, finalizer))) {
    return { because: "Nothing of ours holds it", steps: [] };
  }
  const ageMs = now.getTime() - Date.parse(runner.metadata?.deletionTimestamp ?? "");
  const alive = pod !== undefined && isAlive(pod);
  const sparesJob = alive && (runner.status?.jobId ?? "") !== "";
  const rest = [...podSteps(observed), ...finalizerSteps(observed)];
  const ask = {
    ...deregisterStep(observed),
    // No longer than until the last time of asking, so that the two do not add up.
    withinMs: ageMs > GITHUB_LIMIT_MS ? LAST_ASK_MS : Math.max(GITHUB_LIMIT_MS - ageMs, 1_000),
  };
  if (!sparesJob && ageMs > GITHUB_LIMIT_MS) {
    return {
      because: alive
        ? "GitHub is asked for the last time to let an idle runner go"
        : "GitHub is asked for the last time to let go of a runner that is no more",
      steps: [{ ...ask, orElse: leftBehind(observed), sparesJob: alive }, ...rest],
    };
  }
  return {
    because: "GitHub is asked to let the runner go",
    steps: [ask, ...rest],
    lookAgainMs: sparesJob ? WHEN_BUSY_MS : WHEN_POD_GONE_MS,
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

/** First at GitHub, which refuses while a job runs; then here. */
function removalSteps(observed: ObservedRunner): readonly Step[] {
  return [deregisterStep(observed), ...podSteps(observed), ...finalizerSteps(observed)];
}

function deregisterStep(observed: ObservedRunner): Extract<Step, { do: "deregister-runner" }> {
  const { runner, runnerId, pod } = observed;
  return {
    do: "deregister-runner",
    target: targetOf(observed),
    runnerId,
    runnerName: runner.metadata?.name ?? "",
    scaleSetId: runner.spec?.runnerScaleSetId ?? 0,
    whenBusyMs: pod !== undefined && isAlive(pod) ? WHEN_BUSY_MS : WHEN_POD_GONE_MS,
  };
}

function isAlive(pod: Pod): boolean {
  return podOutcome(pod).kind === "alive";
}

/** A pod whose containers all ended goes by owner reference; one that still runs something is told to stop now. */
function podSteps(observed: ObservedRunner): readonly Step[] {
  const { pod, runner } = observed;
  const phase = pod?.status?.phase;
  const hasEnded = pod === undefined || phase === "Succeeded" || phase === "Failed";
  const stop = hasEnded ? [] : deleteStep(PODS, pod);
  return usesContainerHooks(runner)
    ? [...stop, { do: "delete-linked", runner: keyOf(runner) }]
    : stop;
}

function finalizerSteps(observed: ObservedRunner): readonly Step[] {
  const { runner } = observed;
  return [{
    do: "remove-finalizers",
    type: EPHEMERAL_RUNNERS,
    object: runner,
    finalizers: OURS.filter((finalizer) => hasFinalizer(runner, finalizer)),
  }];
}

function targetOf(observed: ObservedRunner): GitHubTarget {
  const { metadata, spec } = observed.runner;
  return gitHubTarget(metadata?.namespace ?? "", spec);
}
