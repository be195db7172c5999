/** The reconciler of EphemeralRunnerSets, put together. */
import type { Reconciler } from "../reconcile/reconciler.ts";
import {
  type EphemeralRunnerSetSources,
  type ObservedEphemeralRunnerSet,
  observeEphemeralRunnerSet,
} from "./observe.ts";
import { planEphemeralRunnerSet, setStatusAfterFailure } from "./plan.ts";

/** Serves EphemeralRunnerSets: as many runners as the listener ordered. */
export function ephemeralRunnerSetReconciler(
  sources: EphemeralRunnerSetSources,
): Reconciler<ObservedEphemeralRunnerSet> {
  return {
    name: "ephemeralrunnerset",
    observe: (key) => Promise.resolve(observeEphemeralRunnerSet(sources, key)),
    plan: planEphemeralRunnerSet,
    afterFailure: (observed, _thrown, now) => setStatusAfterFailure(observed, now),
  };
}
