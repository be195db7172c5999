/** The controller's part of a runner's status; the job facts beside it are the listener's. Pure. */
import {
  EPHEMERAL_RUNNERS,
  type EphemeralRunner,
  type EphemeralRunnerStatus,
} from "../../crds/ephemeral_runner.ts";
import { keyOf } from "../../kube/types.ts";
import { mergePatch } from "../../lib/json.ts";
import { CONDITIONS, conditionsWith, type Fact } from "../conditions.ts";
import type { StatusWrite } from "../reconcile/reconciler.ts";

/** A pod that is about to run is told of only when it takes longer than this, in ms: most run before. */
const STARTING_MS = 1_000;

/**
 * The write that makes the stored status say `change`; `undefined` when it does already. The condition Ready says the same
 * in its own way, so it is no reason to write: it goes along.
 */
export function runnerStatus(
  runner: EphemeralRunner,
  change: Partial<EphemeralRunnerStatus>,
  now: Date,
): StatusWrite | undefined {
  const before = runner.status ?? {};
  const after = { ...before, ...change };
  if (mergePatch(before, after) === undefined) return undefined;
  const conditions = conditionsWith(runner, [readiness(after)], now);
  const patch = mergePatch(before, { ...after, conditions });
  const isStarting = after.phase === "Pending" && after.reason === undefined;
  return {
    type: EPHEMERAL_RUNNERS,
    key: keyOf(runner),
    patch,
    delayMs: isStarting ? STARTING_MS : 0,
  };
}

function readiness({ ready, phase, reason, message = "" }: EphemeralRunnerStatus): Fact {
  const isReady = ready === true && phase === "Running";
  return {
    type: CONDITIONS.ready,
    status: isReady ? "True" : "False",
    reason: isReady ? "PodReady" : word(reason) ?? (phase === "Running" ? "NotReady" : "Starting"),
    message: isReady ? "" : message,
  };
}

/** The reason when it is one that a condition may have. */
function word(reason: string | undefined): string | undefined {
  return reason !== undefined && /^[A-Za-z][\w,:]*$/.test(reason) ? reason : undefined;
}
