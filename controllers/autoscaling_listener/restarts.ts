/** When a listener that ended by itself may start again: at once the first time, then ever later (B10). Pure. */
import type { AutoscalingListenerStatus } from "../../crds/autoscaling_listener.ts";
import { CONTAINERS } from "../../crds/group.ts";
import type { Pod } from "../../kube/types.ts";

/** Waits by number of short lives in a row, in ms; the last one repeats. */
const DELAYS_MS = [0, 2_000, 5_000, 10_000, 20_000, 40_000, 60_000];
/** A listener that lasted this long starts afresh. */
const LONG_LIFE_MS = 600_000;

/** How much longer the next start has to wait, in ms; 0: it may start. */
export function restartDelayMs(status: AutoscalingListenerStatus | undefined, now: Date): number {
  const restarts = status?.restarts ?? 0;
  const last = Date.parse(status?.lastRestartTime ?? "");
  if (restarts === 0 || Number.isNaN(last)) return 0;
  const wait = DELAYS_MS[Math.min(restarts - 1, DELAYS_MS.length - 1)] ?? 0;
  return Math.max(0, last + wait - now.getTime());
}

export interface Termination {
  readonly message: string;
  /** Short lives in a row, this one included. */
  readonly restarts: number;
}

/** How the listener's container ended, or that its pod was evicted; `undefined`: neither. */
export function terminationOf(
  pod: Pod,
  status: AutoscalingListenerStatus | undefined,
  now: Date,
): Termination | undefined {
  const ended = pod.status?.containerStatuses
    ?.find((container) => container.name === CONTAINERS.listener)?.state?.terminated;
  const phase = pod.status?.phase;
  const failed = phase === "Failed" || phase === "Succeeded" || pod.status?.reason === "Evicted";
  if (ended === undefined && !failed) return undefined;
  const lifeMs = now.getTime() - Date.parse(pod.metadata?.creationTimestamp ?? now.toISOString());
  const restarts = lifeMs > LONG_LIFE_MS ? 1 : (status?.restarts ?? 0) + 1;
  const how = ended === undefined
    ? `Its pod ended: ${pod.status?.reason ?? phase ?? ""} ${pod.status?.message ?? ""}`.trim()
    : `Its container ended with exit code ${ended.exitCode}${
      ended.reason ? ` (${ended.reason})` : ""
    }`;
  return { message: how, restarts };
}
