/**
 * How few and how many runners a set may have, live from its AutoscalingListener (B3). Knows how to follow one object;
 * where that is not allowed, or not asked for, the numbers of the document hold.
 */
import { AUTOSCALING_LISTENERS, type AutoscalingListener } from "../crds/autoscaling_listener.ts";
import { MAX_RUNNERS } from "../crds/group.ts";
import type { KubeClient } from "../kube/client.ts";
import { isForbidden } from "../kube/errors.ts";
import { reflect } from "../kube/reflector.ts";
import { keyOf, type ObjectKey } from "../kube/types.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { Limits } from "./decide.ts";

export interface LimitsSource {
  readonly current: Limits;
  /** Calls `notify` after each change, until the returned function is called. */
  onChange(notify: () => void): () => void;
}

/** Limits that can be changed from outside. Both return whether anything changed. */
export interface LimitsHolder extends LimitsSource {
  set(limits: Limits): boolean;
  /** Those of a document, which comes later than the object that it follows: nothing once any were set. */
  fallBack(limits: Limits): boolean;
}

/** Limits that hold until they are set. */
export function createLimits(initial: Limits): LimitsHolder {
  let current = initial;
  let isSet = false;
  const listeners = new Set<() => void>();
  function change({ minRunners, maxRunners, capacity }: Limits): boolean {
    const isSame = minRunners === current.minRunners && maxRunners === current.maxRunners;
    if (isSame && capacity === current.capacity) return false;
    current = { minRunners, maxRunners, ...(capacity !== undefined && { capacity }) };
    for (const notify of [...listeners]) notify();
    return true;
  }
  return {
    get current() {
      return current;
    },
    onChange(notify) {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    set(limits) {
      isSet = true;
      return change(limits);
    },
    fallBack: (limits) => !isSet && change(limits),
  };
}

export interface FollowOptions {
  readonly kube: Pick<KubeClient, "listPage" | "watch">;
  readonly listener: ObjectKey;
  /** Only an AutoscalingListener of this set is believed. */
  readonly ephemeralRunnerSetName: string;
  readonly limits: LimitsHolder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A role may be extended while we run. */
const ASK_AGAIN_MS = 600_000;

/**
 * A task: keeps `limits` equal to what the object says until `signal` aborts. An object that is absent, that is of
 * another set or that makes no sense changes nothing.
 */
export async function followLimits(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { kube, listener, clock, log, random } = options;
  const fieldSelector = `metadata.name=${listener.name}`;
  while (await isRefused(options, { fieldSelector, signal })) {
    log.info("Not allowed to follow the AutoscalingListener: the document's limits hold");
    try {
      await clock.sleep(ASK_AGAIN_MS, signal);
    } catch {
      return; // aborted
    }
  }
  await reflect({
    client: kube,
    type: AUTOSCALING_LISTENERS,
    namespace: listener.namespace,
    fieldSelector,
    sink: {
      replace: (items) => items.forEach((item) => take(item, options)),
      apply: (type, object) => type === "DELETED" ? undefined : take(object, options),
    },
    clock,
    random,
    log,
  }, signal);
}

/** Other failures are the reflector's to outlive. */
async function isRefused(
  options: FollowOptions,
  call: { readonly fieldSelector: string; readonly signal: AbortSignal },
): Promise<boolean> {
  if (call.signal.aborted) return false;
  const { namespace } = options.listener;
  try {
    await options.kube.listPage(AUTOSCALING_LISTENERS, { namespace, limit: 1, ...call });
    return false;
  } catch (thrown) {
    return isForbidden(thrown);
  }
}

function take(object: AutoscalingListener, options: FollowOptions): void {
  const { spec } = object;
  const { listener, limits, log } = options;
  if (keyOf(object).name !== listener.name || spec === undefined) return;
  if (spec.ephemeralRunnerSetName !== options.ephemeralRunnerSetName) return;
  const minRunners = spec.minRunners ?? 0;
  const maxRunners = spec.maxRunners ?? MAX_RUNNERS;
  if (!(minRunners >= 0 && minRunners <= maxRunners && maxRunners <= MAX_RUNNERS)) {
    log.warn("The AutoscalingListener's limits make no sense", { minRunners, maxRunners });
    return;
  }
  const { capacity } = spec;
  const isRoom = Number.isInteger(capacity) && Number(capacity) >= 0;
  const room = isRoom ? { capacity: Number(capacity) } : {};
  if (limits.set({ minRunners, maxRunners, ...room })) {
    log.info("The limits changed", { minRunners, maxRunners, ...room });
  }
}
