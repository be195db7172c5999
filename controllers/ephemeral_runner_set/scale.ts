/**
 * The patchID contract between listener and controller: how many runners to create, how many idle ones to let go. Pure.
 * Spec: §9.1; `listener/decide.ts` is the other side; decision 11 on what is exact.
 *
 * | patchID | fewer than replicas | more than replicas |
 * | --- | --- | --- |
 * | 0: exactly so many | create the difference | retire idle ones |
 * | not served yet | create the difference | nothing: finished ones may not be noticed yet |
 * | served | replace failed ones only: finished ones are replaced when the listener says so | exact: retire those long idle |
 */
import type { ServedDecision } from "../reconcile/step.ts";

export interface ScaleInputs {
  readonly wanted: ServedDecision;
  /** What was carried out last; `undefined`: no record, so another controller was here. */
  readonly served: ServedDecision | undefined;
  /** Runners that the decision counts on: those with a job, and those that can take one now or soon. */
  readonly capacity: number;
  /** Runners that are there, also those whose job is over: never more than `replicas` once some were created. */
  readonly present: number;
  /** The listener tells which runners completed, so that {@link capacity} is exact; false for ARC's. */
  readonly exact: boolean;
  /** The highest patch id that any runner was created under; 0: none. */
  readonly latestPatchId: number;
  /** Failed runners that still have to be replaced. */
  readonly toReplace: number;
}

export interface Scale {
  readonly create: number;
  /** Wanted too, but there is no room until runners that are done have gone. */
  readonly later: number;
  readonly retire: number;
  /** Whom {@link retire} may choose from: any idle runner, or only those that had time to get a job. */
  readonly patience: "none" | "long-idle";
}

/** How many to create and how many to let go; never both. */
export function scaleOf(inputs: ScaleInputs): Scale {
  const { wanted, capacity, present, toReplace } = inputs;
  const served = wanted.patchId !== 0 && isServed(inputs);
  const missing = Math.max(0, wanted.replicas - capacity);
  const due = served ? Math.min(missing, toReplace) : missing;
  const create = Math.min(due, Math.max(0, wanted.replicas - present));
  const surplus = Math.max(0, capacity - wanted.replicas);
  const retire = wanted.patchId === 0 || (served && inputs.exact) ? surplus : 0;
  return {
    create,
    later: due - create,
    retire,
    patience: wanted.patchId === 0 ? "none" : "long-idle",
  };
}

/**
 * With another controller's or another listener's objects ARC's rule holds: a runner of that id exists, so the batch was
 * served. It is not exact, and that listener makes up for it by repeating itself.
 */
function isServed({ wanted, served, latestPatchId, exact }: ScaleInputs): boolean {
  if (!exact || served === undefined) return wanted.patchId === latestPatchId;
  return served.patchId === wanted.patchId && served.replicas === wanted.replicas;
}
