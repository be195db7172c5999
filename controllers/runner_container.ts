/** The container of a runner's pod in which the runner runs. Pure. Knows its state, not what follows from it. */
import { CONTAINERS } from "../crds/group.ts";
import type { ContainerStatus, Pod } from "../kube/types.ts";

/** As the kubelet reports it; `undefined`: it has not said anything yet. */
export function runnerContainer(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === CONTAINERS.runner);
}

/** When the runner began to run, in ms since the epoch; `undefined`: it does not run, or has ended. */
export function runningSinceMs(pod: Pod): number | undefined {
  const ms = Date.parse(String(runnerContainer(pod)?.state?.running?.startedAt ?? ""));
  return Number.isNaN(ms) ? undefined : ms;
}
