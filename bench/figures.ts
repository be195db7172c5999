/** What a run of the bench says, as plain data: the JSON that it writes. Knows units, not where figures come from. */
import type { Course, PhaseFigures } from "./course.ts";
import type { Quantiles, Sample } from "./statistics.ts";

/** Bare calls of a runner's life, so many lives at a time. */
export interface LimitFigures {
  readonly parallel: number;
  readonly lives: number;
  readonly livesPerS: number;
  /** A whole life, in ms. */
  readonly lifeMs: Quantiles;
  /** CPU of whoever makes the calls, in ms a life. */
  readonly cpuMsPerLife: number;
}

/** Requests to the API server, from its audit log. */
export interface CallRow {
  /** `controller`, `listener`, `kubelet`, `garbage collector`, `cluster`, `bench`. */
  readonly client: string;
  readonly verb: string;
  /** With its subresource. */
  readonly resource: string;
  readonly count: number;
}

/** Resident memory, in MiB. */
export interface Memory {
  readonly idle: number;
  readonly peak: number;
  readonly after: number;
}

/** What one role of the machine cost: `controller`, `listeners`, `kube-apiserver`, `etcd`, `kube-controller-manager`, `world`. */
export interface ProcessFigures {
  readonly role: string;
  /** How many processes play it. */
  readonly processes: number;
  /** In ms, over the whole measurement. */
  readonly cpuMs: number;
  /** Of all processes of the role together. */
  readonly memory: Memory;
  /** Over time, from the start of the measurement, in MiB. */
  readonly memorySamples: readonly Sample[];
}

/** The three latencies, in ms. */
export interface Latencies {
  readonly queuedToPod: Quantiles;
  readonly queuedToStarted: Quantiles;
  readonly exitToFree: Quantiles;
}

export interface ScenarioFigures {
  readonly name: string;
  /** For a person: how many sets, jobs, how long. */
  readonly what: string;
  readonly sets: number;
  readonly jobs: number;
  /** EphemeralRunners that were made. */
  readonly runners: number;
  /** From the first job queued to the last runner gone, in s. */
  readonly seconds: number;
  /** Of jobs; `undefined` where none were queued. */
  readonly livesPerS: number | undefined;
  readonly latencies: Latencies;
  readonly calls: readonly CallRow[];
  /** Calls at GitHub by operation. */
  readonly github: Readonly<Record<string, number>>;
  readonly processes: readonly ProcessFigures[];
  /** For plots. */
  readonly course: Course;
  readonly phases: readonly PhaseFigures[];
  /** Latencies one by one, in ms, sorted, for plots. */
  readonly samples: Readonly<Record<keyof Latencies, readonly number[]>>;
  /** From the start of the controller's process until it said at `$HEALTH_ADDRESS` that it is ready; absent: it did not. */
  readonly readyMs: number | undefined;
  /** What else a person should know, e.g. what did not come to rest. */
  readonly notes: readonly string[];
  /** In place of latencies, for runners without jobs. */
  readonly scale?: ScaleFigures | undefined;
}

/** How long many runners take to come and to go, in s. */
export interface ScaleFigures {
  readonly runnersEach: number;
  readonly createS: number;
  readonly cleanS: number;
}

export interface RunFigures {
  readonly command: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly controller: string;
  readonly listener: string;
  readonly githubDelayMs: number;
  readonly limits: readonly LimitFigures[];
  /** The limit at 32 in parallel, measured again at the end. */
  readonly limitAtEnd: LimitFigures | undefined;
  readonly scenarios: readonly ScenarioFigures[];
}

/** How many lives at a time the limit stands for that others are measured by. */
export const REFERENCE_PARALLEL = 32;

/** Lives a second of the bare calls that this run is measured by: the mean of start and end. */
export function referenceLimit(run: Pick<RunFigures, "limits" | "limitAtEnd">): number | undefined {
  const start = run.limits.find(({ parallel }) => parallel === REFERENCE_PARALLEL);
  const figures = [start, run.limitAtEnd].flatMap((one) =>
    one === undefined ? [] : [one.livesPerS]
  );
  return figures.length === 0
    ? undefined
    : figures.reduce((sum, one) => sum + one, 0) / figures.length;
}
