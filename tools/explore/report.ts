/** How results are told to a person. Pure text. */
import { lineOf, type Plan } from "./plan.ts";
import type { RaceResult } from "./race.ts";
import type { RunResult } from "./run.ts";

/** What many seeds have in common. */
export interface Summary {
  readonly runs: number;
  readonly violations: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly virtualS: number;
}

export const NOTHING: Summary = { runs: 0, violations: 0, counts: {}, virtualS: 0 };

/** `summary` with one more run. */
export function withRun(
  summary: Summary,
  run: Pick<RunResult, "violations" | "counts" | "virtualS">,
): Summary {
  const counts = { ...summary.counts };
  for (const [label, times] of Object.entries(run.counts)) {
    counts[label] = (counts[label] ?? 0) + times;
  }
  return {
    runs: summary.runs + 1,
    violations: summary.violations + run.violations.length,
    counts,
    virtualS: summary.virtualS + run.virtualS,
  };
}

/** Faults by kind, then the sums. */
export function summaryLines(summary: Summary, wallMs: number): readonly string[] {
  const rows = Object.entries(summary.counts).sort(([a], [b]) => a < b ? -1 : 1);
  const faults = rows.reduce((sum, [, times]) => sum + times, 0);
  const hours = (summary.virtualS / 3600).toFixed(1);
  return [
    ...rows.map(([label, times]) => `${String(times).padStart(7)}  ${label}`),
    `${faults} faults of ${rows.length} kinds, ${hours} virtual hours in ` +
    `${Math.round(wallMs / 1000)} s`,
    `${summary.runs} runs, ${summary.violations} violations`,
  ];
}

/** Lines of a trace that are told at most: the last ones, where it went wrong. */
const MOST_LINES = 150;

/** A run that failed: what broke, what it takes, what happened. */
export function failureLines(
  plan: Plan,
  result: Pick<RunResult, "violations" | "trace">,
): readonly string[] {
  const { trace } = result;
  const left = Math.max(0, trace.length - MOST_LINES);
  return [
    ...result.violations.map(({ rule, what }) => `VIOLATION ${rule}: ${what}`),
    ...planLines(plan),
    "Trace (seconds, who, what):",
    ...(left > 0 ? [`  (${left} lines before)`] : []),
    ...trace.slice(left),
    `As a regression: ${JSON.stringify(plan)}`,
  ];
}

/** The world of a plan and its deeds. */
export function planLines({ seed, setting, deeds }: Plan): readonly string[] {
  return [`Seed ${seed} in the world ${JSON.stringify(setting)}:`, ...deeds.map(lineOf)];
}

export function raceLines(result: RaceResult, wallMs: number): readonly string[] {
  const { races, refused, jobs, killed, virtualS } = result;
  return [
    ...result.broken,
    `${races} races; in ${refused} of them the runner had just been given a job and was kept`,
    `${jobs} jobs came meanwhile, ${(virtualS / 3600).toFixed(1)} virtual hours in ` +
    `${Math.round(wallMs / 1000)} s`,
    `${killed} jobs killed`,
  ];
}

/** The sum of both. */
export function joined(a: RaceResult, b: RaceResult): RaceResult {
  return {
    races: a.races + b.races,
    refused: a.refused + b.refused,
    jobs: a.jobs + b.jobs,
    killed: a.killed + b.killed,
    broken: [...a.broken, ...b.broken],
    virtualS: a.virtualS + b.virtualS,
  };
}
