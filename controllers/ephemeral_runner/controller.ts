/** The reconciler of EphemeralRunners, put together. */
import { isDeniedByAdmission, isInvalid, isQuotaExceeded } from "../../kube/errors.ts";
import { advice } from "../../github/errors.ts";
import { errorCode, messageOf } from "../../lib/errors.ts";
import type { Reconciler, StatusWrite } from "../reconcile/reconciler.ts";
import { runnerAfterRefusal, runnerWithoutRegistration, runnerWithoutRoom } from "./failure.ts";
import { type ObservedRunner, observeRunner, type RunnerSources } from "./observe.ts";
import { planRunner } from "./plan.ts";

/** Serves EphemeralRunners: one registration, one Secret, one pod each. */
export function runnerReconciler(sources: RunnerSources): Reconciler<ObservedRunner> {
  return {
    name: "ephemeralrunner",
    observe: (key) => Promise.resolve(observeRunner(sources, key)),
    plan: planRunner,
    afterFailure,
  };
}

function afterFailure(
  observed: ObservedRunner,
  thrown: unknown,
  now: Date,
): StatusWrite | undefined {
  if (isQuotaExceeded(thrown)) return runnerWithoutRoom(observed, messageOf(thrown), now);
  if (errorCode(thrown).startsWith("github_")) {
    return runnerWithoutRegistration(observed, advice(thrown), now);
  }
  return isInvalid(thrown) || isDeniedByAdmission(thrown)
    ? runnerAfterRefusal(observed, messageOf(thrown), now)
    : undefined;
}
