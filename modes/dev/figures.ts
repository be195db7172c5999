/** What a run of `dev` amounted to, as numbers. Pure; knows neither where they come from nor how they are printed. */

export interface JobFigures {
  readonly queued: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
  /** Never finished. */
  readonly lost: number;
}

/** In ms, rounded; `null` without samples. */
export interface Quantiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface KubernetesFigures {
  readonly writesPerRunner: number;
  readonly readsPerRunner: number;
  /** By "verb resource", the most frequent first. */
  readonly callsPerRunner: Readonly<Record<string, number>>;
}

/** The JSON of `--output json`, key by key. */
export interface Figures {
  readonly jobs: JobFigures;
  readonly runners: {
    /** Most EphemeralRunners that existed at a time. */
    readonly peak: number;
    /** EphemeralRunners at the end, beyond the minimum of the sets. */
    readonly left: number;
    /** EphemeralRunners that existed at all. */
    readonly hired: number;
    /** Ready and without a job, before the first job and at the end. */
    readonly idleAtStart: number;
    readonly idleAtEnd: number;
    /** Pods that `--fail-rate` made fail. */
    readonly crashed: number;
  };
  readonly latencyMs: {
    /** Job queued at GitHub → a runner has started it. */
    readonly queuedToStarted: Quantiles;
    /** Runner container ended → its EphemeralRunner is gone. */
    readonly finishedToSlotFree: Quantiles;
  };
  /** Of the controllers and the listeners, not of the simulated cluster itself. */
  readonly kubernetes: KubernetesFigures;
  /** Of the controllers and the listeners, by operation. */
  readonly github: { readonly callsPerRunner: Readonly<Record<string, number>> };
  /** Of the whole process, the simulated world included. */
  readonly rssPeakMiB: number;
  readonly seconds: number;
  readonly seed: number;
}

/** The smallest sample that at least the share `q` of all samples does not exceed. */
export function quantile(samples: readonly number[], q: number): number | null {
  if (samples.length === 0) return null;
  const sorted = [...samples].sort((a, b) => a - b);
  const at = Math.min(sorted.length, Math.max(1, Math.ceil(q * sorted.length)));
  return Math.round(sorted[at - 1] as number);
}

/** The two that are reported; `null` without samples. */
export function quantiles(samples: readonly number[]): Quantiles {
  return { p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) };
}

/** One kind of call, with how often it was made. */
export interface CallCount {
  readonly verb: string;
  readonly resource: string;
  readonly count: number;
}

const READS = new Set(["get", "list", "watch"]);

/** Calls for each runner that was hired; with none hired, the calls themselves. */
export function kubernetesFigures(
  calls: readonly CallCount[],
  runners: number,
): KubernetesFigures {
  const sum = (counted: readonly CallCount[]) =>
    perRunner(counted.reduce((total, { count }) => total + count, 0), runners);
  return {
    writesPerRunner: sum(calls.filter(({ verb }) => !READS.has(verb))),
    readsPerRunner: sum(calls.filter(({ verb }) => READS.has(verb))),
    callsPerRunner: countsPerRunner(
      calls.map(({ verb, resource, count }) => [`${verb} ${resource}`, count]),
      runners,
    ),
  };
}

/** Equal names are added up; the most frequent first. */
export function countsPerRunner(
  counts: readonly (readonly [name: string, count: number])[],
  runners: number,
): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
  const rows = [...sums].filter(([, count]) => count > 0).sort(([a, m], [b, n]) =>
    n - m || (a < b ? -1 : 1)
  );
  return Object.fromEntries(rows.map(([name, count]) => [name, perRunner(count, runners)]));
}

function perRunner(count: number, runners: number): number {
  return Math.round(count / Math.max(runners, 1) * 100) / 100;
}
