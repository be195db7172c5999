/**
 * Looks for what was left behind on either side, now and then, and removes it: only what was seen at two looks in a row, a
 * few at a time, with one listing for each place at GitHub. Knows when and how much; what counts is in the pure files here.
 */
import type { ListedRunner } from "../../github/runner_list.ts";
import type { KubeClient } from "../../kube/client.ts";
import { controllerOf } from "../../kube/meta.ts";
import { PODS, SECRETS } from "../../kube/resources.ts";
import { keyOf, type Secret } from "../../kube/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Random } from "../../lib/random.ts";
import type { Task } from "../../lib/tasks.ts";
import { JIT_SECRET_KEYS, LISTENER_CONFIG } from "../../crds/group.ts";
import type { Caches } from "../caches.ts";
import type { GitHubServices } from "../github_services.ts";
import { targetText } from "../github_target.ts";
import type { Executors } from "../reconcile/step.ts";
import { clusterOrphans, type ClusterView, type Orphan } from "./cluster_orphans.ts";
import { runnerOrphans, type SweptSet, sweptSet } from "./runner_orphans.ts";

export interface SweepContext {
  readonly caches: Caches;
  readonly kube: Pick<KubeClient, "get" | "delete">;
  readonly services: GitHubServices;
  readonly executors: Pick<Executors, "delete" | "deregister-runner">;
  readonly controllerNamespace: string;
  /** Namespaces that are served; empty: all. */
  readonly served: readonly string[];
  /** How often, in ms; 0: never. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Most that one sweep removes in the cluster, and at GitHub for one set. */
const MOST = 20;

/** A task: sweeps until `signal` aborts. The first time is up to one period away, so that replicas do not meet. */
export function sweeping(context: SweepContext): Task {
  const { clock, everyMs, log, random } = context;
  let before: ReadonlySet<string> = new Set();
  return async (signal) => {
    if (everyMs === 0) return await untilAborted(signal);
    while (!signal.aborted) {
      // In order on purpose: one sweep builds on what the one before it saw.
      await clock.sleep(everyMs * (0.75 + random() / 4), signal);
      try {
        before = await sweep(context, before, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        log.warn("A sweep for what was left behind failed", { error: messageOf(thrown) });
      }
    }
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

/** Removes what is an orphan now and was one `before`. Returns what is one now. */
export async function sweep(
  context: SweepContext,
  before: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const orphans = clusterOrphans(viewOf(context), context.clock.now());
  const seen = new Set(orphans.map(({ uid }) => uid));
  for (const orphan of orphans.filter(({ uid }) => before.has(uid)).slice(0, MOST)) {
    await attempt(context, orphan.key, () => remove(context, orphan, signal), signal);
  }
  const listings = new Map<string, readonly ListedRunner[]>();
  for (const swept of sweptSets(context)) {
    await attempt(context, { set: swept.set }, async () => {
      const place = targetText(swept.target);
      const listed = listings.get(place) ?? await list(context, swept, signal);
      listings.set(place, listed);
      const names = runnerOrphans(swept, listed, knownNames(context.caches));
      for (const name of names) seen.add(`${swept.set} ${name}`);
      const twice = names.filter((name) => before.has(`${swept.set} ${name}`));
      for (const name of twice.slice(0, MOST)) await dismiss(context, swept, name, signal);
    }, signal);
  }
  return seen;
}

/** One that cannot be removed does not keep the others. */
async function attempt(
  { log }: SweepContext,
  about: object,
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    signal.throwIfAborted();
    log.warn("What was left behind cannot be removed", { ...about, error: messageOf(thrown) });
  }
}

function viewOf({ caches, controllerNamespace, served }: SweepContext): ClusterView {
  return {
    runnerSets: caches.runnerSets.all(),
    listeners: caches.listeners.all(),
    ephemeralRunnerSets: caches.ephemeralRunnerSets.all(),
    runners: caches.runners.all(),
    pods: caches.pods.all(),
    serviceAccounts: caches.serviceAccounts.all(),
    controllerNamespace,
    served,
  };
}

function sweptSets({ caches }: SweepContext): readonly SweptSet[] {
  return caches.runnerSets.all().flatMap((set) => {
    const children = caches.ephemeralRunnerSets.by("owner", set.metadata?.uid ?? "");
    const swept = sweptSet(set, children.map((child) => keyOf(child).name));
    return swept === undefined ? [] : [swept];
  });
}

function knownNames(caches: Caches): ReadonlySet<string> {
  return new Set([...caches.runners.all(), ...caches.pods.all()].map((one) => keyOf(one).name));
}

/** One of its own, never one that verification shares: what is seen at two looks has to be two answers of GitHub's. */
async function list(
  { services }: SweepContext,
  swept: SweptSet,
  signal: AbortSignal,
): Promise<readonly ListedRunner[]> {
  const { service } = await services.check(swept.target, signal);
  if (service === "none") return [];
  return await (await services.service(swept.target, signal)).listRunners({ signal }) ?? [];
}

/** GitHub has the last word: whose the runner is, and whether a job runs there. */
async function dismiss(
  context: SweepContext,
  swept: SweptSet,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const service = await context.services.service(swept.target, signal);
  const found = await service.findRunner(name, { signal });
  if (found?.scaleSetId !== swept.scaleSetId || knownNames(context.caches).has(name)) return;
  if (await service.removeRunner(found.id, { signal }) === "busy") return;
  tell(context, "Runner at GitHub", { set: swept.set, name });
}

async function remove(context: SweepContext, orphan: Orphan, signal: AbortSignal): Promise<void> {
  const { ask, key, type, uid } = orphan;
  if (ask !== undefined) {
    const wait = await context.executors["deregister-runner"]({
      do: "deregister-runner",
      ...ask,
      runnerName: key.name,
      whenBusyMs: 1,
    }, signal);
    if (wait) return; // a job runs there
  }
  for (const name of orphan.secrets) {
    await removeSecret(context, { namespace: key.namespace, name }, signal);
  }
  await context.executors.delete({ do: "delete", type, key, uid }, signal);
  tell(context, type === PODS ? "Pod" : type.kind, key);
}

/** Only one that we wrote, by what is in it, and that nobody owns. */
async function removeSecret(
  { kube }: SweepContext,
  key: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const secret = await kube.get<Secret>(SECRETS, key, { signal });
  const data = secret?.data ?? {};
  const isOurs = JIT_SECRET_KEYS.token in data || LISTENER_CONFIG.key in data ||
    "no_proxy" in data;
  if (secret === undefined || !isOurs || controllerOf(secret) !== undefined) return;
  await kube.delete(SECRETS, key, { uid: secret.metadata?.uid, signal });
}

function tell({ log, metrics }: SweepContext, what: string, about: object): void {
  log.info("Something that was left behind is removed", { what, ...about });
  metrics.increment("longshore_orphans_removed_total", { kind: what });
}
