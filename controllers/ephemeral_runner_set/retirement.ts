/** Who goes when there are more runners than wanted: idle ones only, and GitHub has the last word. Pure. Spec: §9.1. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { keyOf } from "../../kube/types.ts";
import type { Step } from "../reconcile/step.ts";
import { homeOf, idleRunners, isForeign, type Population, targetOf } from "./population.ts";
import type { Scale } from "./scale.ts";

/** A surplus runner that is this old, in ms, and idle has had its chance of a job. */
const LONG_IDLE_MS = 30_000;

/** Whom to ask to go, and when to look again for those who are too young yet. */
export function retirement(
  population: Population,
  scale: Scale,
  now: Date,
): { readonly runners: readonly EphemeralRunner[]; readonly lookAgainMs: readonly number[] } {
  if (scale.retire === 0) return { runners: [], lookAgainMs: [] };
  const idle = idleRunners(population);
  if (scale.patience === "none") return { runners: idle, lookAgainMs: [] };
  const ageMs = (runner: EphemeralRunner) =>
    now.getTime() - Date.parse(runner.metadata?.creationTimestamp ?? "");
  const young = idle.filter((runner) => ageMs(runner) < LONG_IDLE_MS);
  return {
    runners: idle.filter((runner) => ageMs(runner) >= LONG_IDLE_MS),
    lookAgainMs: young.map((runner) => LONG_IDLE_MS - ageMs(runner)),
  };
}

/** All candidates are named, as GitHub may refuse some: those stay. */
export function retireSteps(
  set: EphemeralRunnerSet,
  runners: readonly EphemeralRunner[],
  count: number,
): readonly Step[] {
  if (count === 0 || runners.length === 0) return [];
  const candidates = runners.map((runner) => ({
    runnerId: runner.status?.runnerId ?? 0,
    key: keyOf(runner),
    uid: runner.metadata?.uid ?? "",
    ...(isForeign(runner, set) && { target: homeOf(runner) }),
  }));
  return [{ do: "retire-runners", target: targetOf(set), candidates, count }];
}
