/**
 * Whether a run is at rest, and if not, what it waits for, in words. Pure: a decision about one moment; how long nothing
 * has moved is for the caller to measure.
 */

/** One runner set at a moment, both sides of it. */
export interface SetState {
  readonly name: string;
  readonly min: number;
  /** The scale set exists at GitHub and its listener holds a session. */
  readonly isRegistered: boolean;
  readonly isListening: boolean;
  /** All EphemeralRunners, and those that are ready without a job. */
  readonly total: number;
  readonly idle: number;
  readonly pending: number;
  /** Jobs that wait for a runner of this set. */
  readonly waitingJobs: number;
  /** Messages of the set's false conditions. */
  readonly complaints: readonly string[];
}

/** Whether jobs can be queued: every set is registered and listened to, and its warm runners wait. */
export function isReady(sets: readonly SetState[]): boolean {
  return sets.every((set) => set.isRegistered && set.isListening && set.idle >= set.min);
}

/** Whether nothing is left to do: every job is done and every set is back at its minimum, warm runners ready. */
export function isIdle(
  sets: readonly SetState[],
  jobs: { readonly open: number; readonly isMoreToCome: boolean },
): boolean {
  return !jobs.isMoreToCome && jobs.open === 0 &&
    sets.every((set) => set.total === set.min && set.idle === set.min);
}

/** Grows as sets come nearer to being ready. */
export function readiness(sets: readonly SetState[]): number {
  return sets.reduce(
    (sum, set) =>
      sum + Number(set.isRegistered) + Number(set.isListening) + Math.min(set.idle, set.min),
    0,
  );
}

/** What is missing, one sentence per set that is not at rest. */
export function whatIsMissing(sets: readonly SetState[]): readonly string[] {
  return sets.flatMap((set) => {
    const missing = missingIn(set);
    if (missing === undefined) return [];
    const complaint = set.complaints.length === 0 ? "" : ` (${set.complaints.join("; ")})`;
    return [`set "${set.name}" ${missing}${complaint}`];
  });
}

function missingIn(set: SetState): string | undefined {
  if (!set.isRegistered) return "is not registered at GitHub";
  if (!set.isListening) return "has no listener with a session";
  if (set.waitingJobs > 0) {
    return `has ${set.waitingJobs} jobs that wait for a runner; ` +
      `of its ${set.total} runners ${set.pending} are pending`;
  }
  if (set.total > set.min) return `still has ${set.total} runners, its minimum is ${set.min}`;
  if (set.idle < set.min) return `has ${set.idle} idle runners, its minimum is ${set.min}`;
  return undefined;
}
