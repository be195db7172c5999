/** Builders of what GitHub says: statistics, jobs, messages; only what matters appears at the caller. Pure. */
import type {
  CompletedJob,
  Job,
  JobMessage,
  StartedJob,
  Statistics,
} from "../../github/messages.ts";

/** Statistics of a set with so many assigned jobs; the rest is 0 unless given. */
export function statistics(assigned: number, rest: Partial<Statistics> = {}): Statistics {
  return {
    available: 0,
    acquired: 0,
    assigned,
    running: 0,
    registeredRunners: 0,
    busyRunners: 0,
    idleRunners: 0,
    ...rest,
  };
}

export function aJob(jobId: string, rest: Partial<Job> = {}): Job {
  return {
    requestId: 0,
    jobId,
    repositoryName: "widgets",
    ownerName: "octo",
    workflowRef: "octo/widgets/.github/workflows/ci.yml@refs/heads/main",
    displayName: "build",
    workflowRunId: 555,
    eventName: "push",
    labels: ["linux"],
    queuedAt: undefined,
    assignedAt: new Date("2026-01-01T12:00:00Z"),
    startedAt: new Date("2026-01-01T12:00:09Z"),
    finishedAt: undefined,
    ...rest,
  };
}

/** The job that the runner of that name took. */
export function started(runnerName: string, rest: Partial<StartedJob> = {}): StartedJob {
  return { ...aJob(`job-of-${runnerName}`), runnerId: 1, runnerName, ...rest };
}

/** The job that the runner of that name ended. */
export function completed(runnerName: string, rest: Partial<CompletedJob> = {}): CompletedJob {
  return {
    ...started(runnerName),
    result: "succeeded",
    finishedAt: new Date("2026-01-01T12:01:09Z"),
    ...rest,
  };
}

/** A job that was withdrawn before a runner took it. */
export function withdrawn(jobId: string): CompletedJob {
  return {
    ...completed("", { jobId, runnerId: 0, result: "canceled" }),
    startedAt: undefined,
  };
}

export function aMessage(
  messageId: number,
  stats: Statistics,
  rest: Partial<JobMessage> = {},
): JobMessage {
  return {
    messageId,
    statistics: stats,
    available: [],
    assigned: [],
    started: [],
    completed: [],
    unknown: 0,
    ...rest,
  };
}
