/**
 * The series of a listener as rows, which of them a user wants, and how facts become numbers. Knows labels and buckets
 * (spec listener.md §7); refuses to know when something happened. By default no label is of a single job (B8); what a
 * user lists is honoured to the letter.
 */
import type { MetricsConfig } from "../crds/shared_fields.ts";
import type { CompletedJob, Job, Statistics } from "../github/messages.ts";
import type { LabelValues, MetricRow, Metrics } from "../lib/metrics.ts";
import type { Limits } from "./decide.ts";
import { parseWorkflowRef } from "./workflow_ref.ts";

const SET_LABELS = ["enterprise", "organization", "repository", "name", "namespace"];
const JOB_LABELS = ["enterprise", "organization", "repository", "event_name"];
const RESULT_LABELS = [...JOB_LABELS, "job_result"];

const BUCKETS = [
  ...[0.01, 0.05, 0.1, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 25, 30, 40, 50, 60, 70],
  ...[80, 90, 100, 110, 120, 150, 180, 210, 240, 300, 360, 420, 480, 540, 600, 900, 1200, 1800],
  ...[2400, 3000, 3600],
];

const OF_THE_SET = "labels name the set and where it is registered";
const OF_A_JOB = "labels name where the job came from";

function gauge(name: string, what: string): MetricRow {
  return { name, kind: "gauge", help: `${what}; ${OF_THE_SET}.`, labels: SET_LABELS };
}

/** Every series that a listener can serve, with the labels that it has unless a user says otherwise. */
export const LISTENER_METRICS: readonly MetricRow[] = [
  gauge("gha_assigned_jobs", "Jobs assigned to this scale set"),
  gauge("gha_running_jobs", "Jobs that run, or are about to"),
  gauge("gha_registered_runners", "Runners registered by this scale set"),
  gauge("gha_busy_runners", "Registered runners with a job"),
  gauge("gha_idle_runners", "Registered runners without a job"),
  gauge("gha_min_runners", "Configured minimum of idle runners"),
  gauge("gha_max_runners", "Configured maximum of runners"),
  gauge("gha_desired_runners", "Runners that should exist"),
  {
    name: "gha_started_jobs_total",
    kind: "counter",
    help: `Jobs started; ${OF_A_JOB}.`,
    labels: JOB_LABELS,
  },
  {
    name: "gha_completed_jobs_total",
    kind: "counter",
    help: `Jobs that a runner completed; ${OF_A_JOB}, and its job_result.`,
    labels: RESULT_LABELS,
  },
  {
    name: "gha_job_startup_duration_seconds",
    kind: "histogram",
    help: `Seconds until a runner of this set took the job; ${OF_A_JOB}.`,
    labels: JOB_LABELS,
    buckets: BUCKETS,
  },
  {
    name: "gha_job_execution_duration_seconds",
    kind: "histogram",
    help: `Seconds that the job ran; ${OF_A_JOB}, and its job_result.`,
    labels: RESULT_LABELS,
    buckets: BUCKETS,
  },
];

/** Series of our own beside those that a user may choose from; always served. */
export const OWN_METRICS: readonly MetricRow[] = [
  gauge("longshore_listener_session_healthy", "1 while GitHub's queue is heard, else 0"),
  gauge(
    "longshore_listener_phantom_jobs",
    "Assigned jobs that are given to no runner though runners are idle; no runners are kept for them",
  ),
  {
    name: "longshore_listener_unknown_messages_total",
    kind: "counter",
    help: `Entries of messages that this version does not know; ${OF_THE_SET}.`,
    labels: SET_LABELS,
  },
];

export interface ChosenMetrics {
  readonly rows: readonly MetricRow[];
  /** What a user listed that does not exist, or not under that kind: worth an error line, nothing more. */
  readonly unknown: readonly string[];
}

/**
 * The rows to declare. `null`: all of them; otherwise exactly what is listed, with exactly those labels. Our own besides.
 */
export function chosenMetrics(config: MetricsConfig | null): ChosenMetrics {
  if (config === null) return { rows: [...LISTENER_METRICS, ...OWN_METRICS], unknown: [] };
  const rows: MetricRow[] = [...OWN_METRICS];
  const unknown: string[] = [];
  const listed = [
    ["counter", config.counters],
    ["gauge", config.gauges],
    ["histogram", config.histograms],
  ] as const;
  for (const [kind, entries] of listed) {
    for (const [name, entry] of Object.entries(entries ?? {})) {
      const known = LISTENER_METRICS.find((row) => row.name === name && row.kind === kind);
      if (known === undefined) {
        unknown.push(name);
        continue;
      }
      const own: { readonly labels?: readonly string[]; readonly buckets?: readonly number[] } =
        entry ?? {};
      rows.push({
        ...known,
        labels: own.labels ?? [],
        ...(own.buckets?.length ? { buckets: own.buckets } : {}),
      });
    }
  }
  return { rows, unknown };
}

/** What a listener records, in its own words. */
export interface ListenerRecorder {
  limits(limits: Limits): void;
  statistics(statistics: Statistics): void;
  desired(runners: number): void;
  started(job: Job): void;
  completed(job: CompletedJob): void;
  /** So many entries of a message were of a kind that we do not know. */
  unknown(entries: number): void;
  phantoms(jobs: number): void;
  session(health: "healthy" | "silent"): void;
}

/** Whose numbers these are. */
export interface SetLabels {
  readonly enterprise: string;
  readonly organization: string;
  readonly repository: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * Records into `metrics`, where `rows` (see {@link chosenMetrics}) are declared. Every gauge is there from now on, with
 * 0 until something is known. A label that a metric cannot have is present and empty.
 */
export function createRecorder(
  metrics: Metrics,
  options: { readonly rows: readonly MetricRow[]; readonly set: SetLabels },
): ListenerRecorder {
  const { set } = options;
  const rows = new Map(options.rows.map((row) => [row.name, row]));
  const labelsOf = (row: MetricRow, values: LabelValues) =>
    Object.fromEntries(row.labels.map((label) => [label, values[label] ?? ""]));

  function setGauge(name: string, value: number): void {
    const row = rows.get(name);
    if (row !== undefined) metrics.set(name, value, labelsOf(row, { ...set }));
  }
  function count(name: string, values: LabelValues, by = 1): void {
    const row = rows.get(name);
    if (row !== undefined) metrics.increment(name, labelsOf(row, values), by);
  }
  function observe(name: string, seconds: number | undefined, values: LabelValues): void {
    const row = rows.get(name);
    if (row === undefined || seconds === undefined) return;
    metrics.observe(name, seconds, labelsOf(row, values));
  }

  for (const row of options.rows) if (row.kind === "gauge") setGauge(row.name, 0);
  return {
    limits(limits) {
      setGauge("gha_min_runners", limits.minRunners);
      setGauge("gha_max_runners", limits.maxRunners);
    },
    statistics(statistics) {
      setGauge("gha_assigned_jobs", statistics.assigned);
      setGauge("gha_running_jobs", statistics.running);
      setGauge("gha_registered_runners", statistics.registeredRunners);
      setGauge("gha_busy_runners", statistics.busyRunners);
      setGauge("gha_idle_runners", statistics.idleRunners);
    },
    desired: (runners) => setGauge("gha_desired_runners", runners),
    unknown: (entries) => count("longshore_listener_unknown_messages_total", { ...set }, entries),
    phantoms: (jobs) => setGauge("longshore_listener_phantom_jobs", jobs),
    session: (health) =>
      setGauge("longshore_listener_session_healthy", health === "healthy" ? 1 : 0),
    started(job) {
      const values = jobLabels(job, set);
      count("gha_started_jobs_total", values);
      observe("gha_job_startup_duration_seconds", seconds(job.assignedAt, job.startedAt), values);
    },
    completed(job) {
      if (job.startedAt === undefined) return; // withdrawn before a runner took it
      const values = { ...jobLabels(job, set), job_result: job.result };
      count("gha_completed_jobs_total", values);
      observe("gha_job_execution_duration_seconds", seconds(job.startedAt, job.finishedAt), values);
    },
  };
}

function jobLabels(job: Job, set: SetLabels): LabelValues {
  const workflow = parseWorkflowRef(job.workflowRef);
  return {
    enterprise: set.enterprise,
    organization: job.ownerName,
    repository: job.repositoryName,
    job_name: job.displayName,
    job_workflow_ref: job.workflowRef,
    job_workflow_name: workflow.name,
    job_workflow_target: workflow.target,
    event_name: job.eventName,
  };
}

/** Between two moments, each cut to its whole second as upstream does; `undefined` when one is not known. */
function seconds(from: Date | undefined, to: Date | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  return Math.floor(to.getTime() / 1000) - Math.floor(from.getTime() / 1000);
}
