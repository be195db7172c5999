/** Why a pod does not run, for a person who looks once: in the words of the scheduler and the kubelet. Pure. */
import { startTrouble } from "../controllers/ephemeral_runner/pod_troubles.ts";
import { RUNNER_REASONS } from "../crds/ephemeral_runner.ts";
import type { Pod } from "../kube/types.ts";

export interface PodTrouble {
  /** `start`: its image, its configuration. `crash`: it starts, and ends again and again. */
  readonly is: "unschedulable" | "start" | "crash";
  /** One sentence without a full stop. */
  readonly says: string;
}

/** The end of time: nobody who asks wants to wait until something counts as trouble. */
const ANY_AGE = new Date(8.64e15);

/** `undefined`: nothing is known that stands in its way. */
export function podTrouble(pod: Pod): PodTrouble | undefined {
  const trouble = startTrouble(pod, {}, ANY_AGE);
  if (trouble !== undefined) {
    const isPlace = trouble.reason === RUNNER_REASONS.unschedulable;
    return { is: isPlace ? "unschedulable" : "start", says: trouble.message };
  }
  const crashing = (pod.status?.containerStatuses ?? []).find(({ state }) =>
    state?.waiting?.reason === "CrashLoopBackOff"
  );
  if (crashing === undefined) return undefined;
  const ended = crashing.lastState?.terminated;
  const how = ended === undefined ? "" : `, last with exit code ${ended.exitCode}`;
  return { is: "crash", says: `Container "${crashing.name}" ends again and again${how}` };
}
