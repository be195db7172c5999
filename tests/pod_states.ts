/** What a kubelet writes into a pod's status, state by state. Pure; a pod in a state is a plain pod. */
import type { ContainerStatus, Pod } from "../kube/types.ts";
import { applyMergePatch } from "../lib/json.ts";
import { CREATED, stampAfter } from "./times.ts";

/** A pod that can be led into another state. The methods are invisible to comparison, copying and JSON. */
export type PodInState = Pod & PodStates;

type PodStatus = NonNullable<Pod["status"]>;
type ContainerState = NonNullable<ContainerStatus["state"]>;

export interface PodStates {
  /** No node has room for it. */
  unschedulable(): PodInState;
  /** On a node, but its container waits, e.g. `ImagePullBackOff`. */
  waitingFor(reason: string, message?: string): PodInState;
  /** Its container runs and is ready. */
  running(): PodInState;
  /** Its container ended with this code while others still run: the pod's phase is Running. */
  exitedWith(exitCode: number): PodInState;
  /** Everything ended well. */
  succeeded(): PodInState;
  /** Its container ended with this code, which is not 0, and with it the pod. */
  failedWith(exitCode: number): PodInState;
  /** An init container ended with this code, which is not 0; the container never started. */
  initFailedWith(exitCode: number): PodInState;
  /** The node threw it out before the container's end was seen: no container has a status. */
  evicted(): PodInState;
  /** Its node is gone, and so it is being deleted, with the last status that the node wrote. */
  onLostNode(): PodInState;
  /** Deletion was asked for 60 s after creation. */
  deleting(): PodInState;
}

/** The pod as it is after scheduling, with the ways onward. `container` is the one that matters. */
export function inState(pod: Pod, container: string): PodInState {
  const first = { phase: "Pending", startTime: CREATED, ...pod.status };
  return withStates({ ...pod, status: first }, container);
}

function withStates(pod: Pod, container: string): PodInState {
  const status = (change: PodStatus) => withStates({ ...pod, status: change }, container);
  const started = (change: PodStatus) => status({ startTime: CREATED, ...change });
  const one = (state: ContainerState, restOfStatus: Partial<ContainerStatus> = {}) => [{
    name: container,
    image: imageOf(pod, container),
    imageID: "",
    ready: false,
    restartCount: 0,
    state,
    ...restOfStatus,
  }];
  const ended = (exitCode: number) =>
    one({
      terminated: {
        exitCode,
        reason: exitCode === 0 ? "Completed" : exitCode === 137 ? "OOMKilled" : "Error",
        startedAt: stampAfter(5),
        finishedAt: stampAfter(30),
      },
    });
  const states: PodStates = {
    unschedulable: () =>
      status({
        phase: "Pending",
        conditions: [{
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          message: "0/1 nodes are available: 1 Insufficient cpu.",
          lastTransitionTime: CREATED,
        }],
      }),
    waitingFor: (reason, message) =>
      started({
        phase: "Pending",
        conditions: [ready("False", 0)],
        containerStatuses: one({ waiting: { reason, ...(message && { message }) } }),
      }),
    running: () =>
      started({
        phase: "Running",
        conditions: [ready("True", 5)],
        containerStatuses: one({ running: { startedAt: stampAfter(5) } }, { ready: true }),
      }),
    exitedWith: (exitCode) =>
      started({
        phase: "Running",
        conditions: [ready("False", 30)],
        containerStatuses: ended(exitCode),
      }),
    succeeded: () =>
      started({
        phase: "Succeeded",
        conditions: [ready("False", 30)],
        containerStatuses: ended(0),
      }),
    failedWith: (exitCode) =>
      started({
        phase: "Failed",
        conditions: [ready("False", 30)],
        containerStatuses: ended(exitCode),
      }),
    initFailedWith: (exitCode) =>
      started({
        phase: "Pending",
        conditions: [ready("False", 0)],
        initContainerStatuses: ended(exitCode).map((it) => ({ ...it, name: "init" })),
        containerStatuses: one({ waiting: { reason: "PodInitializing" } }),
      }),
    evicted: () =>
      started({
        phase: "Failed",
        reason: "Evicted",
        message: "The node was low on resource: memory.",
      }),
    onLostNode: () =>
      withStates(
        patched(states.running(), {
          metadata: { deletionTimestamp: stampAfter(60), deletionGracePeriodSeconds: 30 },
          status: { reason: "NodeLost", conditions: [ready("False", 60)] },
        }),
        container,
      ),
    deleting: () =>
      withStates(
        patched(pod, {
          metadata: { deletionTimestamp: stampAfter(60), deletionGracePeriodSeconds: 30 },
        }),
        container,
      ),
  };
  const hidden = Object.entries(states).map(([name, value]) => [name, { value }]);
  return Object.defineProperties({ ...pod }, Object.fromEntries(hidden)) as PodInState;
}

function patched(pod: Pod, patch: unknown): Pod {
  return applyMergePatch(pod, patch) as Pod;
}

function imageOf(pod: Pod, container: string): string {
  return pod.spec?.containers?.find(({ name }) => name === container)?.image ?? "";
}

function ready(status: "True" | "False", sinceSeconds: number) {
  return { type: "Ready", status, lastTransitionTime: stampAfter(sinceSeconds) };
}
