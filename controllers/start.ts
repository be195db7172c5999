/** The controller-manager put together: first synced, then leading, then at work. */
import type { KubeClient } from "../kube/client.ts";
import { runAsLeader } from "../kube/leader.ts";
import { Tenure } from "../kube/tenure.ts";
import type { FetchFor } from "../lib/network.ts";
import { randomUuid } from "../lib/random.ts";
import { runTogether, type Task } from "../lib/tasks.ts";
import { type Caches, createCaches } from "./caches.ts";
import type { Followings } from "./followings.ts";
import { createLoops, type LoopsOptions } from "./loops.ts";
import { servedNamespaces } from "./rights.ts";

export interface ControllersOptions extends LoopsOptions {
  /** For the leader's lease alone: a client with a connection of its own. Default: `kube`. */
  readonly leaseKube?: Pick<KubeClient, "get" | "create" | "update"> | undefined;
  /** Guards what `kube` writes, and is told how long the lead lasts. Default: one that guards GitHub's side alone. */
  readonly tenure?: Tenure | undefined;
  readonly signal: AbortSignal;
  /** Is told how each collection of the cluster is followed. */
  readonly followings?: Followings;
  /** Called once, when the caches are synced. */
  readonly onReady?: () => void;
}

/**
 * Resolves after a clean stop. Throws when leadership is lost; Kubernetes starts the process again. What the cluster does
 * not show is waited for, however long: a new process would see no more of it, and would have to list everything again.
 */
export async function startControllers(options: ControllersOptions): Promise<void> {
  const { kube, config, clock, random, log, metrics, signal } = options;
  const tenure = options.tenure ?? new Tenure(clock);
  const { caches, tasks: reflectors } = createCaches({
    kube,
    namespaces: servedNamespaces(config),
    clock,
    random,
    log,
    metrics,
    followings: options.followings,
  });
  const work: Task = async (stop) => {
    await untilSynced(caches, stop);
    options.onReady?.();
    const fetchFor: FetchFor = (network) => tenure.guards(options.fetchFor(network));
    // Not before there is a lead: who stands by would collect keys and notes of all that comes and goes.
    const lead: Task = (stop) => runTogether(createLoops({ ...options, fetchFor }, caches), stop);
    if (!config.leaderElection) return await lead(stop);
    await runAsLeader(
      {
        client: options.leaseKube ?? kube,
        key: { namespace: config.namespace, name: config.leaderElectionId },
        identity: `${config.hostname || "longshore"}_${randomUuid(random)}`,
        clock,
        random,
        log: log.child("leader"),
        metrics,
        tenure,
      },
      lead,
      stop,
    );
  };
  await runTogether([...reflectors, work], signal);
}

async function untilSynced(caches: Caches, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([aborted, Promise.all(Object.values(caches).map((cache) => cache.synced))]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
