/**
 * From what is known of a pod's containers to the status that a kubelet reports: phases, conditions, container states.
 * Pure. Source: `getPhase` and `convertToAPIContainerStatuses` of kubelet's `kubelet_pods.go`.
 */
import type { Container, Pod } from "../../kube/types.ts";

export type ContainerState =
  | { readonly is: "waiting"; readonly reason: string; readonly message?: string }
  | { readonly is: "running"; readonly startedAt: string }
  | {
    readonly is: "terminated";
    readonly exitCode: number;
    /** Completed, Error, OOMKilled. */
    readonly reason: string;
    readonly startedAt: string;
    readonly finishedAt: string;
  };

export type Ended = Extract<ContainerState, { is: "terminated" }>;

/** `init` ends before the others start; `sidecar` is an init container that keeps running beside them. */
export type ContainerRole = "init" | "sidecar" | "main";

export interface ContainerRecord {
  readonly name: string;
  readonly image: string;
  readonly role: ContainerRole;
  readonly state: ContainerState;
  /** How it ended before it was last restarted. */
  readonly last?: Ended;
  readonly restarts: number;
}

/** A failure of the pod as a whole, which outranks what its containers say. */
export interface PodVerdict {
  /** e.g. Evicted. */
  readonly reason: string;
  readonly message: string;
}

/** What the kubelet knows about a pod besides its containers. */
export interface PodFacts {
  readonly restartPolicy: string;
  readonly startTime: string;
  readonly hostIP: string;
  /** Absent until the pod has its network. */
  readonly podIP?: string | undefined;
  readonly verdict?: PodVerdict | undefined;
}

export type PodStatus = NonNullable<Pod["status"]>;
type PodCondition = NonNullable<PodStatus["conditions"]>[number];

/** The containers of a spec before anything happened, in the order in which they start. */
export function initialRecords(spec: NonNullable<Pod["spec"]>): readonly ContainerRecord[] {
  const waits = (spec.initContainers ?? []).length > 0 ? "PodInitializing" : "ContainerCreating";
  const record = (container: Container, role: ContainerRole): ContainerRecord => ({
    name: container.name,
    image: container.image ?? "",
    role,
    state: { is: "waiting", reason: waits },
    restarts: 0,
  });
  return [
    ...(spec.initContainers ?? []).map((container) =>
      record(container, isSidecar(container) ? "sidecar" : "init")
    ),
    ...spec.containers.map((container) => record(container, "main")),
  ];
}

/** The type package is older than side-cars, which restart although they are init containers. */
function isSidecar(container: Container): boolean {
  return (container as { readonly restartPolicy?: string }).restartPolicy === "Always";
}

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/** The phase that these containers add up to. */
export function podPhase(records: readonly ContainerRecord[], facts: PodFacts): Phase {
  if (facts.verdict !== undefined) return "Failed";
  const { restartPolicy } = facts;
  for (const { role, state } of records) {
    if (role === "main") continue;
    if (role === "sidecar" && state.is !== "waiting") continue;
    if (state.is !== "terminated") return "Pending";
    if (state.exitCode !== 0) return restartPolicy === "Never" ? "Failed" : "Pending";
  }
  const mains = records.filter(({ role }) => role === "main");
  const codes = mains.map(({ state }) => state.is === "terminated" ? state.exitCode : undefined);
  if (codes.every((code) => code !== undefined)) {
    if (restartPolicy === "Always") return "Running";
    if (codes.every((code) => code === 0)) return "Succeeded";
    return restartPolicy === "OnFailure" ? "Running" : "Failed";
  }
  const unborn = mains.some(({ state, last }) => state.is === "waiting" && last === undefined);
  return unborn ? "Pending" : "Running";
}

/** The whole status. `before` is the one reported last: a condition that did not change keeps its time. */
export function podStatus(
  records: readonly ContainerRecord[],
  facts: PodFacts,
  options: { readonly now: string; readonly before: PodStatus | undefined },
): PodStatus {
  const phase = podPhase(records, facts);
  const status = (roles: readonly ContainerRole[]) =>
    records.filter(({ role }) => roles.includes(role)).map(containerStatus);
  const inits = status(["init", "sidecar"]);
  return {
    phase,
    ...(facts.verdict ?? {}),
    conditions: conditions(records, { ...facts, ...options, phase }),
    hostIP: facts.hostIP,
    ...(facts.podIP === undefined ? {} : { podIP: facts.podIP, podIPs: [{ ip: facts.podIP }] }),
    startTime: facts.startTime,
    ...(inits.length > 0 ? { initContainerStatuses: inits } : {}),
    containerStatuses: status(["main"]),
    qosClass: "BestEffort",
  };
}

function conditions(
  records: readonly ContainerRecord[],
  facts: PodFacts & {
    readonly phase: Phase;
    readonly now: string;
    readonly before: PodStatus | undefined;
  },
): readonly PodCondition[] {
  const { phase, now, before } = facts;
  const initialized =
    records.every(({ role, state }) =>
      role === "main" || (role === "sidecar" ? state.is === "running" : endedWell(state))
    ) || phase === "Succeeded" || phase === "Running";
  const unready = records.filter(({ role, state }) => role !== "init" && state.is !== "running");
  const over = phase === "Succeeded" || phase === "Failed";
  const notReady = over ? { reason: phase === "Succeeded" ? "PodCompleted" : "PodFailed" } : {
    reason: "ContainersNotReady",
    message: `containers with unready status: [${unready.map(({ name }) => name).join(" ")}]`,
  };
  const ready = !over && unready.length === 0;
  const wanted = [
    { type: "PodReadyToStartContainers", holds: facts.podIP !== undefined && !over },
    { type: "Initialized", holds: initialized, ...(initialized ? {} : incomplete(records)) },
    { type: "Ready", holds: ready, ...(ready ? {} : notReady) },
    { type: "ContainersReady", holds: ready, ...(ready ? {} : notReady) },
  ];
  const kept = (before?.conditions ?? []).filter(({ type }) =>
    !wanted.some((w) => w.type === type)
  );
  return [
    ...wanted.map(({ holds, ...rest }) => {
      const status = holds ? "True" : "False";
      const was = before?.conditions?.find(({ type }) => type === rest.type);
      const lastTransitionTime = was?.status === status ? was.lastTransitionTime ?? now : now;
      return { ...rest, status, lastTransitionTime };
    }),
    ...kept,
  ];
}

function endedWell(state: ContainerState): boolean {
  return state.is === "terminated" && state.exitCode === 0;
}

function incomplete(records: readonly ContainerRecord[]) {
  const names = records.filter(({ role, state }) => role === "init" && !endedWell(state))
    .map(({ name }) => name);
  return {
    reason: "ContainersNotInitialized",
    message: `containers with incomplete status: [${names.join(" ")}]`,
  };
}

type ContainerStatus = NonNullable<PodStatus["containerStatuses"]>[number];

function containerStatus(record: ContainerRecord): ContainerStatus {
  const { name, image, role, state, last, restarts } = record;
  const running = state.is === "running";
  return {
    name,
    image,
    imageID: state.is === "waiting" && last === undefined ? "" : `${image}@simulated`,
    ready: running || (role === "init" && endedWell(state)),
    started: running,
    restartCount: restarts,
    state: stateOnWire(state),
    lastState: last === undefined ? {} : stateOnWire(last),
  };
}

function stateOnWire(state: ContainerState): NonNullable<ContainerStatus["state"]> {
  const { is, ...rest } = state;
  return { [is]: rest };
}
