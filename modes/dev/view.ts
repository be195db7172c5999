/** What `dev` shows while it runs, as lines of text. Pure; whether and when they are drawn is the display's business. */
import { formatDuration } from "../../lib/duration.ts";

/** One runner set at a moment. */
export interface SetRow {
  readonly name: string;
  readonly min: number;
  /** `undefined`: no limit. */
  readonly max: number | undefined;
  /** What the listener asked for; `undefined` before it did. */
  readonly desired: number | undefined;
  readonly idle: number;
  readonly busy: number;
  readonly pending: number;
}

export interface JobCounts {
  readonly queued: number;
  readonly running: number;
  readonly done: number;
  /** That are expected altogether, as far as known. */
  readonly total: number;
}

export interface Scene {
  readonly sets: readonly SetRow[];
  readonly jobs: JobCounts;
  readonly elapsedMs: number;
}

const BAR = 30;

/** The whole scene and the last events, the newest last, for a terminal of this width. */
export function sceneLines(
  scene: Scene,
  options: { readonly events: readonly string[]; readonly width: number },
): readonly string[] {
  const { events, width } = options;
  const seconds = formatDuration(Math.floor(scene.elapsedMs / 1_000) * 1_000);
  const lines = [
    `Longshore dev · simulated cluster and GitHub · ${seconds}`,
    "",
    ...setTable(scene.sets),
    "",
    `${bar(scene.jobs)} ${jobsText(scene.jobs)}`,
    "",
    ...events,
  ];
  return lines.map((line) => line.length > width ? `${line.slice(0, width - 1)}…` : line);
}

/** The same in one line, for output that is no terminal. */
export function sceneLine(scene: Scene): string {
  const sets = scene.sets.map((set) =>
    `${set.name} ${set.idle} idle ${set.busy} busy ${set.pending} pending`
  );
  return [jobsText(scene.jobs), ...sets].join("; ");
}

const COLUMNS = ["SET", "MIN", "MAX", "DESIRED", "IDLE", "BUSY", "PENDING"];

function setTable(sets: readonly SetRow[]): readonly string[] {
  const rows = [
    COLUMNS,
    ...sets.map((set) => [
      set.name,
      String(set.min),
      set.max === undefined ? "-" : String(set.max),
      set.desired === undefined ? "-" : String(set.desired),
      String(set.idle),
      String(set.busy),
      String(set.pending),
    ]),
  ];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows.map((row) =>
    row.map((cell, at) => at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))
      .join("  ")
  );
}

function bar({ done, total }: JobCounts): string {
  const filled = total === 0 ? 0 : Math.min(BAR, Math.floor(done / total * BAR));
  return `[${"█".repeat(filled)}${"░".repeat(BAR - filled)}]`;
}

function jobsText({ queued, running, done, total }: JobCounts): string {
  return `jobs ${done}/${total} done, ${running} running, ${queued} queued`;
}
