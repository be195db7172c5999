/** Whether a runner was given a job, by what the listener wrote. Pure. Whether the job is over is not told there. */
import type { EphemeralRunner } from "../crds/ephemeral_runner.ts";

/**
 * By the job's id, or by the number of its request, which every release of ARC writes: before 0.12 there was no id, and a
 * CRD of that time drops it.
 */
export function hasJob({ status }: Pick<EphemeralRunner, "status">): boolean {
  return (status?.jobId ?? "") !== "" || (status?.jobRequestId ?? 0) > 0;
}
