/** What the queue says, in domain words. Pure. Wire names end here. */

/** Always of the whole scale set at the time of the answer; never a delta. */
export interface Statistics {
  /** Matching jobs that can still be acquired. */
  readonly available: number;
  /** Acquired, not yet assigned. */
  readonly acquired: number;
  /** Assigned and not finished: waiting for a runner or running. The only input of scaling. */
  readonly assigned: number;
  readonly running: number;
  readonly registeredRunners: number;
  readonly busyRunners: number;
  readonly idleRunners: number;
}

/** A job as messages describe it. Times are `undefined` when unset on the wire (null, absent, or year 1). */
export interface Job {
  /** 0 on the newer backend of github.com; identify jobs by `jobId`. */
  readonly requestId: number;
  readonly jobId: string;
  readonly repositoryName: string;
  readonly ownerName: string;
  readonly workflowRef: string;
  readonly displayName: string;
  readonly workflowRunId: number;
  readonly eventName: string;
  readonly labels: readonly string[];
  readonly queuedAt: Date | undefined;
  readonly assignedAt: Date | undefined;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
}

export interface StartedJob extends Job {
  readonly runnerId: number;
  readonly runnerName: string;
}

export interface CompletedJob extends StartedJob {
  /** `succeeded`, `failed`, `canceled`, or a word that is newer than this code. */
  readonly result: string;
}

/** One message of the queue: up to 50 things that happened, and the statistics. */
export interface JobMessage {
  readonly messageId: number;
  readonly statistics: Statistics;
  readonly available: readonly Job[];
  readonly assigned: readonly Job[];
  readonly started: readonly StartedJob[];
  readonly completed: readonly CompletedJob[];
  /** How many entries were of a kind unknown to us; counted, not fatal. */
  readonly unknown: number;
}
