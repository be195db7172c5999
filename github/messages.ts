/** What the queue says, in domain words. Pure. Wire names end here. */
import {
  BadShape,
  integerOf,
  listOf,
  member,
  type Members,
  membersOf,
  textOf,
  timeOf,
} from "./decode.ts";
import { GitHubError } from "./errors.ts";

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

/** A job that a runner took; id 0 and no name when it ended without one. */
export interface StartedJob extends Job {
  readonly runnerId: number;
  readonly runnerName: string;
}

/** A job that is over, or was withdrawn before a runner took it. */
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

/** The only kind of envelope that the queue of a scale set carries. */
const ENVELOPE = "RunnerScaleSetJobMessages";

/**
 * A message as a poll answers it (decoded JSON). Entries of an unknown kind, and entries that make no sense, are counted
 * in `unknown`: one of them must not hold up the queue for ever. A wrong envelope is `GitHubError` "github_bad_answer".
 * Source: spec github-protocol.md §9.2, §9.3.
 */
export function decodeMessage(value: unknown): JobMessage {
  return orBadAnswer("message", () => {
    const envelope = membersOf(value, "message");
    const kind = textOf(envelope, "messageType");
    if (kind !== ENVELOPE) throw new BadShape(`"messageType" is not ${ENVELOPE}`);
    const statistics = statisticsOf(member(envelope, "statistics"));
    return {
      messageId: integerOf(envelope, "messageId"),
      statistics,
      ...sorted(entriesOf(textOf(envelope, "body"))),
    };
  });
}

/** The statistics of a scale set (decoded JSON); absent counts are 0. Throws `GitHubError` "github_bad_answer". */
export function decodeStatistics(value: unknown): Statistics {
  return orBadAnswer("statistics", () => statisticsOf(value));
}

function statisticsOf(value: unknown): Statistics {
  const counts = membersOf(value, "statistics");
  return {
    available: integerOf(counts, "totalAvailableJobs"),
    acquired: integerOf(counts, "totalAcquiredJobs"),
    assigned: integerOf(counts, "totalAssignedJobs"),
    running: integerOf(counts, "totalRunningJobs"),
    registeredRunners: integerOf(counts, "totalRegisteredRunners"),
    busyRunners: integerOf(counts, "totalBusyRunners"),
    idleRunners: integerOf(counts, "totalIdleRunners"),
  };
}

/** `body` is text that holds a JSON array; empty text is an empty array. */
function entriesOf(body: string): readonly unknown[] {
  if (body === "") return [];
  const entries = parsed(body);
  if (!Array.isArray(entries)) throw new BadShape('"body" is not the text of a list');
  return entries;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Entries = Pick<JobMessage, "available" | "assigned" | "started" | "completed" | "unknown">;

function sorted(entries: readonly unknown[]): Entries {
  const available: Job[] = [];
  const assigned: Job[] = [];
  const started: StartedJob[] = [];
  const completed: CompletedJob[] = [];
  let unknown = 0;
  for (const entry of entries) {
    try {
      const members = membersOf(entry, "entry");
      const kind = textOf(members, "messageType");
      if (kind === "JobAvailable") available.push(jobOf(members));
      else if (kind === "JobAssigned") assigned.push(jobOf(members));
      else if (kind === "JobStarted") started.push(startedOf(members));
      else if (kind === "JobCompleted") {
        completed.push({ ...startedOf(members), result: textOf(members, "result") });
      } else unknown++;
    } catch (thrown) {
      if (!(thrown instanceof BadShape)) throw thrown;
      unknown++;
    }
  }
  return { available, assigned, started, completed, unknown };
}

function startedOf(members: Members): StartedJob {
  return {
    ...jobOf(members),
    runnerId: integerOf(members, "runnerId"),
    runnerName: textOf(members, "runnerName"),
  };
}

function jobOf(members: Members): Job {
  return {
    requestId: integerOf(members, "runnerRequestId"),
    jobId: textOf(members, "jobId"),
    repositoryName: textOf(members, "repositoryName"),
    ownerName: textOf(members, "ownerName"),
    workflowRef: textOf(members, "jobWorkflowRef"),
    displayName: textOf(members, "jobDisplayName"),
    workflowRunId: integerOf(members, "workflowRunId"),
    eventName: textOf(members, "eventName"),
    labels: listOf(members, "requestLabels").filter((label) => typeof label === "string"),
    queuedAt: timeOf(members, "queueTime"),
    assignedAt: timeOf(members, "scaleSetAssignTime"),
    startedAt: timeOf(members, "runnerAssignTime"),
    finishedAt: timeOf(members, "finishTime"),
  };
}

function orBadAnswer<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof BadShape)) throw thrown;
    throw new GitHubError("github_bad_answer", `Cannot read ${what}: ${thrown.message}`);
  }
}
