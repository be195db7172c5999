/**
 * How long a runner's pod may take to start, and to end once its job is over (B11). Pure. How long a runner may take to
 * come online is asked of GitHub, for all of a set at once: `ephemeral_runner_set/verification.ts`.
 */
import type { Pod } from "../../kube/types.ts";
import { runningSinceMs } from "../runner_container.ts";

/** Spans in ms; 0: no such limit. */
export interface Deadlines {
  /** From the creation of the pod until its runner container runs: nodes to come, images to pull, init containers. */
  readonly startMs: number;
  /** From the word that its job is over until its container has ended by itself. */
  readonly stopMs: number;
}

/** What is left of the time to start, in ms; ≤ 0: it is over. `undefined`: it has started, or nothing limits it. */
export function startLeftMs(pod: Pod, limits: Deadlines, now: Date): number | undefined {
  if (limits.startMs === 0 || runningSinceMs(pod) !== undefined || isHeldBack(pod)) {
    return undefined;
  }
  const createdMs = Date.parse(pod.metadata?.creationTimestamp ?? "");
  return Number.isNaN(createdMs) ? undefined : createdMs + limits.startMs - now.getTime();
}

/** What is left of the time to end, in ms; ≤ 0: it is over. `completedMs`: when the word came; `undefined`: it did not. */
export function stopLeftMs(
  completedMs: number | undefined,
  limits: Deadlines,
  now: Date,
): number | undefined {
  if (limits.stopMs === 0 || completedMs === undefined) return undefined;
  return completedMs + limits.stopMs - now.getTime();
}

/** A queueing system holds it with a scheduling gate: it is not late, its turn has not come. */
function isHeldBack(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, reason }) =>
    type === "PodScheduled" && reason === "SchedulingGated"
  ) ?? false;
}
