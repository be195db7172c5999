/**
 * The course of runners' lives: when each reached which milestone, how long each phase between two of them took, and
 * where nothing moved for a while. Pure. Knows moments; refuses to know where they come from.
 */
import { type Quantiles, quantilesOf } from "./statistics.ts";

/** What a runner passes, in order. */
export const MILESTONES = [
  /** Its job was queued at GitHub. */
  "queued",
  /** Its EphemeralRunner was made. */
  "ordered",
  /** Its Secret with the JIT configuration was made, so GitHub had answered. */
  "registered",
  /** Its pod was made. */
  "pod",
  /** GitHub gave it its job. */
  "started",
  /** GitHub heard that the job is over. */
  "finished",
  /** Its container ended. */
  "exited",
  /** Its EphemeralRunner is gone: the slot is free. */
  "gone",
] as const;

export type Milestone = typeof MILESTONES[number];

/** When a runner passed what, in ms since the epoch; what was not seen is absent. */
export type Life = Readonly<Partial<Record<Milestone, number>>>;

/** All moments at which a milestone was passed, sorted, in ms from the first job queued. */
export type Course = Readonly<Record<Milestone, readonly number[]>>;

/** From one milestone to the next one. */
export interface PhaseFigures {
  readonly from: Milestone;
  readonly to: Milestone;
  /** How long runners were in it, in ms. */
  readonly ms: Quantiles;
  /** When the first and the last one left it, in ms from the first job queued; `undefined`: none did. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** The longest time in which none left it, between the first and the last, in ms: a stall shows here. */
  readonly longestGapMs: number;
}

/** `startMs`: the first job queued, since the epoch. */
export function courseOf(lives: readonly Life[], startMs: number): Course {
  const moments = (milestone: Milestone) =>
    lives.flatMap((life) => life[milestone] ?? []).map((ms) => ms - startMs)
      .sort((a, b) => a - b);
  return Object.fromEntries(MILESTONES.map((one) => [one, moments(one)])) as unknown as Course;
}

/** One row for each two milestones that follow each other. */
export function phasesOf(lives: readonly Life[], course: Course): readonly PhaseFigures[] {
  return MILESTONES.slice(1).map((to, at) => {
    const from = MILESTONES[at] ?? "queued";
    const ms = lives.flatMap((life) => {
      const [began, ended] = [life[from], life[to]];
      return began === undefined || ended === undefined ? [] : [ended - began];
    });
    return {
      from,
      to,
      ms: quantilesOf(ms),
      first: course[to][0],
      last: course[to].at(-1),
      longestGapMs: longestGap(course[to]),
    };
  });
}

function longestGap(sorted: readonly number[]): number {
  return sorted.reduce((most, ms, at) => Math.max(most, ms - (sorted[at - 1] ?? ms)), 0);
}
