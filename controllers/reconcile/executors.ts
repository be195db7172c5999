/** Carries out steps: one function a step, each with its own idempotence. Answers of the world go into the caches. */
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { Cache } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { EventRecorder, Happened } from "../../kube/events.ts";
import type { AnyType, KubeObject, ObjectKey } from "../../kube/types.ts";
import type { Departures } from "../ephemeral_runner_set/departures.ts";
import type { Listings } from "../ephemeral_runner_set/listings.ts";
import type { GitHubServices } from "../github_services.ts";
import type { TemplateVerdict } from "../template_verdicts.ts";
import { githubExecutors } from "./github_executors.ts";
import { kubeExecutors } from "./kube_executors.ts";
import type { QuotaGates } from "./quota_gates.ts";
import { secretExecutors } from "./secret_executors.ts";
import type { Executors, ServedDecision } from "./step.ts";

export interface ExecutorContext {
  readonly kube: KubeClient;
  readonly services: GitHubServices;
  readonly events: EventRecorder;
  /** The cache that shows objects of a type; `undefined`: nobody watches them. */
  readonly cacheOf: (
    type: AnyType,
  ) =>
    | Pick<Cache<KubeObject>, "absorb" | "absorbDeletion"> & Partial<Cache<KubeObject>>
    | undefined;
  /** By UID of an EphemeralRunnerSet. */
  readonly served: Map<string, ServedDecision>;
  readonly departures: Departures;
  /** What GitHub last said of the runners of a set. */
  readonly listings: Listings;
  readonly quotas: QuotaGates;
  /** By UID of a runner set: what the API server said of its template. */
  readonly templates: Map<string, TemplateVerdict>;
  /** By UID of a runner: its id at GitHub, from its registration until its pod exists. */
  readonly registered: Map<string, number>;
  /** By UID of a runner: its id at GitHub, once its pod was made. Its status may say so later, or never. */
  readonly started: Map<string, number>;
  /** By "namespace/name" of a proxy Secret: fingerprint of what it holds. */
  readonly proxySecrets: Map<string, string>;
  /** Is told of what may be left at GitHub, besides the Event: there may be no place for that. */
  readonly onLeftBehind?: (happened: Happened) => void;
  readonly clock: Clock;
  readonly random: Random;
}

/** One of each for a process: some remember what they were answered. */
export function createExecutors(context: ExecutorContext): Executors {
  return {
    ...kubeExecutors(context),
    ...githubExecutors(context),
    ...secretExecutors(context),
  };
}

/** Tells of what could not be removed at GitHub. */
export function tellLeftBehind(context: ExecutorContext, happened: Happened): void {
  context.events.record(happened);
  context.onLeftBehind?.(happened);
}

/** What the server answered is shown until the watch has caught up. */
export function absorb(context: ExecutorContext, type: AnyType, object: KubeObject): void {
  context.cacheOf(type)?.absorb(object);
}

/** Deletes one incarnation and shows it as gone, or as going. */
export async function deleteObject(
  context: ExecutorContext,
  what: {
    readonly type: AnyType;
    readonly key: ObjectKey;
    readonly uid: string;
    readonly graceSeconds?: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { graceSeconds, uid } = what;
  const left = await context.kube.delete(what.type, what.key, {
    uid,
    signal,
    ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
  });
  if (left !== undefined) absorb(context, what.type, left);
  else context.cacheOf(what.type)?.absorbDeletion(what.key, what.uid);
}
