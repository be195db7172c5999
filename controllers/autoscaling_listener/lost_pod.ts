/**
 * Pods of a listener that nothing more will come of though the API still shows them: their node fell silent, or they do
 * not end. Pure. Another one may take over at once: GitHub lets only one of them hold the session (F02).
 */
import { CONTAINERS } from "../../crds/group.ts";
import { isDeleting } from "../../kube/meta.ts";
import type { Pod } from "../../kube/types.ts";

/** A listener ends within 20 s for the message in hand and 5 s each for its session and its metrics. */
const END_MS = 40_000;
/** Nodes are called unreachable after 40 s of silence at the soonest. */
const SETTLED_MS = 30_000;

export interface Loss {
  /** For a person. */
  readonly message: string;
}

/** `undefined`: it is where it seems to be, or is still ending. */
export function lossOf(pod: Pod, now: Date): Loss | undefined {
  if (isNodeSilent(pod)) return { message: "Its node does not answer" };
  return (endingMs(pod, now) ?? 0) >= END_MS
    ? { message: "Its former pod does not end" }
    : undefined;
}

/** In how many ms a pod that ends counts as lost; `undefined`: it does not end. */
export function lostInMs(pod: Pod, now: Date): number | undefined {
  const ms = endingMs(pod, now);
  return ms === undefined ? undefined : Math.max(0, END_MS - ms);
}

/**
 * The cluster called the pod not ready when it had run for a while, though the last that its kubelet said is that its
 * containers are. (One that waits for a readiness gate was never ready.)
 */
function isNodeSilent({ status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "False" || !status?.containerStatuses?.every((one) => one.ready)) {
    return false;
  }
  const listener = status.containerStatuses.find(({ name }) => name === CONTAINERS.listener);
  const startedMs = Date.parse(listener?.state?.running?.startedAt ?? "");
  return Date.parse(ready.lastTransitionTime ?? "") - startedMs >= SETTLED_MS;
}

/** How long ago somebody asked for its end: the time in the object is when its grace is over. */
function endingMs(pod: Pod, now: Date): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata ?? {};
  if (!isDeleting(pod) || deletionTimestamp === undefined) return undefined;
  return now.getTime() - Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1_000;
}
