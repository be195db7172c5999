/** Which runners count for the listener's order, and which only take up room. Pure. Spec: §9.3; B4. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { ObservedEphemeralRunnerSet } from "./observe.ts";
import { isForeign, type Population } from "./population.ts";

/** What the listener's decision counts on: it still counts jobs whose end it has not heard of, and no others. */
export function capacityOf(observed: ObservedEphemeralRunnerSet, population: Population): number {
  const { completed = new Set() } = observed;
  const isCounted = (runner: EphemeralRunner) =>
    !completed.has(runner.metadata?.name ?? "") && !isForeign(runner, observed.set);
  // The word of a job's end may come before the word that its pod runs.
  return [...population.pending, ...population.running].filter(isCounted).length +
    observed.departed;
}

/**
 * Runners in whose place no other one may come yet. Those of a former scale set do not serve this order; they only count
 * towards the maximum that the user set, which holds whatever the order says: anybody may edit the object that it is in.
 */
export function presentOf(
  observed: ObservedEphemeralRunnerSet,
  population: Population,
  wanted: number,
): number {
  const { set, inherited = 0, maxRunners = Infinity } = observed;
  const live = [...population.pending, ...population.running];
  const own = live.filter((runner) => !isForeign(runner, set)).length + inherited;
  const room = Math.max(0, maxRunners - live.length - inherited);
  return Math.max(own, wanted - room);
}
