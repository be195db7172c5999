/** The status of a set of runners: ARC's counters and phase, our record of failures, conditions. Pure. */
import {
  EPHEMERAL_RUNNER_SETS,
  type EphemeralRunnerSet,
  type EphemeralRunnerSetStatus,
} from "../../crds/ephemeral_runner_set.ts";
import { keyOf } from "../../kube/types.ts";
import { mergePatch } from "../../lib/json.ts";
import { conditionsWith, type Fact } from "../conditions.ts";
import type { StatusWrite } from "../reconcile/reconciler.ts";
import type { ServedDecision } from "../reconcile/step.ts";
import { capacityOf, sayTheSame } from "./conditions.ts";
import type { Population } from "./population.ts";
import type { FailureRecord } from "./replacement.ts";

/** Changes of counters wait this long, so that a burst becomes a few writes (B9). */
const COALESCE_MS = 1_000;
/** That a newer generation was looked at is told by itself after this, in ms: `kubectl wait` asks for it. */
const GENERATION_MS = 5_000;

/** The write that makes the stored status say `state`; `undefined` when nothing changed that is worth one. */
export function ephemeralRunnerSetStatus(
  set: EphemeralRunnerSet,
  state: {
    readonly population: Population;
    readonly failures: FailureRecord;
    readonly served: ServedDecision | undefined;
    readonly facts: readonly Fact[];
  },
  now: Date,
): StatusWrite | undefined {
  const { population, failures, served } = state;
  const before: Partial<EphemeralRunnerSetStatus> = set.status ?? {};
  const failed = population.failed.length;
  const after: EphemeralRunnerSetStatus = {
    ...before,
    currentReplicas: population.pending.length + population.running.length + failed,
    pendingEphemeralRunners: population.pending.length,
    runningEphemeralRunners: population.running.length,
    finishedEphemeralRunners: population.finished.length,
    deletingEphemeralRunners: population.deleting.length,
    failedEphemeralRunners: failed,
    phase: phaseOf(population, before.phase),
    capacity: capacityOf(population),
    observedGeneration: set.metadata?.generation,
    conditions: conditionsWith(set, state.facts, now),
    ...(served && { servedPatchID: served.patchId, servedReplicas: served.replicas }),
    ...(failures.lastFailureMs !== undefined && {
      consecutiveFailures: failures.consecutiveFailures,
      lastFailureTime: new Date(failures.lastFailureMs).toISOString(),
      lastFailureReason: failures.reason,
      lastFailureMessage: failures.message,
    }),
  };
  const patch = mergePatch(before, after);
  const patienceMs = patienceOf(before, after) ?? generationPatienceOf(set);
  if (patch === undefined || patienceMs === undefined) return undefined;
  const isNewFailure = failures.lastFailureMs !== undefined &&
    new Date(failures.lastFailureMs).toISOString() !== before.lastFailureTime;
  // Nothing else remembers a failure once its runner is replaced.
  const delayMs = isNewFailure ? 0 : patienceMs;
  return { type: EPHEMERAL_RUNNER_SETS, key: keyOf(set), patch, delayMs };
}

/** How long it can wait to be written, in ms; `undefined`: until something else changes, with which it travels. */
function patienceOf(
  before: Partial<EphemeralRunnerSetStatus>,
  after: EphemeralRunnerSetStatus,
): number | undefined {
  const { observedGeneration, deletingEphemeralRunners, finishedEphemeralRunners } = after;
  const isSaid = sayTheSame(before.conditions ?? [], after.conditions ?? []);
  const quiet = {
    ...before,
    observedGeneration,
    conditions: isSaid ? after.conditions : before.conditions,
    deletingEphemeralRunners,
    finishedEphemeralRunners,
  };
  return mergePatch(quiet, after) === undefined ? undefined : COALESCE_MS;
}

/** Every empty poll of ARC's listener makes another generation: who looked at which is not worth a write each (B9). */
function generationPatienceOf({ metadata, spec, status }: EphemeralRunnerSet): number | undefined {
  const isNews = status?.observedGeneration !== metadata?.generation;
  return isNews && spec?.completedRunners !== undefined ? GENERATION_MS : undefined;
}

/** Outdated while GitHub refuses the runners' version, until one of them runs. */
function phaseOf(population: Population, before: string | undefined): string {
  if (population.outdated.length > 0) return "Outdated";
  if (before === "Outdated" && population.running.length === 0) return "Outdated";
  return "Running";
}
