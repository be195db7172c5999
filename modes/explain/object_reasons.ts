/**
 * What objects themselves say of why a set has no more runners, without anybody's condition: deletion, generations, orders,
 * pods. Pure.
 */
import { CONDITIONS } from "../../controllers/conditions.ts";
import { RUNNER_REASONS } from "../../crds/ephemeral_runner.ts";
import { conditionOf, isDeleting } from "../../kube/meta.ts";
import { type Condition, keyOf, keyText } from "../../kube/types.ts";
import { podTrouble } from "../pod_trouble.ts";
import type { Reason } from "./reason.ts";
import type { SetView, Snapshot } from "./snapshot.ts";

/** The set is on its way out. */
export function deleting({ set }: SetView): Reason | undefined {
  if (!isDeleting(set)) return undefined;
  const { deletionTimestamp, finalizers = [] } = set.metadata ?? {};
  return {
    code: "deleting",
    says: `It is being deleted since ${deletionTimestamp}` +
      (finalizers.length > 0 ? `, held by ${finalizers.join(", ")}` : ""),
    remedy: "A controller that runs lets it go",
  };
}

const NO_CONTROLLER = "Look whether a controller runs and serves this namespace: longshore doctor";

/** Its spec is newer than what anybody acted on. */
export function unserved({ set }: SetView): Reason | undefined {
  const { generation } = set.metadata ?? {};
  if (generation === undefined || set.status?.observedGeneration === generation) return undefined;
  return {
    code: "unserved",
    says: set.status?.observedGeneration === undefined
      ? "No controller has looked at the runner set"
      : "No controller has looked at the runner set since its spec was changed",
    remedy: NO_CONTROLLER,
  };
}

/** It is registered, and nobody made a listener. */
export function listenerMissing({ listener, set }: SetView): Reason | undefined {
  const registered = conditionOf(set.status?.conditions, CONDITIONS.registered);
  if (listener !== undefined || registered?.status !== "True") return undefined;
  return {
    code: "listener",
    says: "The runner set has no AutoscalingListener: nobody hears of its jobs",
    remedy: NO_CONTROLLER,
  };
}

/** The listener does not run. Pods that could not be seen say nothing. */
export function listenerPod(
  { listener, listenerPod }: SetView,
  { pods }: Pick<Snapshot, "pods">,
): Reason | undefined {
  if (listener === undefined) return undefined;
  const name = keyText(keyOf(listener));
  const ready = conditionOf(listener.status?.conditions, CONDITIONS.ready);
  if (listenerPod === undefined) {
    if (pods === "unseen" && ready?.status !== "False") return undefined;
    const why = ready?.status === "False" && ready.message !== "" ? `: ${ready.message}` : "";
    return {
      code: "listener",
      says: `The listener "${name}" has no pod${why}`,
      remedy: NO_CONTROLLER,
    };
  }
  const trouble = podTrouble(listenerPod);
  if (trouble === undefined) return undefined;
  return {
    code: "listener",
    says: `The listener's pod "${name}" does not run: ${trouble.says}`,
    remedy: "Correct the controller's image, or spec.listenerTemplate of the runner set",
  };
}

/** A runner that has no pod yet says itself what it waits for. */
export function waitingRunner({ runners }: SetView): Reason | undefined {
  const waiting = runners.find(({ status }) => status?.reason === RUNNER_REASONS.quotaExceeded);
  if (waiting === undefined) return undefined;
  return {
    code: "quota",
    says: waiting.status?.message ?? "A quota is full",
    remedy: "Raise the quota, let runners ask for less, or wait until others end",
  };
}

/** A runner's pod that waits for a node, or does not start. */
export function waitingPods({ runners, pods }: SetView): Reason | undefined {
  const waiting = runners.flatMap((runner) => {
    const pod = pods.get(runner.metadata?.name ?? "");
    const trouble = pod && podTrouble(pod);
    return trouble === undefined ? [] : [{ name: runner.metadata?.name ?? "", trouble }];
  });
  const [first, ...more] = waiting;
  if (first === undefined) return undefined;
  const others = more.length > 0 ? ` (and ${more.length} more)` : "";
  return first.trouble.is === "unschedulable"
    ? {
      code: "unschedulable",
      says:
        `The scheduler finds no node for runner "${first.name}"${others}: ${first.trouble.says}`,
      remedy: "Add nodes, or change requests, selectors and tolerations in spec.template",
    }
    : {
      code: "failing",
      says: `Runner "${first.name}"${others} does not start: ${first.trouble.says}`,
      remedy: "Correct the image, its pull secret or the container in spec.template",
    };
}

/** As older controllers tell it. */
export function failing({ runnerSet }: SetView): Reason | undefined {
  const { consecutiveFailures: times = 0, lastFailureReason, lastFailureMessage, lastFailureTime } =
    runnerSet?.status ?? {};
  if (times === 0) return undefined;
  return {
    code: "failing",
    says: `Runners failed ${times} times in a row, last at ${lastFailureTime}: ` +
      (lastFailureMessage ?? lastFailureReason ?? "nobody knows why"),
    remedy: "Look at the failure; runners are tried again, later each time",
  };
}

/** Longer than a controller that runs takes to act on an order, in ms. */
const SERVED_MS = 60_000;

/** The listener asked for more, and nobody heard. */
export function orderUnserved(
  { runnerSet, runners }: SetView,
  { now }: Pick<Snapshot, "now">,
): Reason | undefined {
  const { replicas = 0, patchID } = runnerSet?.spec ?? {};
  const { servedPatchID } = runnerSet?.status ?? {};
  if (replicas <= runners.length || servedPatchID === undefined || servedPatchID === patchID) {
    return undefined;
  }
  const heardMs = Date.parse(newestTime(runnerSet?.status?.conditions));
  if (now.getTime() - heardMs < SERVED_MS) return undefined;
  return {
    code: "unserved",
    says: `The listener asks for ${replicas} runners and ${runners.length} exist: its order ` +
      `${patchID} was not carried out, the last one was ${servedPatchID}`,
    remedy: NO_CONTROLLER,
  };
}

function newestTime(conditions: readonly Condition[] | undefined): string {
  return (conditions ?? []).map(({ lastTransitionTime }) => String(lastTransitionTime)).sort()
    .at(-1) ?? "";
}
