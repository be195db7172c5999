/**
 * What is written of a runner that failed, or for which there is no room. Pure. Spec: §10; B4, F22. Knows how it is told,
 * not what counts as a failure.
 */
import { type EphemeralRunnerStatus, RUNNER_REASONS } from "../../crds/ephemeral_runner.ts";
import type { Happened } from "../../kube/events.ts";
import { isDeleting } from "../../kube/meta.ts";
import type { Plan, StatusWrite } from "../reconcile/reconciler.ts";
import type { Step } from "../reconcile/step.ts";
import type { ObservedRunner } from "./observe.ts";
import type { Trouble } from "./pod_troubles.ts";
import { runnerStatus } from "./status.ts";

/** A warning about the runner. Its set tells of failures too; this one goes with the object. */
export function event({ runner }: ObservedRunner, { reason, message }: Trouble): Step {
  const happened: Happened = { about: runner, type: "Warning", reason, note: message };
  return { do: "record-event", ...happened };
}

/** The reason is stored before anything of the runner goes; its set counts it as lost and replaces it (B4). */
export function fail(
  observed: ObservedRunner,
  now: Date,
  how: Pick<EphemeralRunnerStatus, "reason" | "message"> & { phase: "Failed" | "Outdated" },
): Plan {
  const { runner, pod } = observed;
  const { reason = how.phase, message = "" } = how;
  return {
    because: how.phase === "Outdated" ? "GitHub refused its version" : "The runner failed",
    steps: [event(observed, { reason, message })],
    status: runnerStatus(runner, {
      phase: how.phase,
      reason: how.reason,
      message: how.message,
      ready: false,
      runnerId: observed.runnerId,
      runnerName: runner.metadata?.name,
      failures: {
        ...runner.status?.failures,
        [pod?.metadata?.uid ?? runner.metadata?.uid ?? ""]: now.toISOString(),
      },
    }, now),
  };
}

/** There is no room for its pod now; it waits, as the only one of its set that asks from time to time (F22). */
export function runnerWithoutRoom(
  observed: ObservedRunner,
  message: string,
  now: Date,
): StatusWrite | undefined {
  if (isDeleting(observed.runner) || observed.pod !== undefined) return undefined;
  return runnerStatus(observed.runner, {
    reason: RUNNER_REASONS.quotaExceeded,
    message,
    ready: false,
  }, now);
}

/** What passes within this time, in ms, is not worth telling. */
const REGISTRATION_MS = 60_000;

/** GitHub does not let it register. Told once: what GitHub says changes with every call. */
export function runnerWithoutRegistration(
  { runner, pod }: ObservedRunner,
  message: string,
  now: Date,
): StatusWrite | undefined {
  const reason = RUNNER_REASONS.notRegistered;
  const ageMs = now.getTime() - Date.parse(runner.metadata?.creationTimestamp ?? "");
  const isTold = runner.status?.reason === reason;
  if (isDeleting(runner) || pod !== undefined || isTold || !(ageMs >= REGISTRATION_MS)) {
    return undefined;
  }
  return runnerStatus(runner, {
    reason,
    message: `The runner cannot be registered: ${message}`,
    ready: false,
  }, now);
}

/** The API server will never take this pod; another one of the same template has to wait for its turn. */
export function runnerAfterRefusal(
  observed: ObservedRunner,
  message: string,
  now: Date,
): StatusWrite | undefined {
  if (isDeleting(observed.runner) || observed.pod !== undefined) return undefined;
  return fail(observed, now, {
    phase: "Failed",
    reason: "InvalidPod",
    message: `Failed to create the pod: ${message}`,
  }).status;
}
