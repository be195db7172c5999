/**
 * Whether GitHub knows the runners of a set and sees them online (B11): when to ask, whom to replace. Pure. One with a job
 * goes only when GitHub, asked twice and by its name, does not know it: GitHub has the last word on every one.
 */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { isDeleting } from "../../kube/meta.ts";
import { keyOf } from "../../kube/types.ts";
import { formatDuration } from "../../lib/duration.ts";
import { gitHubTarget } from "../github_target.ts";
import type { Plan } from "../reconcile/reconciler.ts";
import type { Step } from "../reconcile/step.ts";
import { hasJob } from "../runner_job.ts";
import type { ListingRecord } from "./listings.ts";

/** Spans in ms. */
export interface VerificationLimits {
  /** From the start of the runner's container until GitHub sees it online; 0: no limit. */
  readonly registerMs: number;
  /** How long one that was online may be offline; 0: no limit. */
  readonly offlineMs: number;
  /** How often the runners of a set are looked up; 0: never. */
  readonly checkMs: number;
}

/** A runner that runs, and whose job is not over by the listener's word. */
export interface LiveRunner {
  readonly runner: EphemeralRunner;
  /** When its container began to run, in ms since the epoch. */
  readonly sinceMs: number;
}

export interface ObservedVerification {
  readonly set: EphemeralRunnerSet;
  readonly runners: readonly LiveRunner[];
  /** `undefined`: GitHub was not asked yet. */
  readonly record: ListingRecord | undefined;
  readonly limits: VerificationLimits;
}

/** GitHub is not asked more often than this for one set, in ms. */
const NOT_BEFORE_MS = 120_000;
/** One listing alone proves neither that a runner will never come online, nor that its job is over. */
const SECOND_LOOK_MS = 60_000;
/** How soon to look at what was learned, in ms. */
const AT_ONCE_MS = 1;

/** Total: whatever was observed has a plan. When in doubt, the runner stays. */
export function planVerification(observed: ObservedVerification, now: Date): Plan {
  const { set, runners, limits } = observed;
  if (isDeleting(set) || limits.checkMs === 0 || runners.length === 0) {
    return { because: "There is no runner to look up", steps: [] };
  }
  const leftMs = dueAtMs(observed) - now.getTime();
  if (leftMs <= 0) {
    return {
      because: "GitHub is asked about the runners",
      steps: [{
        do: "list-runners",
        target: targetOf(set),
        uid: set.metadata?.uid ?? "",
        session: set.spec?.listenerSession,
        names: runners.map(({ runner }) => keyOf(runner).name),
      }],
      lookAgainMs: AT_ONCE_MS,
    };
  }
  const steps = runners.flatMap((one) => replaceStep(observed, one));
  return {
    because: steps.length === 0
      ? "GitHub sees the runners as they should be"
      : "GitHub does not see runners that it should",
    steps: steps.length === 0 ? [] : [steps],
    lookAgainMs: leftMs,
  };
}

/** When to ask next, in ms since the epoch: runners come of age, the last look grows old, the session is a new one. */
function dueAtMs({ set, runners, record, limits }: ObservedVerification): number {
  const { checkMs, registerMs } = limits;
  const ofAgeMs = Math.min(...runners.map(({ sinceMs }) => sinceMs + (registerMs || checkMs)));
  if (record === undefined) return ofAgeMs;
  const { absentSince, listing, offlineSince, seenOnline } = record;
  const floorMs = listing.askedMs + NOT_BEFORE_MS;
  const times = [listing.atMs + checkMs * (0.75 + listing.jitter / 2)];
  for (const { runner, sinceMs } of runners) {
    const { name } = keyOf(runner);
    const youngMs = sinceMs + (registerMs || checkMs);
    if (youngMs > listing.atMs) times.push(youngMs);
    const offlineMs = offlineSince.get(name);
    if (offlineMs !== undefined) times.push(offlineMs + patienceMs(seenOnline.has(name), limits));
    const absentMs = absentSince.get(name);
    if (absentMs !== undefined && hasJob(runner)) times.push(absentMs + SECOND_LOOK_MS);
  }
  if (set.spec?.listenerSession !== listing.session) times.push(floorMs);
  // What is due already was looked at with this listing, and stays as it is until the next one.
  const ahead = times.filter((ms) => ms > listing.atMs);
  return Math.max(floorMs, Math.min(...ahead));
}

function patienceMs(wasOnline: boolean, { offlineMs }: VerificationLimits): number {
  return wasOnline ? offlineMs : SECOND_LOOK_MS;
}

function replaceStep(
  { set, record, limits }: ObservedVerification,
  { runner, sinceMs }: LiveRunner,
): readonly Step[] {
  const { known, atMs = 0 } = record?.listing ?? {};
  const { name } = keyOf(runner);
  if (known === undefined || known.online.has(name) || record?.spared.has(name)) return [];
  const facts = { known, record: record as ListingRecord, limits };
  const isOfAge = limits.registerMs > 0 && atMs - sinceMs >= limits.registerMs;
  const lossOfIdle = isOfAge ? lossOf(name, facts) : undefined;
  const loss = hasJob(runner) ? lossOfBusy(name, facts) : lossOfIdle;
  if (loss === undefined) return [];
  return [{
    do: "replace-runner",
    target: targetOf(set),
    runnerId: runner.status?.runnerId ?? 0,
    key: keyOf(runner),
    ...loss,
    lost: { set: set.metadata?.uid ?? "", uid: runner.metadata?.uid ?? "" },
  }];
}

interface Loss {
  readonly reason: string;
  readonly message: string;
  readonly onlyIf?: "absent";
}

interface Facts {
  readonly known: NonNullable<ListingRecord["listing"]["known"]>;
  readonly record: ListingRecord;
  readonly limits: VerificationLimits;
}

/** GitHub forgets a runner when its job ends. Offline it may be as long as it likes: its job may go on. */
function lossOfBusy(name: string, { record }: Facts): Loss | undefined {
  const { absentSince, listing } = record;
  const sinceMs = absentSince.get(name) ?? Infinity;
  if (listing.atMs - sinceMs < SECOND_LOOK_MS) return undefined;
  const message = "The runner had a job, and GitHub does not know it any more";
  return { reason: "NotRegistered", message, onlyIf: "absent" };
}

function lossOf(name: string, facts: Facts): Loss | undefined {
  const { known, record, limits } = facts;
  const { registerMs, offlineMs } = limits;
  if (!known.offline.has(name)) {
    const message = "The runner runs, and GitHub does not know it";
    return { reason: "NotRegistered", message, onlyIf: "absent" };
  }
  const wasOnline = record.seenOnline.has(name);
  if (wasOnline && offlineMs === 0) return undefined;
  const sinceMs = record.offlineSince.get(name) ?? record.listing.atMs;
  if (record.listing.atMs - sinceMs < patienceMs(wasOnline, limits)) return undefined;
  return wasOnline
    ? {
      reason: "Offline",
      message: `GitHub has seen the runner offline for ${formatDuration(offlineMs)}`,
    }
    : {
      reason: "NotRegistered",
      message: `GitHub does not see the runner online, ${
        formatDuration(registerMs)
      } after it started`,
    };
}

function targetOf(set: EphemeralRunnerSet) {
  return gitHubTarget(set.metadata?.namespace ?? "", set.spec?.ephemeralRunnerSpec);
}
