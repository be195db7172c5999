/**
 * Follows one scenario from a moment on: processes every second, jobs and audit log in pieces. Knows how to collect and
 * to put together; refuses to know what good figures are.
 */
import { systemClock } from "../lib/clock.ts";
import { CONTROLLER } from "../sim/world_objects.ts";
import { NODES_ACCOUNT } from "../tests/cluster/simulated_nodes.ts";
import { AuditFigures } from "./audit_figures.ts";
import { openAuditStream } from "./audit_stream.ts";
import { courseOf, type Life, phasesOf } from "./course.ts";
import type { Latencies, ProcessFigures, ScenarioFigures } from "./figures.ts";
import { allProcesses, type Cost, costOf } from "./processes.ts";
import type { Stage } from "./stage.ts";
import { quantilesOf, type Sample } from "./statistics.ts";
import type { FinishedJob } from "./world.ts";

const accountUser = ({ namespace, name }: { namespace: string; name: string }) =>
  `system:serviceaccount:${namespace}:${name}`;
const CLIENTS = {
  controllerUser: accountUser(CONTROLLER),
  listenerPrefix: `system:serviceaccount:${CONTROLLER.namespace}:`,
  kubeletUser: accountUser(NODES_ACCOUNT),
};
const SAMPLE_MS = 1_000;
/** How often jobs and audit log are fetched. Seldom: what watches should not slow down what is watched. */
const COLLECT_MS = 15_000;
/** The audit log is written just after an answer. */
const FLUSH_MS = 500;
/** So long after the end memory is looked at again. */
const AFTER_MS = 5_000;

interface Role {
  readonly role: string;
  readonly pids: readonly number[];
}

interface Track {
  readonly first: Cost;
  last: Cost;
  peak: number;
  processes: number;
  readonly samples: Sample[];
}

export class Measurement {
  readonly #stage: Stage;
  readonly #audit: AuditFigures;
  readonly #startMs: number;
  readonly #tracks = new Map<string, Track>();
  readonly #ending = new AbortController();
  readonly #exits = new Map<string, number>();
  readonly #waiting: FinishedJob[] = [];
  readonly #samples: Record<keyof Latencies, number[]> = {
    queuedToPod: [],
    queuedToStarted: [],
    exitToFree: [],
  };
  readonly #lives: Life[] = [];
  #github: Readonly<Record<string, number>> = {};
  #jobs = 0;
  #failedJobs = 0;

  private constructor(stage: Stage, startMs: number) {
    this.#stage = stage;
    this.#audit = new AuditFigures(CLIENTS);
    this.#startMs = startMs;
  }

  /** Measures `work` from its first moment to the last runner's end. */
  static async of(
    stage: Stage,
    what: Pick<ScenarioFigures, "name" | "what">,
    work: () => Promise<Pick<ScenarioFigures, "notes" | "scale">>,
  ): Promise<ScenarioFigures> {
    const measurement = new Measurement(stage, systemClock.now().getTime());
    return await measurement.#run(what, work);
  }

  async #run(
    what: Pick<ScenarioFigures, "name" | "what">,
    work: () => Promise<Pick<ScenarioFigures, "notes" | "scale">>,
  ): Promise<ScenarioFigures> {
    const stage = this.#stage;
    const audit = await openAuditStream(stage.rig.facts.auditLog);
    await stage.news();
    this.#github = (await stage.state()).github;
    const roles = await this.#roles();
    this.#sample(roles);
    const collect = async () => {
      this.#audit.add(await audit.drain());
      this.#collect(await stage.news());
    };
    const sampling = every(SAMPLE_MS, this.#ending.signal, () => this.#sample(roles));
    const collecting = every(COLLECT_MS, this.#ending.signal, collect);
    let outcome: Pick<ScenarioFigures, "notes" | "scale">;
    try {
      outcome = await work();
    } finally {
      this.#ending.abort();
      await Promise.all([sampling, collecting]);
    }
    this.#sample(roles);
    await systemClock.sleep(FLUSH_MS);
    await collect();
    const github = (await stage.state()).github;
    await stage.pause(AFTER_MS);
    const after = this.#costs(roles);
    return this.#figures(what, outcome, { github, after });
  }

  async #roles(): Promise<readonly Role[]> {
    const { rig, controllerPid, worldPid } = this.#stage;
    const { listeners } = await this.#stage.state();
    return [
      { role: "controller", pids: [controllerPid] },
      { role: "listeners", pids: listeners },
      { role: "world", pids: [worldPid] },
      ...[...rig.parts].map(([role, pid]) => ({ role, pids: [pid] })),
    ];
  }

  #costs(roles: readonly Role[]): ReadonlyMap<string, Cost> {
    const all = allProcesses();
    const costs = new Map(roles.map(({ role, pids }) => [role, costOf(pids, all)]));
    const [world, listeners] = [costs.get("world"), costs.get("listeners")];
    if (world && listeners) { // which are its children
      costs.set("world", {
        cpuMs: world.cpuMs - listeners.cpuMs,
        residentMiB: world.residentMiB - listeners.residentMiB,
      });
    }
    return costs;
  }

  #sample(roles: readonly Role[]): void {
    const atMs = systemClock.now().getTime() - this.#startMs;
    const counts = new Map(roles.map(({ role, pids }) => [role, pids.length]));
    for (const [role, cost] of this.#costs(roles)) {
      const track = this.#tracks.get(role) ??
        { first: cost, last: cost, peak: 0, processes: counts.get(role) ?? 0, samples: [] };
      this.#tracks.set(role, track);
      track.last = cost;
      track.peak = Math.max(track.peak, cost.residentMiB);
      track.samples.push({ atMs, value: cost.residentMiB });
    }
  }

  #collect(news: Awaited<ReturnType<Stage["news"]>>): void {
    for (const [runner, ms] of news.exits) this.#exits.set(runner, ms);
    this.#waiting.push(...news.jobs);
    const finished = this.#waiting.splice(0);
    for (const job of finished) {
      // Its slot is free when nothing is left of its runner, which the next look may tell.
      if (!this.#exits.has(job.runner) || !this.#isOver(job)) this.#waiting.push(job);
      else this.#account(job);
    }
  }

  /** A last touch before the container's end is not its end. */
  #isOver({ runner }: FinishedJob): boolean {
    return (this.#audit.lifeOf(runner).gone ?? 0) > (this.#exits.get(runner) ?? Infinity);
  }

  #account(job: FinishedJob): void {
    const { runner, queuedMs, startedMs, finishedMs } = job;
    this.#jobs++;
    if (job.result !== "succeeded") this.#failedJobs++;
    const exited = this.#exits.get(runner);
    const { pod, gone, ...audited } = this.#audit.lifeOf(runner);
    const { queuedToPod, queuedToStarted, exitToFree } = this.#samples;
    if (pod !== undefined) queuedToPod.push(pod - queuedMs);
    queuedToStarted.push(startedMs - queuedMs);
    if (exited !== undefined && gone !== undefined && gone > exited) {
      exitToFree.push(gone - exited);
    }
    this.#lives.push({
      ...audited,
      queued: queuedMs,
      started: startedMs,
      finished: finishedMs,
      ...(pod !== undefined && { pod }),
      ...(exited !== undefined && { exited }),
      ...(gone !== undefined && { gone }),
    });
    this.#exits.delete(runner);
    this.#audit.forget(runner);
  }

  #figures(
    what: Pick<ScenarioFigures, "name" | "what">,
    outcome: Pick<ScenarioFigures, "notes" | "scale">,
    end: {
      readonly github: Readonly<Record<string, number>>;
      readonly after: ReadonlyMap<string, Cost>;
    },
  ): ScenarioFigures {
    const late = this.#waiting.splice(0);
    for (const job of late) this.#account(job);
    const firstMs = this.#lives.reduce(
      (first, { queued = first }) => Math.min(first, queued),
      Infinity,
    );
    const course = courseOf(this.#lives, firstMs);
    const spanMs = this.#jobs > 0
      ? course.gone.at(-1) ?? NaN
      : this.#tracks.get("controller")?.samples.at(-1)?.atMs ?? 0;
    const seconds = spanMs / 1_000;
    const samples = Object.fromEntries(
      Object.entries(this.#samples).map(([name, list]) => [name, list.toSorted((a, b) => a - b)]),
    ) as unknown as ScenarioFigures["samples"];
    return {
      ...what,
      sets: this.#stage.sets.length,
      jobs: this.#jobs,
      runners: this.#audit.runners,
      seconds,
      livesPerS: this.#jobs > 0 ? this.#jobs / seconds : undefined,
      latencies: {
        queuedToPod: quantilesOf(samples.queuedToPod),
        queuedToStarted: quantilesOf(samples.queuedToStarted),
        exitToFree: quantilesOf(samples.exitToFree),
      },
      calls: this.#audit.rows(),
      github: difference(this.#github, end.github),
      processes: this.#processFigures(end.after),
      course,
      phases: phasesOf(this.#lives, course),
      samples,
      readyMs: this.#stage.readyMs,
      scale: outcome.scale,
      notes: [
        ...(this.#failedJobs > 0 ? [`${this.#failedJobs} jobs did not succeed`] : []),
        ...(late.length > 0 ? [`${late.length} runners were not seen to be gone`] : []),
        ...outcome.notes,
      ],
    };
  }

  #processFigures(after: ReadonlyMap<string, Cost>): readonly ProcessFigures[] {
    return [...this.#tracks].map(([role, { first, last, peak, processes, samples }]) => ({
      role,
      processes,
      cpuMs: last.cpuMs - first.cpuMs,
      memory: {
        idle: first.residentMiB,
        peak,
        after: after.get(role)?.residentMiB ?? 0,
      },
      memorySamples: samples,
    }));
  }
}

async function every(
  ms: number,
  signal: AbortSignal,
  work: () => Promise<void> | void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await systemClock.sleep(ms, signal);
    } catch {
      return; // it is over
    }
    await work();
  }
}

function difference(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}
