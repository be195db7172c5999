/**
 * The nodes of the simulated cluster: their objects, which one a pod goes to, and what becomes of the pods of a node that
 * dies. Every node fits every pod: selectors, taints and sizes are not looked at.
 */
import type { Clock } from "../../lib/clock.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../../kube/errors.ts";
import { timeText } from "../../kube/meta.ts";
import { PODS } from "../../kube/resources.ts";
import { keyOf, type KubeObject, type Pod, type ResourceType } from "../../kube/types.ts";

type Node = KubeObject & { readonly status?: Readonly<Record<string, unknown>> };

export const NODES: ResourceType<Node> = {
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  namespaced: false,
};

/** A node that takes pods. */
export interface NodePlace {
  readonly name: string;
  readonly ip: string;
}

/** After this silence the cluster calls a node unreachable, in ms: `--node-monitor-grace-period`. */
const UNREACHABLE_MS = 40_000;
/** After that, its pods are deleted, in ms: the toleration that every pod has. */
const TOLERATED_MS = 300_000;
const SCHEDULE_RETRY_MS = 1_000;
const MAX_PODS = "1000";

/** Creates the object of a node, or finds it. */
export async function registerNode(
  place: NodePlace,
  world: { readonly kube: KubeClient; readonly clock: Clock },
): Promise<void> {
  const { kube, clock } = world;
  const labels = {
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": place.name,
    "kubernetes.io/os": "linux",
  };
  try {
    await kube.create(NODES, {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: place.name, labels },
    });
  } catch (thrown) {
    if (!isAlreadyExists(thrown)) throw thrown;
  }
  const now = timeText(clock.now());
  const status = {
    capacity: { cpu: "1000", memory: "4Ti", pods: MAX_PODS },
    allocatable: { cpu: "1000", memory: "4Ti", pods: MAX_PODS },
    addresses: [
      { type: "InternalIP", address: place.ip },
      { type: "Hostname", address: place.name },
    ],
    conditions: [{
      type: "Ready",
      status: "True",
      reason: "KubeletReady",
      message: "simulated node",
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    }],
    nodeInfo: { kubeletVersion: "v1.36.0", operatingSystem: "linux", architecture: "amd64" },
  };
  await kube.patch(NODES, { namespace: "", name: place.name }, { status }, {
    subresource: "status",
  });
}

/** Puts a pod on a node; tried until it succeeds, the pod is gone or bound already, or `signal` aborts. */
export async function bindPod(
  pod: Pod,
  node: NodePlace,
  world: { readonly kube: KubeClient; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { kube, clock, signal } = world;
  const { namespace = "", name = "", uid = "" } = pod.metadata ?? {};
  const binding = {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { namespace, name, uid },
    target: { apiVersion: "v1", kind: "Node", name: node.name },
  };
  const bindings = {
    group: "",
    version: "v1",
    kind: "Binding",
    plural: `pods/${name}/binding`,
    namespaced: true,
  };
  while (!signal.aborted) {
    try {
      await kube.create(bindings, binding, { signal });
      return;
    } catch (thrown) {
      if (isNotFound(thrown) || isConflict(thrown)) return;
    }
    await clock.sleep(SCHEDULE_RETRY_MS, signal);
  }
}

/**
 * What the rest of the cluster does about a node that fell silent: it becomes unreachable, its pods are not ready, and
 * later they are deleted, which nobody confirms until the node itself is removed.
 */
export async function mournNode(
  name: string,
  world: {
    readonly kube: KubeClient;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    /** The pods of the node that the API still has. */
    readonly pods: () => readonly Pod[];
  },
): Promise<void> {
  const { kube, clock, signal, pods } = world;
  await clock.sleep(UNREACHABLE_MS, signal);
  const ready = {
    type: "Ready",
    status: "Unknown",
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
    lastTransitionTime: timeText(clock.now()),
  };
  const unreachable = { status: { conditions: [ready] } };
  await ignoringAbsence(
    kube.patch(NODES, { namespace: "", name }, unreachable, { subresource: "status", signal }),
  );
  for (const pod of pods()) {
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === "Ready"
        ? { ...condition, status: "False", lastTransitionTime: timeText(clock.now()) }
        : condition
    );
    await ignoringAbsence(
      kube.patch(PODS, keyOf(pod), { status: { conditions } }, { subresource: "status", signal }),
    );
  }
  await clock.sleep(TOLERATED_MS, signal);
  for (const pod of pods()) await ignoringAbsence(kube.delete(PODS, keyOf(pod), { signal }));
}

/** The node is gone for good: its object is removed, and its pods with it, without grace. */
export async function buryNode(
  name: string,
  world: { readonly kube: KubeClient; readonly pods: () => readonly Pod[] },
): Promise<void> {
  await world.kube.delete(NODES, { namespace: "", name });
  for (const pod of world.pods()) {
    await ignoringAbsence(world.kube.delete(PODS, keyOf(pod), { gracePeriodSeconds: 0 }));
  }
}

async function ignoringAbsence(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
  }
}
