/** Which change in the cluster, or at GitHub's door, wakes whom. Knows kinds and who owns whom; refuses to know any plan. */
import { AUTOSCALING_LISTENERS } from "../crds/autoscaling_listener.ts";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../crds/ephemeral_runner_set.ts";
import type { Cache } from "../kube/cache.ts";
import { isDeleting } from "../kube/meta.ts";
import { keyFromText, keyOf, keyText, type KubeObject } from "../kube/types.ts";
import { createWorkQueue, type WorkQueue } from "../kube/work_queue.ts";
import type { Clock } from "../lib/clock.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import type { Caches } from "./caches.ts";
import { formerScaleSets, formerTarget } from "./autoscaling_runner_set/former_scale_sets.ts";
import type { CompletedRunners } from "./ephemeral_runner/completed_runners.ts";
import type { Departures } from "./ephemeral_runner_set/departures.ts";
import type { Listings } from "./ephemeral_runner_set/listings.ts";
import type { GitHubServices } from "./github_services.ts";
import { gitHubTarget, targetText } from "./github_target.ts";
import { listenerIndexValue, runnerSetKeyOf, scaleSetIndexValue } from "./metadata.ts";
import type { GitHubTarget, ServedDecision } from "./reconcile/step.ts";
import { runnerWorkKinds } from "./runner_work.ts";

/** What queues are made of. */
export interface WiringOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Runners that are worked on at a time. */
  readonly runnerWorkers: number;
}

/** One for each kind of ours. */
export interface Queues {
  readonly runnerSets: WorkQueue;
  readonly listeners: WorkQueue;
  readonly ephemeralRunnerSets: WorkQueue;
  readonly runners: WorkQueue;
  /** Of EphemeralRunnerSets whose idle runners are looked up at GitHub. */
  readonly verifications: WorkQueue;
}

/** What is remembered of objects, and forgotten with them. */
export interface WiredMemory {
  readonly departures: Departures;
  readonly completed: CompletedRunners;
  readonly listings: Listings;
  readonly served: Map<string, ServedDecision>;
  readonly registered: Map<string, number>;
  readonly started: Map<string, number>;
}

/**
 * Changes of runners within this time are looked at together by their set, in ms: it looks at all of its runners each
 * time, which in a crowd would cost more with every runner.
 */
const GATHER_MS = 50;

/** Which change wakes whom. Everything that exists is woken once at the start. */
export function wireQueues(
  options: WiringOptions,
  caches: Caches,
  memory: WiredMemory,
): Queues {
  const { completed, departures, listings, registered, served, started } = memory;
  const { clock, random, metrics } = options;
  const queue = (name: string) => createWorkQueue({ name, clock, random, metrics });
  const queues: Queues = {
    runnerSets: queue("autoscalingrunnerset"),
    listeners: queue("autoscalinglistener"),
    ephemeralRunnerSets: queue("ephemeralrunnerset"),
    runners: createWorkQueue({
      name: "ephemeralrunner",
      clock,
      random,
      metrics,
      kinds: runnerWorkKinds(caches, options.runnerWorkers),
    }),
    verifications: queue("runnerverification"),
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
  const lookMs = new Map<string, number>();
  /** At once, then no more often than runners' changes are looked at: a listener may have a word for every job. */
  const look = (key: string) => {
    const nowMs = clock.now().getTime();
    const lastMs = lookMs.get(key) ?? -Infinity;
    const nextMs = lastMs > nowMs ? lastMs : Math.max(nowMs, lastMs + GATHER_MS);
    lookMs.set(key, nextMs);
    queues.ephemeralRunnerSets.addAfter(key, nextMs - nowMs);
  };
  on(caches.ephemeralRunnerSets, (set, after) => {
    look(keyText(keyOf(set)));
    queues.verifications.add(keyText(keyOf(set)));
    wakeOwner(set, AUTOSCALING_RUNNER_SETS.kind, queues.runnerSets);
    if (after !== undefined) {
      for (const key of completed.note(after, clock.now(), (key) => caches.runners.get(key))) {
        queues.runners.add(keyText(key));
      }
      return;
    }
    const uid = set.metadata?.uid ?? "";
    lookMs.delete(keyText(keyOf(set)));
    served.delete(uid);
    departures.forget(uid);
    listings.forget(uid);
  });
  caches.ephemeralRunnerSets.onChange((before, after) => {
    if (wordOf(before) === wordOf(after)) return;
    const owner = keyText(runnerSetKeyOf((after ?? before) as KubeObject));
    for (const listener of caches.listeners.by("runnerSet", owner)) {
      queues.listeners.add(keyText(keyOf(listener)));
    }
  });
  on(caches.runners, (runner, after) => {
    queues.runners.add(keyText(keyOf(runner)));
    wakeOwner(runner, EPHEMERAL_RUNNER_SETS.kind, {
      add: (key) => queues.ephemeralRunnerSets.addAfter(key, GATHER_MS),
    });
    if (after !== undefined) return;
    departures.record(runner, clock.now());
    completed.forget(runner.metadata?.uid ?? "");
    // One that is no longer shown but was not going, as no watch tells of it, comes again: nothing is made for it twice.
    if (isDeleting(runner)) {
      registered.delete(runner.metadata?.uid ?? "");
      started.delete(runner.metadata?.uid ?? "");
    }
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
export function wireServices(services: GitHubServices, caches: Caches, queues: Queues): void {
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
    if (after === undefined) services.retain(neededTargets(caches));
  });
}

function targetOf(set: AutoscalingRunnerSet): GitHubTarget {
  return gitHubTarget(set.metadata?.namespace ?? "", set.spec);
}

/** Where GitHub may still have to be called: for the sets as they are, as they were, and for their runners. */
export function neededTargets(caches: Caches): readonly GitHubTarget[] {
  const all = [
    ...caches.runnerSets.all().flatMap((set) => [
      targetOf(set),
      ...formerScaleSets(set).map((former) => formerTarget(set, former)),
    ]),
    ...caches.ephemeralRunnerSets.all().map(({ metadata, spec }) =>
      gitHubTarget(metadata?.namespace ?? "", spec?.ephemeralRunnerSpec)
    ),
    ...caches.runners.all().map(({ metadata, spec }) =>
      gitHubTarget(metadata?.namespace ?? "", spec)
    ),
  ];
  return [...new Map(all.map((target) => [targetText(target), target])).values()];
}

/** What a listener says of itself there, apart from its orders. */
function wordOf(set: EphemeralRunnerSet | undefined): string {
  const { completedRunners, listenerReport } = set?.spec ?? {};
  return `${completedRunners !== undefined} ${listenerReport ?? ""}`;
}

function wakeOwner(object: KubeObject, kind: string, queue: Pick<WorkQueue, "add">): void {
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
