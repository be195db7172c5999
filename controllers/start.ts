/** The controller-manager put together: caches, services, four loops; first synced, then leading, then at work. */
import { overrideHosts, parseHostOverrides } from "../github/hosts.ts";
import { createBudgets } from "../github/budget.ts";
import { createActionsService } from "../github/service.ts";
import type { Cache } from "../kube/cache.ts";
import type { KubeClient } from "../kube/client.ts";
import { runControlLoop } from "../kube/control_loop.ts";
import { createEventRecorder } from "../kube/events.ts";
import { runAsLeader } from "../kube/leader.ts";
import { Tenure } from "../kube/tenure.ts";
import { keyFromText, keyOf, keyText, type KubeObject } from "../kube/types.ts";
import type { WorkQueue } from "../kube/work_queue.ts";
import { BUILD } from "../lib/build.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { FetchFor } from "../lib/network.ts";
import { type Random, randomUuid } from "../lib/random.ts";
import { runTogether, type Task } from "../lib/tasks.ts";
import { listenerReconciler } from "./autoscaling_listener/controller.ts";
import { runnerSetReconciler } from "./autoscaling_runner_set/controller.ts";
import { type Caches, cachesByType, createCaches } from "./caches.ts";
import type { ControllerConfig } from "./config.ts";
import { runnerReconciler } from "./ephemeral_runner/controller.ts";
import { ephemeralRunnerSetReconciler } from "./ephemeral_runner_set/controller.ts";
import { CompletedRunners } from "./ephemeral_runner/completed_runners.ts";
import { Departures } from "./ephemeral_runner_set/departures.ts";
import { Listings } from "./ephemeral_runner_set/listings.ts";
import { verificationReconciler } from "./ephemeral_runner_set/verification_controller.ts";
import type { Followings } from "./followings.ts";
import { createGitHubServices } from "./github_services.ts";
import { attemptOf } from "./reconcile/attempt.ts";
import { createExecutors } from "./reconcile/executors.ts";
import { QuotaGates } from "./reconcile/quota_gates.ts";
import type { Reconciler } from "./reconcile/reconciler.ts";
import type { ServedDecision } from "./reconcile/step.ts";
import { recordGauges } from "./gauges.ts";
import { servedNamespaces } from "./rights.ts";
import { sweeping } from "./sweep/sweep.ts";
import type { TemplateVerdict } from "./template_verdicts.ts";
import { wireQueues, wireServices } from "./wiring.ts";

export interface ControllersOptions {
  readonly kube: KubeClient;
  /** For the leader's lease alone: a client with a connection of its own. Default: `kube`. */
  readonly leaseKube?: Pick<KubeClient, "get" | "create" | "update"> | undefined;
  /** Guards what `kube` writes, and is told how long the lead lasts. Default: one that guards GitHub's side alone. */
  readonly tenure?: Tenure | undefined;
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
        identity: `longshore_${randomUuid(random)}`,
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

function createLoops(options: ControllersOptions, caches: Caches): readonly Task[] {
  const { kube, config, clock, random, log, metrics } = options;
  const forceGhes = config.forceGhes !== undefined;
  const served = new Map<string, ServedDecision>();
  const departures = new Departures();
  const completed = new CompletedRunners();
  const listings = new Listings();
  const registered = new Map<string, number>();
  const started = new Map<string, number>();
  const proxySecrets = new Map<string, string>();
  const templates = new Map<string, TemplateVerdict>();
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
  const cacheOf = cachesByType(caches);
  const context = {
    executors: createExecutors({
      kube,
      services,
      events,
      cacheOf,
      served,
      departures,
      listings,
      onLeftBehind: (happened) => {
        // An Event may have no place to go: its namespace may be about to end.
        log.warn("Something may be left at GitHub", {
          ...keyOf(happened.about),
          reason: happened.reason,
          note: happened.note,
        });
        metrics.increment("longshore_left_behind_total", { reason: happened.reason });
      },
      quotas: new QuotaGates(clock),
      registered,
      started,
      proxySecrets,
      templates,
      clock,
      random,
    }),
    clock,
  };
  const { runnerWorkers } = config;
  const queues = wireQueues({ clock, random, metrics, runnerWorkers }, caches, {
    completed,
    departures,
    listings,
    registered,
    served,
    started,
  });
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
      writeStatus: async ({ type, key, patch, events: told = [] }, signal) => {
        const written = await kube.patch(type, key, { status: patch }, {
          subresource: "status",
          signal,
        });
        cacheOf(type)?.absorb(written);
        for (const happened of told) events.record(happened);
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
    sweeping({
      caches,
      kube,
      services,
      executors: context.executors,
      controllerNamespace: config.namespace,
      served: servedNamespaces(config),
      everyMs: config.sweepMs,
      clock,
      random,
      log: log.child("sweep"),
      metrics,
    }),
    loop(
      runnerSetReconciler({
        caches,
        services,
        proxySecrets,
        templates,
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
          scheduler: config.listenerScheduler,
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
        completed,
        started,
        deadlines: { startMs: config.runnerStartMs, stopMs: config.runnerStopMs },
        settings: { userAgent: `actions-runner-controller/${BUILD.version}` },
      }),
      queues.runners,
      { cache: caches.runners, workers: config.runnerWorkers },
    ),
    loop(
      verificationReconciler({
        caches,
        listings,
        limits: {
          registerMs: config.runnerRegisterMs,
          offlineMs: config.runnerOfflineMs,
          checkMs: config.runnerCheckMs,
        },
      }),
      queues.verifications,
      { cache: caches.ephemeralRunnerSets, workers: WORKERS },
    ),
  ];
}
