/** Failures of a set, and when the next replacement may be created: at once the first time, then ever later (B4). Pure. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSetStatus } from "../../crds/ephemeral_runner_set.ts";
import { hasJob } from "../runner_job.ts";
import type { Population } from "./population.ts";

/** A runner that was marked as failed only so that it is replaced is no failure. */
export const REPLACED_ON_PURPOSE = "TemplateChanged";

/** Waits by number of failures in a row, in ms; the last one repeats. */
const DELAYS_MS = [0, 0, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000];

export interface FailureRecord {
  readonly consecutiveFailures: number;
  /** ms since the epoch; `undefined`: never. */
  readonly lastFailureMs: number | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** It holds a failure that was not in the record before. */
  readonly isNew: boolean;
  /** When the row ends by itself if nothing else fails, in ms from now; `undefined`: nothing is under way for that. */
  readonly overInMs: number | undefined;
}

/** One that came after the last failure and has run for so long, in ms, works: every deadline is behind it. */
const LASTING_MS = 900_000;

/**
 * The record after what is seen now. Failures since the recorded one lengthen the row by one, however many came at once;
 * a runner that is younger than the one that failed and has a job, or one that lasts, ends it: some runners fail, but the
 * set works. One that was there before proves nothing of those that come.
 */
export function failureRecord(
  status: EphemeralRunnerSetStatus | undefined,
  population: Population,
  now: Date,
): FailureRecord {
  const recordedMs = timeMs(status?.lastFailureTime);
  const last = [...population.failed, ...population.outdated]
    .filter((runner) => runner.status?.reason !== REPLACED_ON_PURPOSE)
    .map((runner) => ({ runner, atMs: failedAtMs(runner) }))
    .filter(({ atMs }) => recordedMs === undefined || atMs > recordedMs)
    .reduce<Failure | undefined>((a, b) => a === undefined || b.atMs > a.atMs ? b : a, undefined);
  const lastFailureMs = last?.atMs ?? recordedMs;
  const row = (status?.consecutiveFailures ?? 0) + (last === undefined ? 0 : 1);
  const createdMs = (runner: EphemeralRunner) => timeMs(runner.metadata?.creationTimestamp) ?? 0;
  // Creation is known to the second.
  const isLater = (ms: number) => ms + 1_000 > (lastFailureMs ?? 0);
  const isProof = last === undefined ? isLater : (ms: number) => ms > createdMs(last.runner);
  const works = population.running.some((runner) => hasJob(runner) && isProof(createdMs(runner)));
  const later = population.running.map(createdMs).filter(isLater);
  const lastsInMs = later.length === 0
    ? undefined
    : Math.min(...later) + LASTING_MS - now.getTime();
  const isOver = works || (lastsInMs !== undefined && lastsInMs <= 0);
  return {
    consecutiveFailures: isOver ? 0 : row,
    isNew: last !== undefined,
    overInMs: isOver || row === 0 ? undefined : lastsInMs,
    lastFailureMs,
    reason: last === undefined ? status?.lastFailureReason : last.runner.status?.reason,
    message: last === undefined ? status?.lastFailureMessage : last.runner.status?.message,
  };
}

interface Failure {
  readonly runner: EphemeralRunner;
  readonly atMs: number;
}

/** How much longer the next replacement has to wait, in ms; 0: it may be created. */
export function replacementDelayMs(record: FailureRecord, now: Date): number {
  if (record.lastFailureMs === undefined) return 0;
  const { consecutiveFailures: row } = record;
  const wait = DELAYS_MS[Math.min(row, DELAYS_MS.length - 1)] ?? 0;
  return Math.max(0, record.lastFailureMs + wait - now.getTime());
}

/** When a runner failed; for one that another controller marked: when it was created. */
export function failedAtMs(runner: EphemeralRunner): number {
  const times = Object.values(runner.status?.failures ?? {}).flatMap((time) => timeMs(time) ?? []);
  // By our clock where we marked it: the API server's may be minutes ahead.
  return times.length > 0 ? Math.max(...times) : timeMs(runner.metadata?.creationTimestamp) ?? 0;
}

function timeMs(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}
