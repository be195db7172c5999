/**
 * How many of the jobs that GitHub counts are to be believed. Pure. GitHub's statistics scale the set; this knows when
 * they cannot be true: jobs that no idle runner is given (phantom demand, F10), or fewer jobs than messages said wait
 * (F11). Refuses to know calls and runners' names.
 */
import type { JobMessage, Statistics } from "../github/messages.ts";
import {
  hearJobs,
  noJobs,
  openAtLeast,
  openCount,
  type OpenJobs,
  withoutWaiting,
} from "./open_jobs.ts";

export interface Demand {
  /** As GitHub told them last, and when, in ms. */
  readonly statistics: Statistics;
  readonly toldMs: number;
  readonly jobs: OpenJobs;
  /** So many of the assigned jobs are given to no runner. */
  readonly phantom: number;
  /** Assigned jobs that were believed in last. */
  readonly believed: number;
  /** Since when jobs wait without a break, in ms. */
  readonly waitingSinceMs: number | undefined;
  /** When somebody last looked for idle runners, in ms. */
  readonly lookedMs: number;
  readonly suspicion: Suspicion | undefined;
  /** When phantoms are put to the test again, and until when a runner is offered to them, in ms. */
  readonly nextTestMs: number;
  readonly testUntilMs: number;
}

/** Jobs wait beside idle runners. */
interface Suspicion {
  readonly sinceMs: number;
  /** The fewest that waited meanwhile. */
  readonly least: number;
  /** Jobs that began meanwhile. */
  readonly starts: number;
  /** When another session was opened over it, in ms: its statistics are fresh. */
  readonly reopenedMs: number | undefined;
}

/** What a look at the set's runners gave. */
export interface Look {
  /** Runners whose containers run. */
  readonly running: number;
  /** Runners fail one after the other: idle ones are not what they seem. */
  readonly isFailing: boolean;
}

/** Bounds that make a difference here. */
export interface DemandLimits {
  readonly minRunners: number;
  readonly maxRunners: number;
}

const MINUTE = 60_000;
/** Time for a runner to be given a job, before anybody looks, and between looks. */
const LOOK_EVERY_MS = 45_000;
/** After so long another session is opened, and after so long the jobs are no longer believed in. */
const REOPEN_AFTER_MS = 3 * MINUTE;
const DECLARE_AFTER_MS = 6 * MINUTE;
/** Between two tests whether phantoms have become jobs, and how long a test lasts. */
const TEST_EVERY_MS = 30 * MINUTE;
const TEST_MS = 3 * MINUTE;

/** The demand of a set whose first session was opened with these statistics. */
export function openDemand(statistics: Statistics, now: Date): Demand {
  return {
    statistics,
    toldMs: now.getTime(),
    jobs: noJobs(),
    phantom: 0,
    believed: statistics.assigned,
    waitingSinceMs: undefined,
    lookedMs: -Infinity,
    suspicion: undefined,
    nextTestMs: Infinity,
    testUntilMs: -Infinity,
  };
}

/** The demand when a former life of the listener had found phantoms: they are believed to be there still. */
export function inheritPhantoms(demand: Demand, phantoms: number, now: Date): Demand {
  const phantom = Math.min(phantoms, demand.statistics.assigned - demand.statistics.running);
  if (phantom <= 0) return demand;
  return { ...demand, phantom, nextTestMs: now.getTime() + TEST_EVERY_MS };
}

/** Takes in a message, or the opening statistics of another session. */
export function hearDemand(
  demand: Demand,
  news: { readonly statistics: Statistics; readonly message?: JobMessage | undefined },
  options: { readonly now: Date; readonly limits: DemandLimits },
): Demand {
  const { statistics, message } = news;
  const starts = message?.started.length ?? 0;
  const heard = {
    ...demand,
    statistics,
    toldMs: options.now.getTime(),
    jobs: message === undefined ? demand.jobs : hearJobs(demand.jobs, message, options.now),
    phantom: healed(demand, { statistics, starts }),
  };
  return watched(heard, { ...options, starts });
}

/** Assigned jobs to scale by. `holds`: not fewer than before as long as messages say that they wait. */
export function believedJobs(
  demand: Demand,
  options: { readonly now: Date; readonly holds: "as-messages-say" | "nothing" },
): number {
  const { statistics, phantom, testUntilMs, believed } = demand;
  const isTest = options.now.getTime() < testUntilMs;
  const told = Math.max(0, statistics.assigned - Math.max(0, phantom - (isTest ? 1 : 0)));
  if (options.holds === "nothing") return told;
  return Math.max(told, Math.min(believed, openAtLeast(demand.jobs, options.now)));
}

/** Whether somebody should look now how many runners there are, and tell {@link seen}. */
export function wantsLook(demand: Demand, now: Date): boolean {
  const { waitingSinceMs, lookedMs } = demand;
  if (waitingSinceMs === undefined) return false;
  return now.getTime() - Math.max(waitingSinceMs, lookedMs) >= LOOK_EVERY_MS;
}

/** Takes in a look at the runners. */
export function seen(demand: Demand, look: Look, now: Date): Demand {
  const nowMs = now.getTime();
  const busy = Math.max(demand.statistics.running, demand.jobs.running.size);
  const isIdle = !look.isFailing && look.running > busy;
  const fresh = {
    sinceMs: nowMs,
    least: waitingJobs(demand),
    starts: 0,
    reopenedMs: undefined,
  };
  return {
    ...demand,
    lookedMs: nowMs,
    suspicion: isIdle ? demand.suspicion ?? fresh : undefined,
  };
}

export interface Verdict {
  readonly demand: Demand;
  /** `open-again`: another session may know better. */
  readonly advice: "none" | "open-again";
}

/** What follows from the time that has passed. To be asked after every poll. */
export function judge(
  demand: Demand,
  options: { readonly now: Date; readonly limits: DemandLimits },
): Verdict {
  const nowMs = options.now.getTime();
  if (demand.phantom > 0 && nowMs >= demand.nextTestMs) {
    // Idle runners of the minimum are a test that never ends.
    const testUntilMs = options.limits.minRunners > 0 ? -Infinity : nowMs + TEST_MS;
    return {
      demand: { ...demand, nextTestMs: nowMs + TEST_EVERY_MS, testUntilMs },
      advice: "open-again",
    };
  }
  if (isLongUnheard(demand, nowMs)) return { demand, advice: "open-again" };
  const { suspicion } = demand;
  if (suspicion === undefined || !isGrave(suspicion, nowMs)) return { demand, advice: "none" };
  const ageMs = nowMs - suspicion.sinceMs;
  const { reopenedMs = -Infinity } = suspicion;
  if (ageMs >= REOPEN_AFTER_MS && nowMs - reopenedMs >= TEST_EVERY_MS) {
    return {
      demand: { ...demand, suspicion: { ...suspicion, reopenedMs: nowMs } },
      advice: "open-again",
    };
  }
  // Runners that GitHub does not see idle are in trouble of their own: the jobs may be real.
  const isProved = ageMs >= DECLARE_AFTER_MS && demand.statistics.idleRunners > 0;
  return { demand: isProved ? declared(demand, suspicion, nowMs) : demand, advice: "none" };
}

function declared(demand: Demand, { least }: Suspicion, nowMs: number): Demand {
  return {
    ...demand,
    phantom: demand.phantom + least,
    jobs: withoutWaiting(demand.jobs),
    waitingSinceMs: undefined,
    suspicion: undefined,
    nextTestMs: nowMs + TEST_EVERY_MS,
    testUntilMs: -Infinity,
  };
}

/** GitHub counts jobs that no message told of, or whose end was told, and has not counted again for long. */
function isLongUnheard({ jobs, phantom, statistics, toldMs }: Demand, nowMs: number): boolean {
  if (phantom > 0) return false; // they are tested anyway
  return statistics.assigned > openCount(jobs) && nowMs - toldMs >= TEST_EVERY_MS;
}

/** Fewer jobs wait than would begin within a minute as a rule: those are on their way, not stuck. */
function isGrave({ sinceMs, least, starts }: Suspicion, nowMs: number): boolean {
  return least > starts / Math.max(1, (nowMs - sinceMs) / MINUTE);
}

/** Phantoms are no more than the jobs that wait; when one of them begins, all are jobs again. */
function healed(
  { phantom }: Demand,
  { statistics, starts }: { readonly statistics: Statistics; readonly starts: number },
): number {
  const waiting = Math.max(0, statistics.assigned - statistics.running);
  if (waiting >= phantom) return phantom;
  return starts > 0 ? 0 : waiting;
}

function watched(
  demand: Demand,
  options: { readonly now: Date; readonly limits: DemandLimits; readonly starts: number },
): Demand {
  const { now, limits, starts } = options;
  const { statistics, phantom, suspicion } = demand;
  // Beyond the maximum jobs wait as they should.
  const due = Math.min(statistics.assigned - phantom, limits.maxRunners) - statistics.running;
  if (due <= 0) return { ...demand, waitingSinceMs: undefined, suspicion: undefined };
  return {
    ...demand,
    waitingSinceMs: demand.waitingSinceMs ?? now.getTime(),
    suspicion: suspicion && {
      ...suspicion,
      least: Math.min(suspicion.least, waitingJobs(demand)),
      starts: suspicion.starts + starts,
    },
  };
}

function waitingJobs({ statistics, phantom }: Demand): number {
  return Math.max(0, statistics.assigned - statistics.running - phantom);
}
