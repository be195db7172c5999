/** A run of the bench as Markdown tables for a person. Pure. */
import { type CallRow, referenceLimit, type RunFigures, type ScenarioFigures } from "./figures.ts";
import { difference, type Quantiles, slopePerHour } from "./statistics.ts";

/** Limits that differ by more than this share were measured on a machine that did other things too. */
export const NOISE = 0.25;
/** What a job takes at least with its start and its end, in s: {@link ScenarioFigures} of bursts count on it. */
export const JOB_S = 5.6;
/** The first minutes of a soak fill caches. */
const WARM_UP_MS = 600_000;

const READS = ["get", "list"];
const WATCHES = ["watch"];
const OURS = ["controller", "listener"];

/** The whole page. */
export function resultsPage(run: RunFigures): string {
  const parts = [
    "# Results of the bench",
    "",
    `- Command: \`${run.command}\``,
    `- Machine: ${run.machine}`,
    `- Versions: ${
      Object.entries(run.versions).map(([name, version]) => `${name} ${version}`).join(", ")
    }`,
    `- Started: ${run.startedAt}`,
    `- Controller: \`${run.controller}\``,
    `- Listener: \`${run.listener}\``,
    `- GitHub: simulated, ${run.githubDelayMs} ms a call`,
    "",
    noiseSentence(run),
    "",
    "## The limit: bare calls of a runner's life",
    "",
    limitTable(run),
    "",
    "## Scenarios",
    "",
    scenarioTable(run),
    "",
    "Multiple: the time from the first job queued to the last runner gone, less what a job takes anyway " +
    `(${JOB_S} s), as a multiple of what the bare calls would take for as many lives (32 at a time, this run).`,
    "",
    "## The course of a runner's life (s)",
    "",
    "How long runners were in each phase; then, from the first job queued, when the first and the last one left it, and " +
    "the longest time in between in which none did.",
    "",
    phaseTable(run),
    "",
    "## What a runner costs",
    "",
    costTable(run),
    "",
    "## Start and memory (MiB, resident; idle / peak / after)",
    "",
    memoryTable(run),
    "",
    "## Calls per runner",
    "",
    ...run.scenarios.flatMap((scenario) => [
      `### ${scenario.name}`,
      "",
      callTable(scenario),
      "",
      ...scenario.notes.map((note) => `Note: ${note}.\n`),
    ]),
  ];
  return `${parts.join("\n").trimEnd()}\n`;
}

/** Whether figures of this run may be compared with others. */
export function noiseSentence({ limits, limitAtEnd }: RunFigures): string {
  const start = limits.find(({ parallel }) => parallel === limitAtEnd?.parallel);
  if (start === undefined || limitAtEnd === undefined) {
    return "The limit was not measured at start and end: how noisy the machine was is not known.";
  }
  const share = difference(start.livesPerS, limitAtEnd.livesPerS);
  const figures = `the limit was ${fixed(start.livesPerS)} lives/s at the start and ${
    fixed(limitAtEnd.livesPerS)
  } at the end`;
  return share > NOISE
    ? `**Too noisy to compare**: ${figures}, which differ by ${Math.round(share * 100)} %.`
    : `Quiet enough to compare: ${figures}.`;
}

function limitTable({ limits, limitAtEnd }: RunFigures): string {
  const rows = [
    ...limits.map((one) => [one, "start"] as const),
    ...(limitAtEnd === undefined ? [] : [[limitAtEnd, "end"] as const]),
  ];
  return table(
    ["at a time", "when", "lives/s", "a life p50 / p99 (ms)", "CPU of the caller (ms/life)"],
    rows.map(([one, when]) => [
      String(one.parallel),
      when,
      fixed(one.livesPerS),
      `${whole(one.lifeMs.p50)} / ${whole(one.lifeMs.p99)}`,
      fixed(one.cpuMsPerLife),
    ]),
  );
}

function scenarioTable(run: RunFigures): string {
  const limit = referenceLimit(run);
  return table(
    [
      "scenario",
      "what",
      "jobs",
      "runners",
      "s",
      "lives/s",
      "multiple",
      "queued → pod p50/p95/p99 (ms)",
      "queued → started (ms)",
      "exit → slot free (ms)",
    ],
    run.scenarios.map((one) => [
      one.name,
      one.what,
      String(one.jobs),
      String(one.runners),
      fixed(one.seconds),
      one.livesPerS === undefined ? "–" : fixed(one.livesPerS),
      multiple(one, limit),
      three(one.latencies.queuedToPod),
      three(one.latencies.queuedToStarted),
      three(one.latencies.exitToFree),
    ]),
  );
}

function phaseTable(run: RunFigures): string {
  const seconds = (ms: number | undefined) => fixed((ms ?? NaN) / 1_000, 2);
  return table(
    ["scenario", "from", "to", "p50", "p95", "p99", "first", "last", "longest gap"],
    run.scenarios.flatMap(({ name, phases }) =>
      phases.filter(({ ms }) => ms.count > 0).map(({ from, to, ms, first, last, longestGapMs }) => [
        name,
        from,
        to,
        ...[ms.p50, ms.p95, ms.p99, first, last, longestGapMs].map(seconds),
      ])
    ),
  );
}

/** The time beyond a job's own, in units of what the bare calls take; of a burst, which has one job's time in it. */
export function multiple(one: ScenarioFigures, limit: number | undefined): string {
  if (limit === undefined || !/^(burst|fleet)/.test(one.name)) return "–";
  return fixed((one.seconds - JOB_S) / (one.jobs / limit), 2);
}

function costTable(run: RunFigures): string {
  return table(
    [
      "scenario",
      "controller writes",
      "listener writes",
      "reads by both",
      "GitHub",
      "controller CPU (ms)",
      "listeners",
      "API server",
      "etcd",
      "controller-manager",
      "simulation",
    ],
    run.scenarios.map((one) => [
      one.name,
      each(writes(one.calls, "controller"), one),
      each(writes(one.calls, "listener"), one),
      String(
        countOf(one.calls, ({ client, verb }) => OURS.includes(client) && READS.includes(verb)),
      ),
      each(Object.values(one.github).reduce((a, b) => a + b, 0), one),
      ...["controller", "listeners", "kube-apiserver", "etcd", "kube-controller-manager", "world"]
        .map((role) =>
          each(one.processes.find((process) => process.role === role)?.cpuMs ?? NaN, one)
        ),
    ]),
  );
}

function memoryTable(run: RunFigures): string {
  return table(
    [
      "scenario",
      "controller ready after (ms)",
      "controller",
      "listener, each",
      "API server",
      "etcd",
      "controller growth (MiB/h)",
    ],
    run.scenarios.map((one) => {
      const of = (role: string) => {
        const found = one.processes.find((process) => process.role === role);
        if (found === undefined || found.processes === 0) return "–";
        const { idle, peak, after } = found.memory;
        return [idle, peak, after].map((sum) => whole(sum / found.processes)).join(" / ");
      };
      const samples = one.processes.find(({ role }) => role === "controller")?.memorySamples ?? [];
      const later = samples.filter(({ atMs }) => atMs >= WARM_UP_MS);
      return [
        one.name,
        whole(one.readyMs),
        of("controller"),
        of("listeners"),
        of("kube-apiserver"),
        of("etcd"),
        later.length < 60 ? "–" : fixed(slopePerHour(later) ?? NaN),
      ];
    }),
  );
}

function callTable(one: ScenarioFigures): string {
  return table(
    ["client", "verb", "resource", "count", "per runner"],
    one.calls.filter(({ client, verb }) =>
      client !== "bench" && client !== "cluster" &&
      !(OURS.includes(client) === false && WATCHES.includes(verb))
    ).map(({ client, verb, resource, count }) => [
      client,
      verb,
      resource,
      String(count),
      each(count, one),
    ]),
  );
}

/** Requests of a client that ask for a change. */
export function writes(calls: readonly CallRow[], client: string): number {
  return countOf(
    calls,
    (row) => row.client === client && !READS.includes(row.verb) && !WATCHES.includes(row.verb),
  );
}

function countOf(calls: readonly CallRow[], matches: (row: CallRow) => boolean): number {
  return calls.filter(matches).reduce((sum, { count }) => sum + count, 0);
}

/** Per runner; the bare number where there are none. */
function each(sum: number, { runners }: ScenarioFigures): string {
  if (Number.isNaN(sum)) return "–";
  return runners === 0 ? `${whole(sum)} in all` : fixed(sum / runners, 2);
}

function three({ p50, p95, p99 }: Quantiles): string {
  return [p50, p95, p99].map(whole).join(" / ");
}

function whole(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "–" : String(Math.round(value));
}

function fixed(value: number, digits = 1): string {
  return Number.isFinite(value) ? value.toFixed(digits) : "–";
}

/** A Markdown table, its columns aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((word, column) =>
    Math.max(3, word.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
