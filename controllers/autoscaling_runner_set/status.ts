/** The status of a runner set: ARC's phase and counters, and conditions in words a user can act on. Pure. */
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
  type AutoscalingRunnerSetStatus,
} from "../../crds/autoscaling_runner_set.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { conditionsWith, type Fact } from "../conditions.ts";
import type { StatusWrite } from "../reconcile/reconciler.ts";
import { toldStatus } from "../told_status.ts";

/** The phase as ARC knows it. */
export type Phase = "Pending" | "Running" | "Outdated";

export interface RunnerSetState {
  readonly phase: Phase;
  readonly facts: readonly Fact[];
  /** Where the counters come from; absent: they stay as they are. */
  readonly runners?: EphemeralRunnerSet | undefined;
  /** Label and annotation keys that the EphemeralRunnerSet has from us; absent: as before. */
  readonly propagatedKeys?: readonly string[];
}

/** The write that makes the stored status say `state`; `undefined` when it does already. */
export function runnerSetStatus(
  set: AutoscalingRunnerSet,
  state: RunnerSetState,
  now: Date,
): StatusWrite | undefined {
  const after: AutoscalingRunnerSetStatus = {
    ...set.status,
    ...counters(state.runners),
    ...(state.propagatedKeys && { propagatedKeys: state.propagatedKeys }),
    phase: state.phase,
    observedGeneration: set.metadata?.generation,
    conditions: conditionsWith(set, state.facts, now),
  };
  return toldStatus(AUTOSCALING_RUNNER_SETS, set, after);
}

/** Copies of the EphemeralRunnerSet's counters, which are coalesced there. */
function counters(runners: EphemeralRunnerSet | undefined): AutoscalingRunnerSetStatus {
  const status = runners?.status;
  if (status === undefined) return {};
  return {
    currentRunners: status.currentReplicas,
    pendingEphemeralRunners: status.pendingEphemeralRunners ?? 0,
    runningEphemeralRunners: status.runningEphemeralRunners ?? 0,
    finishedEphemeralRunners: status.finishedEphemeralRunners ?? 0,
    deletingEphemeralRunners: status.deletingEphemeralRunners ?? 0,
    failedEphemeralRunners: status.failedEphemeralRunners ?? 0,
  };
}
