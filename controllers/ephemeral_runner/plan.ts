/**
 * What to do about a runner: one branch per situation, one sentence per branch. Pure. Spec: §10, B4, B5, B11.
 * No pod goes before GitHub agreed to let its runner go, unless the pod is past saving.
 */
import { EPHEMERAL_RUNNERS, RUNNER_REASONS } from "../../crds/ephemeral_runner.ts";
import { FINALIZERS, LABELS } from "../../crds/group.ts";
import { hasFinalizer, isDeleting } from "../../kube/meta.ts";
import { PODS, SECRETS } from "../../kube/resources.ts";
import { keyOf, type Pod } from "../../kube/types.ts";
import { formatDuration } from "../../lib/duration.ts";
import { mergeLabels } from "../metadata.ts";
import { deleteStep } from "../reconcile/children.ts";
import type { Plan } from "../reconcile/reconciler.ts";
import type { Step } from "../reconcile/step.ts";
import { hasJob } from "../runner_job.ts";
import { desiredRunnerPod, workFolder } from "./children.ts";
import { startLeftMs, stopLeftMs } from "./deadlines.ts";
import { event, fail } from "./failure.ts";
import type { ObservedRunner } from "./observe.ts";
import { isReady, podOutcome } from "./pod_outcome.ts";
import {
  brokenCompanion,
  isWithoutSecret,
  restartedSidecar,
  startTrouble,
  unschedulableInMs,
} from "./pod_troubles.ts";
import {
  deregisterStep,
  endingSteps,
  isAlive,
  planRemoval,
  podSteps,
  removalSteps,
  targetOf,
  WHEN_BUSY_MS,
} from "./removal.ts";
import { runnerStatus } from "./status.ts";

/** Told to stop by somebody else, a runner ends well, but it did nothing, or not all: its slot has to be refilled. */
const POD_DELETED = {
  reason: "PodDeleted",
  message: "The pod was deleted before its runner ended",
};

const SECRET_DELETED = {
  reason: "SecretDeleted",
  message:
    "The Secret with the runner's JIT configuration was deleted before its container started",
};

/** A pod that should have ended this long ago, in ms, is on a node that nobody hears of any more. */
const NODE_SILENT_MS = 30_000;
const NODE_LOST = { reason: "NodeLost", message: "The pod's node does not confirm its end" };

/** Somebody took the labels off a pod by which it is watched: from then on it is read this often, in ms. */
const UNWATCHED_MS = 10_000;

/** Total: whatever was observed has a plan. */
export function planRunner(observed: ObservedRunner, now: Date): Plan {
  const { pod } = observed;
  const plan = planSituation(observed, now);
  if (pod === undefined || LABELS.scaleSetName in (pod.metadata?.labels ?? {})) return plan;
  const look: Step = {
    do: "look-at",
    type: PODS,
    key: keyOf(pod),
    uid: pod.metadata?.uid ?? "",
  };
  return {
    ...plan,
    steps: [...plan.steps, look],
    lookAgainMs: Math.min(plan.lookAgainMs ?? Infinity, UNWATCHED_MS),
  };
}

function planSituation(observed: ObservedRunner, now: Date): Plan {
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
      // Whether it still ended its job is the listener's to tell: then nobody takes its place.
      if (isDeleting(pod) && observed.completedMs === undefined) {
        return fail(observed, now, { phase: "Failed", ...POD_DELETED });
      }
      return {
        because: "The runner ended well",
        steps: [...deleteStep(EPHEMERAL_RUNNERS, runner), ...endingSteps(observed)],
        lookAgainMs: WHEN_BUSY_MS,
      };
    case "outdated":
      return fail(observed, now, {
        phase: "Outdated",
        reason: RUNNER_REASONS.outdated,
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
  return planAlive(observed, pod, now);
}

/** Nobody stands in its way: what is it waiting for, and for how long may it? */
function planAlive(observed: ObservedRunner, pod: Pod, now: Date): Plan {
  const { runner, completedMs, deadlines } = observed;
  const stopMs = stopLeftMs(completedMs, deadlines, now);
  if (stopMs !== undefined && stopMs <= 0) {
    const note = `Its job ended ${formatDuration(deadlines.stopMs)} ago and its container did not`;
    return {
      because: "Its job is over and its container lives on",
      steps: [
        event(observed, { reason: "StopDeadlineExceeded", message: note }),
        ...deleteStep(EPHEMERAL_RUNNERS, runner),
        ...removalSteps(observed),
      ],
      lookAgainMs: WHEN_BUSY_MS,
    };
  }
  if (isWithoutSecret(pod, keyOf(runner).name)) return planWithoutSecret(observed, now);
  const trouble = startTrouble(pod, runner.status ?? {}, now);
  const startMs = startLeftMs(pod, deadlines, now);
  if (startMs !== undefined && startMs <= 0) {
    const cause = trouble === undefined ? "" : `: ${trouble.reason}: ${trouble.message}`;
    return fail(observed, now, {
      phase: "Failed",
      reason: "StartDeadlineExceeded",
      message: `The pod did not start within ${formatDuration(deadlines.startMs)}${cause}`,
    });
  }
  const broken = brokenCompanion(pod);
  if (broken !== undefined && !hasJob(runner)) {
    const failed = fail(observed, now, { phase: "Failed", ...broken });
    return { ...failed, steps: [deregisterStep(observed), ...failed.steps] };
  }
  const known = trouble ?? broken ?? restartedSidecar(pod);
  const isNews = known !== undefined && known.reason !== runner.status?.reason;
  const looks = [stopMs, startMs, trouble === undefined ? unschedulableInMs(pod, now) : undefined]
    .filter((ms) => ms !== undefined);
  return {
    because: "The status follows the pod",
    steps: isNews ? [event(observed, known)] : [],
    status: runnerStatus(runner, {
      phase: pod.status?.phase,
      ready: isReady(pod),
      reason: pod.status?.reason ?? known?.reason,
      message: pod.status?.message ?? known?.message,
      runnerId: observed.runnerId,
      runnerName: runner.metadata?.name,
    }, now),
    ...(looks.length > 0 && { lookAgainMs: Math.max(1, Math.min(...looks)) }),
  };
}

/** Its JIT configuration is gone, and is not issued twice: another runner takes its place. */
function planWithoutSecret(observed: ObservedRunner, now: Date): Plan {
  const failed = fail(observed, now, { phase: "Failed", ...SECRET_DELETED });
  const confirm: Step = { do: "confirm-gone", type: SECRETS, key: keyOf(observed.runner) };
  return { ...failed, steps: [confirm, ...failed.steps] };
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
    const failed = fail(observed, now, { phase: "Failed", ...POD_DELETED });
    const confirm: Step = { do: "confirm-gone", type: PODS, key: keyOf(runner) };
    return { ...failed, steps: [confirm, ...failed.steps] };
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
        ...(metadata?.labels && {
          labels: mergeLabels(metadata.labels, {}, settings.excludedLabelPrefixes),
        }),
        ...(metadata?.annotations && { annotations: metadata.annotations }),
      },
      pod: desiredRunnerPod(runner, settings),
    }],
  };
}
