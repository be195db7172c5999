/** The controller's part of a runner's status; the job facts beside it are the listener's. Pure. */
import {
  EPHEMERAL_RUNNERS,
  type EphemeralRunner,
  type EphemeralRunnerStatus,
} from "../../crds/ephemeral_runner.ts";
import { keyOf } from "../../kube/types.ts";
import { mergePatch } from "../../lib/json.ts";
import type { StatusWrite } from "../reconcile/reconciler.ts";

/** The write that makes the stored status say `change`; `undefined` when it does already. */
export function runnerStatus(
  runner: EphemeralRunner,
  change: Partial<EphemeralRunnerStatus>,
): StatusWrite | undefined {
  const before = runner.status ?? {};
  const patch = mergePatch(before, { ...before, ...change });
  if (patch === undefined) return undefined;
  return { type: EPHEMERAL_RUNNERS, key: keyOf(runner), patch, delayMs: 0 };
}
