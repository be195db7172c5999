/** The controller-manager put together: caches, services, four loops; first synced, then leading, then at work. */
import { AUTOSCALING_LISTENERS } from "../crds/autoscaling_listener.ts";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../crds/ephemeral_runner.ts";
import { overrideHosts, parseHostOverrides } from "../github/hosts.ts";
import { createBudgets } from "../github/budget.ts";
import { createActionsService } from "../github/service.ts";
import type { Cache } from "../kube/cache.ts";
import type { KubeClient } from "../kube/client.ts";
import { runControlLoop } from "../kube/control_loop.ts";
import { createEventRecorder } from "../kube/events.ts";
import { runAsLeader } from "../kube/leader.ts";
import { isDeleting } from "../kube/meta.ts";
import { PODS, ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS } from "../kube/resources.ts";
import { type AnyType, keyFromText, keyOf, keyText, type KubeObject } from "../kube/types.ts";
import { createWorkQueue, type WorkQueue } from "../kube/work_queue.ts";
import { BUILD } from "../lib/build.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { FetchFor } from "../lib/network.ts";
import { type Random, randomUuid } from "../lib/random.ts";
import { runTogether, type Task } from "../lib/tasks.ts";
import { listenerReconciler } from "./autoscaling_listener/controller.ts";
import { runnerSetReconciler } from "./autoscaling_runner_set/controller.ts";
import { type Caches, createCaches } from "./caches.ts";
import type { ControllerConfig } from "./config.ts";
import { runnerReconciler } from "./ephemeral_runner/controller.ts";
import { ephemeralRunnerSetReconciler } from "./ephemeral_runner_set/controller.ts";
import { Departures } from "./ephemeral_runner_set/departures.ts";
import type { Followings } from "./followings.ts";
import { createGitHubServices, type GitHubServices } from "./github_services.ts";
import { gitHubTarget, targetText } from "./github_target.ts";
import { listenerIndexValue, scaleSetIndexValue } from "./metadata.ts";
import { attemptOf } from "./reconcile/attempt.ts";
import { createExecutors } from "./reconcile/executors.ts";
import type { Reconciler } from "./reconcile/reconciler.ts";
import type { ServedDecision } from "./reconcile/step.ts";
import { recordGauges } from "./gauges.ts";
import { servedNamespaces } from "./rights.ts";

export interface ControllersOptions {
  readonly kube: KubeClient;
  /** For the leader's lease alone: a client with a connection of its own. Default: `kube`. */
  readonly leaseKube?: Pick<KubeClient, "get" | "create" | "update"> | undefined;
  readonly config: ControllerConfig;
  /** The way to GitHub for what a runner set says of proxies and certificates. */
  readonly fetchFor: FetchFor;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
  /** Is told how each collection of the cluster is followed. */
  readonly followings?: Followings;
  /** Called once, when the caches are synced. */
  readonly onReady?: () => void;
}

/** Attempts at a time per kind; runners have a flag. */
const WORKERS = 8;

/**
 * Resolves after a clean stop. Throws when leadership is lost; Kubernetes starts the process again. What the cluster does
 * not show is waited for, however long: a new process would see no more of it, and would have to list everything again.
 */
export async function startControllers(options: ControllersOptions): Promise<void> {
  const { kube, config, clock, random, log, metrics, signal } = options;
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
    const loops = createLoops(options, caches);
    if (!config.leaderElection) return await runTogether(loops, stop);
    await runAsLeader(
      {
        client: options.leaseKube ?? kube,
        key: { namespace: config.namespace, name: config.leaderElectionId },
        identity: `longshore_${randomUuid(random)}`,
        clock,
        random,
        log: log.child("leader"),
        metrics,
      },
      (leading) => runTogether(loops, leading),
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

function createLoops(options: ControllersOptions, caches: Caches): readonly Task[] {
  const { kube, config, clock, random, log, metrics } = options;
  const forceGhes = config.forceGhes !== undefined;
  const served = new Map<string, ServedDecision>();
  const departures = new Departures();
  const proxySecrets = new Map<string, string>();
  const hosts = parseHostOverrides(config.githubHosts);
  const budgets = createBudgets({ clock, metrics });
  const services = createGitHubServices({
    kube,
    clock,
    random,
    log: log.child("documents"),
    forceGhes,
    onForget: (name) => budgets.forget(name),
    createService: (url, credential, { network, name }) =>
      createActionsService({
        config: url,
        credential,
        budget: (credential) => budgets.of(credential, { apiBase: url.apiBase, name }),
        fetch: overrideHosts(options.fetchFor(network), hosts),
        clock,
        random,
        userAgent: {
          system: BUILD.product,
          version: BUILD.version,
          commitSha: BUILD.commit,
          subsystem: "gha-scale-set-controller",
        },
        log: log.child("github"),
        metrics,
      }),
  });
  const events = createEventRecorder({
    client: kube,
    component: "longshore",
    clock,
    random,
    log: log.child("events"),
  });
  const context = {
    executors: createExecutors({
      kube,
      services,
      events,
      cacheOf: cachesByType(caches),
      served,
      departures,
      registered: new Map<string, number>(),
      proxySecrets,
      clock,
      random,
    }),
    clock,
  };
  const queues = wireQueues(options, caches, { departures, served });
  wireServices(services, caches, queues);
  recordGauges(caches, { metrics, forceGhes });

  function loop<Observed>(
    reconciler: Reconciler<Observed>,
    queue: WorkQueue,
    of: { readonly cache: Cache<KubeObject>; readonly workers: number },
  ): Task {
    const attempt = attemptOf(reconciler, {
      ...context,
      log: log.child(reconciler.name),
      writeStatus: async ({ type, key, patch }, signal) => {
        const written = await kube.patch(type, key, { status: patch }, {
          subresource: "status",
          signal,
        });
        cachesByType(caches)(type)?.absorb(written);
      },
    });
    return (signal) =>
      runControlLoop({
        name: reconciler.name,
        queue,
        workers: of.workers,
        attempt: (key, stop) => attempt(keyFromText(key), stop),
        keys: () => of.cache.all().map((object) => keyText(keyOf(object))),
        resyncMs: config.resyncMs,
        clock,
        random,
        log: log.child(reconciler.name),
        metrics,
      }, signal);
  }

  const excludedLabelPrefixes = config.excludedLabelPrefixes;
  return [
    (signal) => events.run(signal),
    (signal) => services.run(signal),
    loop(
      runnerSetReconciler({
        caches,
        services,
        proxySecrets,
        settings: {
          controllerNamespace: config.namespace,
          listenerImage: config.image,
          listenerPullSecrets: config.listenerPullSecrets,
          excludedLabelPrefixes,
          forceGhes,
        },
      }),
      queues.runnerSets,
      { cache: caches.runnerSets, workers: WORKERS },
    ),
    loop(
      listenerReconciler({
        caches,
        services,
        proxySecrets,
        settings: {
          namespace: config.namespace,
          entrypoint: config.listenerEntrypoint,
          metricsAddress: config.listenerMetricsAddress,
          metricsEndpoint: config.listenerMetricsEndpoint,
          logLevel: config.logLevel,
          logFormat: config.logFormat,
          excludedLabelPrefixes,
          githubHosts: config.githubHosts,
          forceGhes,
        },
      }),
      queues.listeners,
      { cache: caches.listeners, workers: WORKERS },
    ),
    loop(
      ephemeralRunnerSetReconciler({ caches, served, departures, clock, excludedLabelPrefixes }),
      queues.ephemeralRunnerSets,
      { cache: caches.ephemeralRunnerSets, workers: WORKERS },
    ),
    loop(
      runnerReconciler({
        caches,
        settings: { userAgent: `actions-runner-controller/${BUILD.version}` },
      }),
      queues.runners,
      { cache: caches.runners, workers: config.runnerWorkers },
    ),
  ];
}

function cachesByType(caches: Caches): (type: AnyType) => Cache<KubeObject> | undefined {
  const byKind = new Map<string, Cache<KubeObject>>(
    ([
      [AUTOSCALING_RUNNER_SETS, caches.runnerSets],
      [AUTOSCALING_LISTENERS, caches.listeners],
      [EPHEMERAL_RUNNER_SETS, caches.ephemeralRunnerSets],
      [EPHEMERAL_RUNNERS, caches.runners],
      [PODS, caches.pods],
      [SERVICE_ACCOUNTS, caches.serviceAccounts],
      [ROLES, caches.roles],
      [ROLE_BINDINGS, caches.roleBindings],
    ] as const).map(([type, cache]) => [type.kind, cache as Cache<KubeObject>]),
  );
  return (type) => byKind.get(type.kind);
}

interface Queues {
  readonly runnerSets: WorkQueue;
  readonly listeners: WorkQueue;
  readonly ephemeralRunnerSets: WorkQueue;
  readonly runners: WorkQueue;
}

/** Which change wakes whom. Everything that exists is woken once at the start. */
function wireQueues(
  options: ControllersOptions,
  caches: Caches,
  memory: { readonly departures: Departures; readonly served: Map<string, ServedDecision> },
): Queues {
  const { departures, served } = memory;
  const { clock, random, metrics } = options;
  const queue = (name: string) => createWorkQueue({ name, clock, random, metrics });
  const queues: Queues = {
    runnerSets: queue("autoscalingrunnerset"),
    listeners: queue("autoscalinglistener"),
    ephemeralRunnerSets: queue("ephemeralrunnerset"),
    runners: queue("ephemeralrunner"),
  };
  const on = <T extends KubeObject>(
    cache: Cache<T>,
    wake: (object: T, after: T | undefined) => void,
  ) => {
    cache.onChange((before, after) => wake((after ?? before) as T, after));
    for (const object of cache.all()) wake(object, object);
  };
  on(caches.runnerSets, (set) => {
    queues.runnerSets.add(keyText(keyOf(set)));
    for (const listener of caches.listeners.by("runnerSet", keyText(keyOf(set)))) {
      queues.listeners.add(keyText(keyOf(listener)));
    }
  });
  on(caches.listeners, (listener) => {
    queues.listeners.add(keyText(keyOf(listener)));
    const { autoscalingRunnerSetNamespace = "", autoscalingRunnerSetName = "" } = listener.spec ??
      {};
    queues.runnerSets.add(`${autoscalingRunnerSetNamespace}/${autoscalingRunnerSetName}`);
  });
  on(caches.ephemeralRunnerSets, (set, after) => {
    queues.ephemeralRunnerSets.add(keyText(keyOf(set)));
    wakeOwner(set, AUTOSCALING_RUNNER_SETS.kind, queues.runnerSets);
    if (after !== undefined) return;
    served.delete(set.metadata?.uid ?? "");
    departures.forget(set.metadata?.uid ?? "");
  });
  on(caches.runners, (runner, after) => {
    queues.runners.add(keyText(keyOf(runner)));
    wakeOwner(runner, EPHEMERAL_RUNNER_SETS.kind, queues.ephemeralRunnerSets);
    if (after !== undefined) return;
    departures.record(runner, clock.now());
    for (const key of scaleSetIndexValue(runner)) wakeIfDeleting(caches, queues, key);
  });
  on(caches.pods, (pod) => {
    wakeOwner(pod, EPHEMERAL_RUNNERS.kind, queues.runners);
    wakeOwner(pod, AUTOSCALING_LISTENERS.kind, queues.listeners);
    for (const key of scaleSetIndexValue(pod)) wakeIfDeleting(caches, queues, key);
  });
  on(caches.serviceAccounts, (account) => {
    wakeOwner(account, AUTOSCALING_LISTENERS.kind, queues.listeners);
  });
  for (const cache of [caches.roles, caches.roleBindings]) {
    on(cache as Cache<KubeObject>, (object) => {
      for (const key of listenerIndexValue(object)) queues.listeners.add(key);
    });
  }
  return queues;
}

/** A credential or a way to GitHub changed: who uses it looks again. A set that is gone needs neither any more. */
function wireServices(services: GitHubServices, caches: Caches, queues: Queues): void {
  const targetOf = (set: AutoscalingRunnerSet) =>
    gitHubTarget(set.metadata?.namespace ?? "", set.spec);
  services.onChange((target) => {
    for (const set of caches.runnerSets.all()) {
      if (targetText(targetOf(set)) !== targetText(target)) continue;
      const key = keyText(keyOf(set));
      queues.runnerSets.add(key);
      for (const listener of caches.listeners.by("runnerSet", key)) {
        queues.listeners.add(keyText(keyOf(listener)));
      }
    }
  });
  caches.runnerSets.onChange((_before, after) => {
    if (after === undefined) services.retain(caches.runnerSets.all().map(targetOf));
  });
}

function wakeOwner(object: KubeObject, kind: string, queue: WorkQueue): void {
  const owner = object.metadata?.ownerReferences?.find((reference) => reference.controller);
  if (owner?.kind === kind) {
    queue.add(keyText({ namespace: keyOf(object).namespace, name: owner.name }));
  }
}

/** A set that goes waits for the last of its runners and pods. */
function wakeIfDeleting(caches: Caches, queues: Queues, key: string): void {
  const set = caches.runnerSets.get(keyFromText(key));
  if (set !== undefined && isDeleting(set)) queues.runnerSets.add(key);
}
