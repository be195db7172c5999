/**
 * What works while a process leads: what attempts share, a loop for each kind, the sweep. Refuses to
 * know who leads, and where caches come from.
 */
import type { Cache } from "../kube/cache.ts";
import type { KubeClient } from "../kube/client.ts";
import { runControlLoop } from "../kube/control_loop.ts";
import { createEventRecorder } from "../kube/events.ts";
import { keyFromText, keyOf, keyText, type KubeObject } from "../kube/types.ts";
import type { WorkQueue } from "../kube/work_queue.ts";
import { BUILD } from "../lib/build.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { FetchFor } from "../lib/network.ts";
import type { Random } from "../lib/random.ts";
import type { Task } from "../lib/tasks.ts";
import { listenerReconciler } from "./autoscaling_listener/controller.ts";
import { runnerSetReconciler } from "./autoscaling_runner_set/controller.ts";
import { type Caches, cachesByType } from "./caches.ts";
import type { ControllerConfig } from "./config.ts";
import { runnerReconciler } from "./ephemeral_runner/controller.ts";
import { ephemeralRunnerSetReconciler } from "./ephemeral_runner_set/controller.ts";
import { CompletedRunners } from "./ephemeral_runner/completed_runners.ts";
import { Departures } from "./ephemeral_runner_set/departures.ts";
import { Listings } from "./ephemeral_runner_set/listings.ts";
import { verificationReconciler } from "./ephemeral_runner_set/verification_controller.ts";
import { createGitHubClients } from "./github_clients.ts";
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

export interface LoopsOptions {
  readonly kube: KubeClient;
  readonly config: ControllerConfig;
  /** The way to GitHub for what a runner set says of proxies and certificates. */
  readonly fetchFor: FetchFor;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Attempts at a time per kind; runners have a flag. So many that sets whose GitHub hangs hold up no others. */
const WORKERS = 32;

/** What works while this process leads. Everything that is remembered between attempts begins empty here. */
export function createLoops(options: LoopsOptions, caches: Caches): readonly Task[] {
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
  const services = createGitHubClients(options);
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
        settings: {
          userAgent: `actions-runner-controller/${BUILD.version}`,
          excludedLabelPrefixes,
        },
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
