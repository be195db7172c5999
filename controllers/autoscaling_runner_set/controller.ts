/** The reconciler of AutoscalingRunnerSets, put together. */
import { advice } from "../../github/errors.ts";
import { errorCode } from "../../lib/errors.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import { type ObservedRunnerSet, observeRunnerSet, type RunnerSetSources } from "./observe.ts";
import { planRunnerSet, runnerSetAfterFailure } from "./plan.ts";

/** Serves AutoscalingRunnerSets: the scale set at GitHub, and the two objects that follow from it. */
export function runnerSetReconciler(sources: RunnerSetSources): Reconciler<ObservedRunnerSet> {
  return {
    name: "autoscalingrunnerset",
    observe: (key, signal) => observeRunnerSet(sources, key, signal),
    plan: planRunnerSet,
    afterFailure: (observed, thrown, now) =>
      runnerSetAfterFailure(
        observed,
        { code: errorCode(thrown), message: advice(thrown) },
        now,
      ),
  };
}
