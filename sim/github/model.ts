/**
 * What the simulated GitHub remembers. Records only: they are changed by the job engine and by the stores that own
 * them, never by a handler of a call.
 */
import type { Fifo } from "./job_board.ts";
import type { MessageQueue } from "./message_queue.ts";
import type { Cancel } from "./waits.ts";

export type JobState = "queued" | "available" | "assigned" | "running" | "completed";
export type JobResult = "succeeded" | "failed" | "canceled";

export interface Job {
  readonly jobId: string;
  /** Unique and positive, whatever the back end shows on the wire. */
  readonly requestId: number;
  readonly scope: string | undefined;
  readonly owner: string;
  readonly repository: string;
  readonly displayName: string;
  readonly workflowRunId: number;
  readonly labels: readonly string[];
  readonly durationMs: number;
  /** What the runner will report if nothing goes wrong. */
  readonly plannedResult: JobResult;
  readonly queuedAt: Date;
  state: JobState;
  /** How often it was assigned, withdrawals included. */
  assignments: number;
  isCancelRequested: boolean;
  assignedAt?: Date | undefined;
  startedAt?: Date | undefined;
  finishedAt?: Date | undefined;
  result?: JobResult | undefined;
  scaleSet?: ScaleSet | undefined;
  agent?: Agent | undefined;
  cancelPickupAlarm?: Cancel | undefined;
  /** Sets that were told that the job is available (pipelines back end). */
  readonly offeredTo: Set<ScaleSet>;
}

export interface Agent {
  readonly id: number;
  readonly name: string;
  readonly scaleSet: ScaleSet;
  /** What its runner proves itself with. */
  readonly credential: string;
  readonly createdAt: Date;
  /** `registered`: no runner has used the JIT config yet. */
  state: "registered" | "online" | "offline" | "gone";
  job?: Job | undefined;
  /** Calls of its runner that are open now. */
  openCalls: number;
  /** Ends the call of its runner that is held now. */
  wake?: (() => void) | undefined;
  cancelLostAlarm?: Cancel | undefined;
}

export interface Session {
  readonly id: string;
  readonly ownerName: string;
  readonly scaleSet: ScaleSet;
  queueToken: string;
  lastSeenMs: number;
  /** The poll in progress. */
  held?: { readonly capacity: number; readonly cursor: number; end(): void } | undefined;
}

export interface ScaleSet {
  readonly id: number;
  readonly scope: string;
  readonly createdAt: Date;
  name: string;
  runnerGroupId: number;
  labels: readonly { readonly type: string; readonly name: string }[];
  disableUpdate: boolean;
  isGone: boolean;
  session?: Session | undefined;
  readonly queue: MessageQueue;
  readonly agents: Set<Agent>;
  /** Agents that are online without a job, longest waiting first. */
  readonly idle: Set<Agent>;
  /** Assigned jobs without a runner, oldest first; may hold jobs that have moved on. */
  readonly waiting: Fifo<Job>;
  /** Counted as things happen, so that no statistics need a scan. */
  readonly counts: { available: number; assigned: number; running: number; online: number };
  isFlushDue: boolean;
}

/** The seven numbers that go with every message, as on the wire. */
export interface Statistics {
  readonly totalAvailableJobs: number;
  readonly totalAcquiredJobs: number;
  readonly totalAssignedJobs: number;
  readonly totalRunningJobs: number;
  readonly totalRegisteredRunners: number;
  readonly totalBusyRunners: number;
  readonly totalIdleRunners: number;
}

/**
 * The statistics of a set now. Registered runners are those online: an agent that has not connected yet, or whose
 * runner is gone, does not count (the live service's choice is unknown).
 */
export function statisticsOf(set: ScaleSet): Statistics {
  const { available, assigned, running, online } = set.counts;
  const idle = set.idle.size;
  return {
    totalAvailableJobs: available,
    totalAcquiredJobs: 0,
    totalAssignedJobs: assigned,
    totalRunningJobs: running,
    totalRegisteredRunners: online,
    totalBusyRunners: online - idle,
    totalIdleRunners: idle,
  };
}
