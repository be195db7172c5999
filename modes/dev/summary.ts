/** The end of a run, printed: for people and for machines. Pure. */
import { formatDuration } from "../../lib/duration.ts";
import type { Figures, Quantiles } from "./figures.ts";

/** One JSON document, indented, without a final line break. */
export function summaryJson(figures: Figures): string {
  return JSON.stringify(figures, null, 2);
}

/** A few aligned lines without a final line break. */
export function summaryText(figures: Figures): string {
  const { jobs, runners, latencyMs, kubernetes, github } = figures;
  const rows: readonly (readonly [string, string])[] = [
    [
      "Jobs",
      counted({
        queued: jobs.queued,
        succeeded: jobs.succeeded,
        failed: jobs.failed,
        canceled: jobs.canceled,
        lost: jobs.lost,
      }, ["queued", "succeeded", "lost"]),
    ],
    [
      "Runners",
      counted({
        hired: runners.hired,
        peak: runners.peak,
        left: runners.left,
        "idle at the end": runners.idleAtEnd,
        crashed: runners.crashed,
      }, ["hired", "peak", "left"]),
    ],
    ["Queued → started", spread(latencyMs.queuedToStarted)],
    ["Finished → slot free", spread(latencyMs.finishedToSlotFree)],
    [
      "Kubernetes per runner",
      `${kubernetes.writesPerRunner} writes, ${kubernetes.readsPerRunner} reads ` +
      "(controllers and listeners)",
    ],
    ...listed(kubernetes.callsPerRunner),
    ["GitHub per runner", `${total(github.callsPerRunner)} calls (controllers and listeners)`],
    ...listed(github.callsPerRunner),
    ["Peak memory", `${figures.rssPeakMiB} MiB (whole process, simulated world included)`],
    ["Took", `${figures.seconds} s, seed ${figures.seed}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, value]) => `${name.padEnd(width)}${value}`).join("\n");
}

/** "50 queued, 50 succeeded, 0 lost": zeros only for the words that are always told. */
function counted(
  counts: Readonly<Record<string, number>>,
  always: readonly string[],
): string {
  return Object.entries(counts).filter(([word, count]) => count !== 0 || always.includes(word))
    .map(([word, count]) => `${count} ${word}`).join(", ");
}

function spread({ p50, p99 }: Quantiles): string {
  if (p50 === null || p99 === null) return "no samples";
  return `p50 ${formatDuration(p50)}, p99 ${formatDuration(p99)}`;
}

/** Rarer calls than this, per runner, are summed up. */
const WORTH_A_ROW = 0.1;

function listed(
  counts: Readonly<Record<string, number>>,
): readonly (readonly [string, string])[] {
  const rows = Object.entries(counts);
  const often = rows.filter(([, count]) => count >= WORTH_A_ROW);
  const rest = total(Object.fromEntries(rows.slice(often.length)));
  const shown: [string, number][] = rest === 0 ? often : [...often, ["all others", rest]];
  return shown.map(([name, count]) => ["", `${count.toFixed(2)}  ${name}`]);
}

function total(counts: Readonly<Record<string, number>>): number {
  const sum = Object.values(counts).reduce((a, b) => a + b, 0);
  return Math.round(sum * 100) / 100;
}
