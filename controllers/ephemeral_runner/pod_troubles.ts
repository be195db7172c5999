/**
 * What ails a pod that has not failed: what keeps it from starting, and which container beside the runner broke. Pure. In
 * reasons of ours that stay the same while the kubelet's alternate, so that nothing is written twice.
 */
import { type EphemeralRunnerStatus, RUNNER_REASONS } from "../../crds/ephemeral_runner.ts";
import { CONTAINERS } from "../../crds/group.ts";
import type { ContainerStatus, Pod } from "../../kube/types.ts";
import { runnerContainer } from "../runner_container.ts";

export interface Trouble {
  /** CamelCase, stable. */
  readonly reason: string;
  /** For a person: names the container and its image, and what the cluster said. */
  readonly message: string;
}

/** The kubelet's reasons of a container that waits, in ours. Source: `kubelet/images/types.go`, `kuberuntime`. */
const WAITING: Readonly<Record<string, string>> = {
  ErrImagePull: "ImagePullFailed",
  ImagePullBackOff: "ImagePullFailed",
  ErrImageNeverPull: "ImagePullFailed",
  ImageInspectError: "ImagePullFailed",
  RegistryUnavailable: "ImagePullFailed",
  SignatureValidationFailed: "ImagePullFailed",
  InvalidImageName: "InvalidImageName",
  CreateContainerConfigError: "ContainerConfigFailed",
  CreateContainerError: "ContainerConfigFailed",
  RunContainerError: "ContainerConfigFailed",
};

/** A pod without a node is trouble after this long, in ms: where nodes are made on demand it is usual before. */
const UNSCHEDULABLE_MS = 30_000;

/** What keeps the pod from starting. `before`: what was said last, which a back-off without a cause leaves as it is. */
export function startTrouble(
  pod: Pod,
  before: Pick<EphemeralRunnerStatus, "reason" | "message">,
  now: Date,
): Trouble | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  for (const container of [...initContainerStatuses, ...containerStatuses]) {
    const trouble = waitingTrouble(container, before);
    if (trouble !== undefined) return trouble;
  }
  const leftMs = unschedulableInMs(pod, now);
  if (leftMs === undefined || leftMs > 0) return undefined;
  const message = scheduling(pod)?.message ?? "No node takes the pod";
  // Its numbers change with every node that comes and goes.
  const reason = RUNNER_REASONS.unschedulable;
  return { reason, message: before.reason === reason ? before.message ?? message : message };
}

/** How long until a pod that no node takes is in trouble, in ms; ≤ 0: it is. `undefined`: it has a node, or no verdict. */
export function unschedulableInMs(pod: Pod, now: Date): number | undefined {
  const scheduled = scheduling(pod);
  if (scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") return undefined;
  const sinceMs = Date.parse(String(scheduled.lastTransitionTime ?? ""));
  return (Number.isNaN(sinceMs) ? 0 : sinceMs) + UNSCHEDULABLE_MS - now.getTime();
}

function scheduling(pod: Pod) {
  return pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
}

function waitingTrouble(
  { name, image, state }: ContainerStatus,
  before: Pick<EphemeralRunnerStatus, "reason" | "message">,
): Trouble | undefined {
  const said = state?.waiting;
  const reason = WAITING[said?.reason ?? ""];
  if (reason === undefined) return undefined;
  const what = `Container "${name}" cannot start from image "${image}"`;
  const repeats = said?.reason === "ImagePullBackOff" && before.reason === reason &&
    before.message?.startsWith(what);
  if (repeats) return { reason, message: before.message ?? what };
  return { reason, message: said?.message ? `${what}: ${said.message}` : what };
}

/** Whether the runner's container waits for a Secret of this name that the kubelet did not find. */
export function isWithoutSecret(pod: Pod, name: string): boolean {
  const { reason, message } = runnerContainer(pod)?.state?.waiting ?? {};
  return reason === "CreateContainerConfigError" &&
    (message?.includes(`secret "${name}" not found`) ?? false);
}

/**
 * A container beside the runner that ended badly and is not started again: the runner goes on without its help, such as a
 * Docker daemon. `undefined`: there is none.
 */
export function brokenCompanion(pod: Pod): Trouble | undefined {
  if (pod.spec?.restartPolicy !== "Never") return undefined;
  const broken = pod.status?.containerStatuses?.find(({ name, state }) =>
    name !== CONTAINERS.runner && (state?.terminated?.exitCode ?? 0) !== 0
  );
  return broken && ended(broken.name, broken.state?.terminated);
}

/** A restartable init container that ended badly and was started again: what it had in memory is gone. */
export function restartedSidecar(pod: Pod): Trouble | undefined {
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === "Always").map((c) => c.name),
  );
  const restarted = pod.status?.initContainerStatuses?.find(({ name, lastState }) =>
    sidecars.has(name) && (lastState?.terminated?.exitCode ?? 0) !== 0
  );
  return restarted && ended(restarted.name, restarted.lastState?.terminated);
}

function ended(
  name: string,
  state: { readonly reason?: string; readonly exitCode: number } | undefined,
): Trouble {
  return {
    reason: `Sidecar${state?.reason ?? "Error"}`,
    message: `Container "${name}" ended with exit code ${state?.exitCode}`,
  };
}
