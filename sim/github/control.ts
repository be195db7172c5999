/**
 * What the world, tests and the control API may do to the simulated GitHub: want jobs, cancel them, change knobs, set
 * faults, look. In process; `control_handlers.ts` puts it behind HTTP.
 */
import { InvalidInput } from "../../lib/errors.ts";
import { type Fault, parseFaults } from "../faults.ts";
import type { Sim } from "./call.ts";
import type { Agent, Job, JobResult, JobState, ScaleSet, Statistics } from "./model.ts";
import { statisticsOf } from "./model.ts";
import { OPERATIONS } from "./routes.ts";
import { forget } from "./scale_set_handlers.ts";
import { scopeOfName } from "./scopes.ts";
import type { GitHubSimChange, Span } from "./settings.ts";

export interface JobRequest {
  /**
   * The name of a scale set, which is the label that the jobs ask for; or its id: then only sets of that one's scope
   * and name can take them. Either this or `labels`.
   */
  readonly scaleSet?: string | number;
  /** What the jobs ask for in `runs-on`. */
  readonly labels?: readonly string[];
  /** Where the workflow runs: `octo`, `octo/widgets`, `enterprises/acme`. Left out: any set that fits may take them. */
  readonly scope?: string;
  readonly count: number;
  /** 60 s when left out. Drawn for each job. */
  readonly durationMs?: Span;
  /** `succeeded` when left out. */
  readonly result?: JobResult;
  readonly displayName?: string;
}

/** A job with everything that happened to it so far; times in RFC 3339. */
export interface JobView {
  readonly jobId: string;
  readonly state: JobState;
  readonly labels: readonly string[];
  readonly displayName: string;
  readonly durationMs: number;
  readonly scaleSetId?: number | undefined;
  readonly scaleSetName?: string | undefined;
  readonly runnerId?: number | undefined;
  readonly runnerName?: string | undefined;
  readonly result?: JobResult | undefined;
  readonly queuedAt: string;
  readonly assignedAt?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
}

export interface RunnerView {
  readonly id: number;
  readonly name: string;
  readonly scaleSetId: number;
  /** `registered`: its JIT configuration has not been used. */
  readonly state: Agent["state"];
  readonly jobId?: string | undefined;
}

export interface ScaleSetView {
  readonly id: number;
  readonly name: string;
  readonly scope: string;
  readonly runnerGroupId: number;
  readonly labels: readonly string[];
  readonly statistics: Statistics;
  readonly undeletedMessages: number;
  readonly session?: { readonly id: string; readonly ownerName: string } | undefined;
}

/** Who listens for which set. */
export interface SessionView {
  readonly id: string;
  readonly scaleSetId: number;
  readonly ownerName: string;
}

export interface GitHubSimState {
  readonly scaleSets: readonly ScaleSetView[];
  /** Of all sets: the same that these name. */
  readonly sessions: readonly SessionView[];
  readonly runners: readonly RunnerView[];
  /** Completed ones too, of which only the last 20,000 are remembered. */
  readonly jobs: readonly JobView[];
  /** Calls by operation. */
  readonly calls: Readonly<Record<string, number>>;
}

export interface GitHubControl {
  /** Returns the ids of the jobs, in order. Throws `InvalidInput`. */
  queueJobs(request: JobRequest): readonly string[];
  /** `false`: there is no such job, or it is over. A running job ends when its runner has heard of it. */
  cancelJob(jobId: string): boolean;
  job(jobId: string): JobView | undefined;
  state(): GitHubSimState;
  /** Throws `InvalidInput`. Holds for what begins from now on; polls and tokens that exist keep their times. */
  change(settings: GitHubSimChange): void;
  /** Replaces the faults that are left by these. Throws `InvalidInput`. */
  setFaults(faults: readonly Fault[]): void;
  addRunnerGroup(scope: string, name: string): { readonly id: number };
  /** The service loses the session of a set. `false`: it has none. */
  loseSession(scaleSetId: number): boolean;
  /** The service forgets a set, as if deleted by hand or by age. `false`: there is none. */
  forgetScaleSet(scaleSetId: number): boolean;
  /** The service forgets a runner; a job that it has fails. `false`: there is none. */
  forgetRunner(runnerId: number): boolean;
}

/** What the control needs of the server round it. */
export interface ControlParts {
  readonly calls: Readonly<Record<string, number>>;
  change(settings: GitHubSimChange): void;
  setFaults(faults: readonly Fault[]): void;
}

/** What tests and `dev` do to a simulated GitHub past its API. */
export function controlOf(sim: Sim, parts: ControlParts): GitHubControl {
  return {
    queueJobs: (request) => queueJobs(sim, request),
    cancelJob: (jobId) => {
      const job = sim.registry.job(jobId);
      return job !== undefined && sim.engine.cancel(job);
    },
    job: (jobId) => {
      const job = sim.registry.job(jobId);
      return job && jobView(job);
    },
    state: () => ({
      scaleSets: [...sim.registry.sets()].map((set) => scaleSetView(sim, set)),
      sessions: [...sim.registry.sets()].flatMap((set) => sessionViews(sim, set)),
      runners: [...sim.registry.agents()].map(runnerView),
      jobs: [...sim.registry.jobs()].map(jobView),
      calls: { ...parts.calls },
    }),
    change: parts.change,
    setFaults: (faults) => parts.setFaults(parseFaults(faults, Object.keys(OPERATIONS))),
    addRunnerGroup: (scope, name) => sim.registry.addGroup(scopeKey(scope), name),
    loseSession: (id) => {
      const session = sim.registry.set(id)?.session;
      if (session) sim.sessions.end(session);
      return session !== undefined;
    },
    forgetScaleSet: (id) => {
      const set = sim.registry.set(id);
      if (set) forget(sim, set);
      return set !== undefined;
    },
    forgetRunner: (id) => {
      const agent = sim.registry.agent(id);
      if (!agent) return false;
      if (agent.job) sim.engine.lost(agent);
      else sim.engine.remove(agent);
      return true;
    },
  };
}

function queueJobs(sim: Sim, request: JobRequest): readonly string[] {
  const { scaleSet, count, durationMs = 60_000, result = "succeeded", displayName } = request;
  const set = typeof scaleSet === "number" ? sim.registry.set(scaleSet) : undefined;
  if (typeof scaleSet === "number" && !set) {
    throw new InvalidInput(`Cannot queue jobs: there is no scale set ${scaleSet}`);
  }
  const labels = set ? [set.name] : request.labels ?? [String(scaleSet ?? "")];
  if (labels.length === 0 || labels.includes("")) {
    throw new InvalidInput("Cannot queue jobs: scaleSet or labels is required");
  }
  const scope = set?.scope ?? (request.scope === undefined ? undefined : scopeKey(request.scope));
  const draft = { labels, scope, duration: durationMs, plannedResult: result, displayName };
  return Array.from({ length: count }, () => sim.engine.queue(draft).jobId);
}

function scopeKey(name: string): string {
  const scope = scopeOfName(name);
  if (scope !== undefined) return scope;
  throw new InvalidInput(
    `Scope ${JSON.stringify(name)} is none of octo, octo/widgets, enterprises/acme`,
  );
}

/** A job as the outside may see it. */
export function jobView(job: Job): JobView {
  return {
    jobId: job.jobId,
    state: job.state,
    labels: job.labels,
    displayName: job.displayName,
    durationMs: job.durationMs,
    scaleSetId: job.scaleSet?.id,
    scaleSetName: job.scaleSet?.name,
    runnerId: job.agent?.id,
    runnerName: job.agent?.name,
    result: job.result,
    queuedAt: job.queuedAt.toISOString(),
    assignedAt: job.assignedAt?.toISOString(),
    startedAt: job.startedAt?.toISOString(),
    finishedAt: job.finishedAt?.toISOString(),
  };
}

function runnerView(agent: Agent): RunnerView {
  return {
    id: agent.id,
    name: agent.name,
    scaleSetId: agent.scaleSet.id,
    state: agent.state,
    jobId: agent.job?.jobId,
  };
}

function sessionViews(sim: Sim, set: ScaleSet): readonly SessionView[] {
  const session = sim.sessions.of(set);
  return session ? [{ id: session.id, scaleSetId: set.id, ownerName: session.ownerName }] : [];
}

function scaleSetView(sim: Sim, set: ScaleSet): ScaleSetView {
  const session = sim.sessions.of(set);
  return {
    id: set.id,
    name: set.name,
    scope: set.scope,
    runnerGroupId: set.runnerGroupId,
    labels: set.labels.map(({ name }) => name),
    statistics: statisticsOf(set),
    undeletedMessages: set.queue.undeleted,
    session: session && { id: session.id, ownerName: session.ownerName },
  };
}
