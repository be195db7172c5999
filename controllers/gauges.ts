/** The gauges of sets and listeners, kept equal to the caches. Series go with their object (spec §13). */
import type { AutoscalingListener } from "../crds/autoscaling_listener.ts";
import type { EphemeralRunnerSet } from "../crds/ephemeral_runner_set.ts";
import { LABELS } from "../crds/group.ts";
import { type ConfigUrl, parseConfigUrl } from "../github/config_url.ts";
import type { Cache } from "../kube/cache.ts";
import { conditionOf, controllerOf } from "../kube/meta.ts";
import { keyOf, type KubeObject } from "../kube/types.ts";
import type { LabelValues, Metrics } from "../lib/metrics.ts";
import type { Caches } from "./caches.ts";
import { CONDITIONS } from "./conditions.ts";

/** Follows the caches from now on. */
export function recordGauges(
  caches: Pick<Caches, "ephemeralRunnerSets" | "listeners">,
  options: { readonly metrics: Metrics; readonly forceGhes: boolean },
): void {
  const { metrics, forceGhes } = options;
  const follow = <T extends KubeObject>(
    cache: Pick<Cache<T>, "all" | "onChange">,
    of: {
      readonly gauges: (object: T) => readonly Gauge[];
      /** Those that there are, of all that may share series with this one. */
      readonly family: (object: T) => readonly T[];
    },
  ) => {
    const update = (before: T | undefined, after: T | undefined) => {
      // Also of an object that stays: its labels may be others now.
      if (before !== undefined) {
        for (const { name, labels } of of.gauges(before)) metrics.forget(name, labels);
      }
      const family = of.family((after ?? before) as T);
      for (const { name, value, labels } of summed(family.flatMap(of.gauges))) {
        metrics.set(name, value, labels);
      }
    };
    for (const object of cache.all()) update(undefined, object);
    cache.onChange(update);
  };
  const { ephemeralRunnerSets, listeners } = caches;
  follow(ephemeralRunnerSets, {
    gauges: (set) => runnerGauges(set, { forceGhes }),
    // Older controllers left several generations of a set, all under its name.
    family: (set) => {
      const owner = controllerOf(set);
      if (owner !== undefined) return ephemeralRunnerSets.by("owner", owner.uid);
      return present(ephemeralRunnerSets, set);
    },
  });
  follow(listeners, {
    gauges: (listener) => listenerGauges(listener, { forceGhes }),
    family: (listener) => present(listeners, listener),
  });
}

function present<T extends KubeObject>(cache: Pick<Cache<T>, "get">, object: T): readonly T[] {
  const found = cache.get(keyOf(object));
  return found === undefined ? [] : [found];
}

/** One of each series. */
function summed(gauges: readonly Gauge[]): readonly Gauge[] {
  const bySeries = new Map<string, Gauge>();
  for (const gauge of gauges) {
    const series = JSON.stringify([gauge.name, gauge.labels]);
    const value = (bySeries.get(series)?.value ?? 0) + gauge.value;
    bySeries.set(series, { ...gauge, value });
  }
  return [...bySeries.values()];
}

interface UrlOptions {
  readonly forceGhes: boolean;
}

interface Gauge {
  readonly name: string;
  readonly value: number;
  readonly labels: LabelValues;
}

function runnerGauges(set: EphemeralRunnerSet, options: UrlOptions): readonly Gauge[] {
  const url = urlOf(set.spec?.ephemeralRunnerSpec?.githubConfigUrl, options);
  if (url === undefined) return [];
  const labels = {
    name: set.metadata?.labels?.[LABELS.scaleSetName] ?? "",
    namespace: set.metadata?.labels?.[LABELS.scaleSetNamespace] ?? "",
    ...urlLabels(url),
  };
  const { status } = set;
  return [
    ["pending", status?.pendingEphemeralRunners],
    ["running", status?.runningEphemeralRunners],
    ["failed", status?.failedEphemeralRunners],
  ].map(([what, value]) => ({
    name: `gha_controller_${what}_ephemeral_runners`,
    value: Number(value ?? 0),
    labels,
  }));
}

function listenerGauges(listener: AutoscalingListener, options: UrlOptions): readonly Gauge[] {
  const url = urlOf(listener.spec?.githubConfigUrl, options);
  if (url === undefined) return [];
  const ready = conditionOf(listener.status?.conditions, CONDITIONS.ready)?.status === "True";
  return [{
    name: "gha_controller_running_listeners",
    value: ready ? 1 : 0,
    labels: {
      name: listener.metadata?.name ?? "",
      namespace: listener.metadata?.namespace ?? "",
      ...urlLabels(url),
    },
  }];
}

function urlLabels({ repository, organization, enterprise }: ConfigUrl): LabelValues {
  return { repository, organization, enterprise };
}

/** `undefined` for a URL that cannot be read; its set says so in a condition. */
function urlOf(text: string | undefined, options: UrlOptions): ConfigUrl | undefined {
  try {
    return parseConfigUrl(text ?? "", options);
  } catch {
    return undefined;
  }
}
