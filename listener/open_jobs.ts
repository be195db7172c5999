/**
 * Which jobs messages said are assigned and not over. Pure. Whatever is told twice, late or in another order counts once;
 * refuses to know statistics, which scaling goes by.
 */
import type { CompletedJob, Job, JobMessage } from "../github/messages.ts";

/** An assignment of a job to this set. A job may be withdrawn and assigned anew. */
interface Assignment {
  /** When GitHub made it, in ms; 0 when it does not say. */
  readonly madeMs: number;
  /** When we heard of it, in ms. */
  readonly heardMs: number;
}

/** All by the id of the job. */
export interface OpenJobs {
  readonly waiting: ReadonlyMap<string, Assignment>;
  readonly running: ReadonlySet<string>;
  /** The latest assignment that is over, in ms; `Infinity`: the job itself is. */
  readonly over: ReadonlyMap<string, number>;
}

/** More are not remembered of any kind, the newest stay. */
const MAX_JOBS = 8192;
/** An assignment that was not heard of for so long, in ms, may have ended without a word. */
const FRESH_MS = 45 * 60_000;

/** Before the first message. */
export function noJobs(): OpenJobs {
  return { waiting: new Map(), running: new Set(), over: new Map() };
}

/** Takes in what a message says. Entries without an id say nothing. */
export function hearJobs(jobs: OpenJobs, message: JobMessage, now: Date): OpenJobs {
  const { assigned, started, completed } = message;
  if (assigned.length + started.length + completed.length === 0) return jobs;
  const waiting = new Map(jobs.waiting);
  const running = new Set(jobs.running);
  const over = new Map(jobs.over);
  for (const job of assigned) {
    const madeMs = madeAt(job);
    if (job.jobId === "" || running.has(job.jobId)) continue;
    if (madeMs <= (over.get(job.jobId) ?? -1)) continue;
    waiting.set(job.jobId, { madeMs, heardMs: now.getTime() });
  }
  for (const { jobId } of started) {
    waiting.delete(jobId);
    if (jobId !== "" && over.get(jobId) !== Infinity) running.add(jobId);
  }
  for (const job of completed) {
    const { jobId } = job;
    const endedMs = isWithdrawal(job) ? madeAt(job) : Infinity;
    over.set(jobId, Math.max(endedMs, over.get(jobId) ?? -1));
    if ((waiting.get(jobId)?.madeMs ?? Infinity) <= endedMs) waiting.delete(jobId);
    if (endedMs === Infinity) running.delete(jobId);
  }
  return { waiting: newest(waiting), running: new Set(newest(running)), over: newest(over) };
}

/** Jobs that messages told of and that are not over. */
export function openCount({ waiting, running }: OpenJobs): number {
  return waiting.size + running.size;
}

/** So many jobs are assigned, messages say, while some of them still wait; 0 when none waits. */
export function openAtLeast(jobs: OpenJobs, now: Date): number {
  let fresh = 0;
  for (const { heardMs } of jobs.waiting.values()) {
    if (now.getTime() - heardMs <= FRESH_MS) fresh++;
  }
  return fresh === 0 ? 0 : fresh + jobs.running.size;
}

/** Without the jobs that wait: nobody believes in them any more. */
export function withoutWaiting(jobs: OpenJobs): OpenJobs {
  return { ...jobs, waiting: new Map() };
}

/** No runner took it: it may be assigned anew under the same id. */
function isWithdrawal({ runnerName }: CompletedJob): boolean {
  return runnerName === "";
}

function madeAt({ assignedAt }: Job): number {
  return assignedAt?.getTime() ?? 0;
}

function newest<T extends ReadonlyMap<string, unknown> | ReadonlySet<string>>(all: T): T {
  if (all.size <= MAX_JOBS) return all;
  const kept = [...all].slice(all.size - MAX_JOBS);
  return (all instanceof Map
    ? new Map(kept as [string, unknown][])
    : new Set(kept as string[])) as unknown as T;
}
