/** The gauges of sets and listeners, kept equal to the caches. Series go with their object (spec §13). */
import type { AutoscalingListener } from "../crds/autoscaling_listener.ts";
import type { EphemeralRunnerSet } from "../crds/ephemeral_runner_set.ts";
import { LABELS } from "../crds/group.ts";
import { type ConfigUrl, parseConfigUrl } from "../github/config_url.ts";
import { conditionOf } from "../kube/meta.ts";
import type { LabelValues, Metrics } from "../lib/metrics.ts";
import type { Caches } from "./caches.ts";
import { CONDITIONS } from "./conditions.ts";

/** Follows the caches from now on. */
export function recordGauges(
  caches: Pick<Caches, "ephemeralRunnerSets" | "listeners">,
  options: { readonly metrics: Metrics; readonly forceGhes: boolean },
): void {
  const { metrics, forceGhes } = options;
  const follow = <T>(
    cache: { all(): readonly T[]; onChange(notify: (before?: T, after?: T) => void): void },
    gauges: (object: T) => readonly Gauge[],
  ) => {
    const update = (before: T | undefined, after: T | undefined) => {
      // Also of an object that stays: its labels may be others now.
      if (before !== undefined) {
        for (const { name, labels } of gauges(before)) metrics.forget(name, labels);
      }
      if (after === undefined) return;
      for (const { name, value, labels } of gauges(after)) metrics.set(name, value, labels);
    };
    for (const object of cache.all()) update(undefined, object);
    cache.onChange(update);
  };
  follow(caches.ephemeralRunnerSets, (set) => runnerGauges(set, { forceGhes }));
  follow(caches.listeners, (listener) => listenerGauges(listener, { forceGhes }));
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
