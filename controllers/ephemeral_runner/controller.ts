/** The reconciler of EphemeralRunners, put together. */
import { isDeniedByAdmission, isInvalid } from "../../kube/errors.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import { type ObservedRunner, observeRunner, type RunnerSources } from "./observe.ts";
import { planRunner, runnerAfterRefusal } from "./plan.ts";

export function runnerReconciler(sources: RunnerSources): Reconciler<ObservedRunner> {
  return {
    name: "ephemeralrunner",
    observe: (key) => Promise.resolve(observeRunner(sources, key)),
    plan: planRunner,
    afterFailure: (observed, thrown, now) =>
      isInvalid(thrown) || isDeniedByAdmission(thrown)
        ? runnerAfterRefusal(observed, messageOf(thrown), now)
        : undefined,
  };
}
