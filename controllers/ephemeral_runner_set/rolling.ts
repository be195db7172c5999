/** Who is replaced because the template, or the scale set, is another one: idle runners, a few at a time (B3). Pure. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import { keyOf } from "../../kube/types.ts";
import { isOurHash } from "../reconcile/children.ts";
import type { ServedDecision, Step } from "../reconcile/step.ts";
import { homeOf, idleRunners, isForeign, type Population } from "./population.ts";
import { REPLACED_ON_PURPOSE } from "./replacement.ts";

/** At a template change, at most this share of the wanted runners is replaced at a time, and at least one. */
const ROLL_SHARE = 0.25;

/**
 * Idle runners of another template or another scale set, a few at a time. A fingerprint of another controller says
 * nothing.
 */
export function rollSteps(
  set: EphemeralRunnerSet,
  population: Population,
  wanted: ServedDecision,
): readonly Step[] {
  const hashOf = (object: EphemeralRunner | EphemeralRunnerSet) =>
    object.metadata?.annotations?.[ANNOTATIONS.integrityHash];
  const hash = hashOf(set);
  if (!isOurHash(hash)) return [];
  const isStale = (runner: EphemeralRunner) =>
    isForeign(runner, set) || (isOurHash(hashOf(runner)) && hashOf(runner) !== hash);
  const underWay = population.pending.filter((runner) => !isStale(runner)).length +
    population.failed.length;
  const room = Math.max(1, Math.floor(wanted.replicas * ROLL_SHARE)) - underWay;
  return idleRunners(population).filter(isStale).slice(0, Math.max(0, room)).map((runner) => ({
    do: "replace-runner",
    target: homeOf(runner),
    runnerId: runner.status?.runnerId ?? 0,
    key: keyOf(runner),
    reason: REPLACED_ON_PURPOSE,
    message: "The template changed while this runner was idle",
  }));
}
