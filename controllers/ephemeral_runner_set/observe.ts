/** What the plan for a set of runners looks at. Caches only. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { isControlledBy } from "../../kube/meta.ts";
import type { ObjectKey } from "../../kube/types.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Caches } from "../caches.ts";
import { runnerSetKeyOf, scaleSetIndexValue } from "../metadata.ts";
import { completedRunners, type Departures } from "./departures.ts";
import type { ServedDecision } from "../reconcile/step.ts";
import { populationOf } from "./population.ts";

export interface ObservedEphemeralRunnerSet {
  readonly set: EphemeralRunnerSet;
  /** All that it owns, by UID. */
  readonly runners: readonly EphemeralRunner[];
  /** The listener's last decision that was carried out whole; `undefined`: no record. */
  readonly served: ServedDecision | undefined;
  /** Names of runners whose jobs completed, by the listener's word; `undefined`: it does not say. */
  readonly completed: ReadonlySet<string> | undefined;
  /** Runners that are gone or about to go, but not completed by the listener's word. */
  readonly departed: number;
  /** Live runners of the same runner set that a former EphemeralRunnerSet made, and that are to go. Absent: none. */
  readonly inherited?: number;
  /** The user's maximum. Absent: none. */
  readonly maxRunners?: number | undefined;
  readonly minRunners?: number | undefined;
  readonly excludedLabelPrefixes: readonly string[];
}

export interface EphemeralRunnerSetSources {
  readonly caches: Caches;
  /** By UID: decisions carried out that the status may not say yet. */
  readonly served: ReadonlyMap<string, ServedDecision>;
  readonly departures: Departures;
  readonly clock: Clock;
  readonly excludedLabelPrefixes: readonly string[];
}

/** Of a set that lost an idle runner: no order is this one. */
const NOT_SERVED: ServedDecision = { patchId: -1, replicas: -1 };

/** `undefined`: the set is gone. Reads caches alone. */
export function observeEphemeralRunnerSet(
  sources: EphemeralRunnerSetSources,
  key: ObjectKey,
): ObservedEphemeralRunnerSet | undefined {
  const set = sources.caches.ephemeralRunnerSets.get(key);
  if (set === undefined) return undefined;
  const uid = set.metadata?.uid ?? "";
  const patchId = set.status?.servedPatchID;
  const completed = completedRunners(set);
  const runners = sources.caches.runners.by("owner", uid);
  const limits = sources.caches.runnerSets.get(runnerSetKeyOf(set))?.spec;
  return {
    set,
    runners,
    served: sources.departures.isOwing(uid) ? NOT_SERVED : sources.served.get(uid) ??
      (patchId === undefined ? undefined : { patchId, replicas: set.status?.servedReplicas ?? 0 }),
    completed,
    departed: completed === undefined
      ? 0
      : sources.departures.unreported(set, { runners, completed, now: sources.clock.now() }),
    inherited: inherited(sources, set, runners),
    maxRunners: limits?.maxRunners,
    minRunners: limits?.minRunners,
    excludedLabelPrefixes: sources.excludedLabelPrefixes,
  };
}

function inherited(
  { caches }: EphemeralRunnerSetSources,
  set: EphemeralRunnerSet,
  own: readonly EphemeralRunner[],
): number {
  const all = scaleSetIndexValue(set).flatMap((value) => caches.runners.by("scaleSet", value));
  if (all.length === own.length) return 0;
  const { pending, running } = populationOf(all.filter((runner) => !isControlledBy(runner, set)));
  return pending.length + running.length;
}
