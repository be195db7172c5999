/**
 * The life of a job, in both back ends: queued → (available →) assigned → running → completed. It moves jobs, agents and
 * counts, and tells the queue; it knows nothing of HTTP. Whatever happens here happens in one turn, so that assignment
 * and removal of a runner cannot overlap.
 */
import type { Clock } from "../../lib/clock.ts";
import { type Random, randomUuid } from "../../lib/random.ts";
import type { Announcer } from "./announcer.ts";
import { JobBoard } from "./job_board.ts";
import type { Agent, Job, JobResult, ScaleSet } from "./model.ts";
import { Offers } from "./offers.ts";
import { repositoryOf } from "./scopes.ts";
import { drawMs, type GitHubSimSettings, type Span } from "./settings.ts";
import type { Waits } from "./waits.ts";

/** How often a job is assigned before it is given up. */
const MAX_ASSIGNMENTS = 3;

export interface JobEngineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly waits: Waits;
  readonly announcer: Announcer;
  settings(): GitHubSimSettings;
  /** A job came into a new state. */
  onChange(job: Job): void;
  /** An agent's record is to be dropped: its job is over, or it was removed. */
  onAgentGone(agent: Agent): void;
}

export interface JobDraft {
  readonly labels: readonly string[];
  readonly scope: string | undefined;
  readonly duration: Span;
  readonly plannedResult: JobResult;
  readonly displayName?: string | undefined;
}

/** Every job goes through it, from its queueing to its end. */
export class JobEngine {
  readonly #parts: JobEngineParts;
  readonly #board = new JobBoard();
  readonly #offers: Offers;
  #lastRequestId = 9_000;

  constructor(parts: JobEngineParts) {
    this.#parts = parts;
    this.#offers = new Offers({ ...parts, board: this.#board });
  }

  /** A workflow wants a job done. */
  queue(draft: JobDraft): Job {
    const { clock, random } = this.#parts;
    const requestId = ++this.#lastRequestId;
    const job: Job = {
      ...repositoryOf(draft.scope),
      jobId: randomUuid(random),
      requestId,
      scope: draft.scope,
      displayName: draft.displayName ?? "build",
      workflowRunId: 555_000_000 + requestId,
      labels: draft.labels,
      durationMs: drawMs(draft.duration, random),
      plannedResult: draft.plannedResult,
      queuedAt: clock.now(),
      state: "queued",
      assignments: 0,
      isCancelRequested: false,
      offeredTo: new Set(),
    };
    this.#enqueue(job);
    return job;
  }

  /** The workflow was canceled. A running job ends when its runner has heard of it. `false`: it was over already. */
  cancel(job: Job): boolean {
    if (job.state === "completed") return false;
    job.isCancelRequested = true;
    if (job.state === "running") job.agent?.wake?.();
    else this.#finish(job, "canceled");
    return true;
  }

  /** Takes account of a new scale set, or of one that has changed or gone. */
  place(set: ScaleSet): void {
    this.#board.place(set);
    if (set.isGone) this.#giveUp(set);
    else this.offer(set);
  }

  /**
   * Gives a set what it may have now: in the broker back end queued jobs up to the capacity of the poll in progress, in
   * pipelines word of every matching job, once it has a session. (Whether the live pipelines back end heeds the
   * capacity header is unknown; this one does not.)
   */
  offer(set: ScaleSet): void {
    if (set.isGone || !set.session) return;
    if (this.#parts.settings().backend === "pipelines") return this.#offers.announce(set);
    const capacity = set.session.held?.capacity ?? 0;
    while (set.counts.assigned < capacity) {
      const job = this.#board.take(set);
      if (!job) return;
      this.#assign(job, set);
    }
  }

  /** A set has a new session. */
  welcome(set: ScaleSet): void {
    this.#offers.remind(set);
    this.offer(set);
  }

  /** Of `jobs`, gives `set` those that are still to be had; returns them. */
  acquire(set: ScaleSet, jobs: readonly Job[]): readonly Job[] {
    const won = jobs.filter((job) => job.state === "available" && job.offeredTo.has(set));
    for (const job of new Set(won)) {
      this.#offers.withdraw(job);
      this.#assign(job, set);
    }
    return won;
  }

  /** The runner of `agent` has connected. */
  online(agent: Agent): void {
    agent.state = "online";
    agent.scaleSet.counts.online++;
    agent.scaleSet.idle.add(agent);
    this.#parts.announcer.runnersChanged(agent.scaleSet);
    this.#startWaiting(agent.scaleSet);
  }

  /** The runner of `agent` is gone without a word; a job that it had fails. The record of an idle one stays. */
  lost(agent: Agent): void {
    if (agent.job) return this.#finish(agent.job, "failed");
    this.#leave(agent);
    agent.state = "offline";
  }

  /** The runner reports the end of its job. `false`: it is not the job that it has. */
  complete(agent: Agent, jobId: string, result: JobResult): boolean {
    if (agent.job?.jobId !== jobId) return false;
    this.#finish(agent.job, result);
    return true;
  }

  /** Refused while a job is assigned to the agent. */
  remove(agent: Agent): "removed" | "busy" {
    if (agent.job) return "busy";
    this.#forget(agent);
    return "removed";
  }

  #enqueue(job: Job): void {
    job.state = "queued";
    this.#parts.onChange(job);
    for (const set of this.#board.put(job)) this.offer(set);
  }

  #assign(job: Job, set: ScaleSet): void {
    const { announcer, clock, waits, settings, onChange } = this.#parts;
    job.state = "assigned";
    job.scaleSet = set;
    job.assignedAt = clock.now();
    job.assignments++;
    set.counts.assigned++;
    set.waiting.push(job);
    job.cancelPickupAlarm = waits.after(settings().pickupTimeoutMs, () => this.#withdraw(job));
    onChange(job);
    announcer.assigned(job, set);
    this.#startWaiting(set);
  }

  #startWaiting(set: ScaleSet): void {
    for (const agent of set.idle) {
      const job = set.waiting.take((job) => job.state === "assigned" && job.scaleSet === set);
      if (!job) return;
      this.#start(job, agent);
    }
  }

  #start(job: Job, agent: Agent): void {
    const { announcer, clock, onChange } = this.#parts;
    job.cancelPickupAlarm?.();
    job.state = "running";
    job.startedAt = clock.now();
    job.agent = agent;
    agent.job = job;
    agent.scaleSet.idle.delete(agent);
    agent.scaleSet.counts.running++;
    onChange(job);
    announcer.started(job, agent);
    agent.wake?.();
  }

  /** No runner took an assigned job in time. */
  #withdraw(job: Job): void {
    if (job.assignments >= MAX_ASSIGNMENTS) return this.#finish(job, "canceled");
    const set = this.#unassign(job);
    if (set) this.#parts.announcer.completed(job, { set, result: "canceled" });
    this.#enqueue(job);
  }

  #finish(job: Job, result: JobResult): void {
    const { announcer, clock, onChange } = this.#parts;
    const { agent } = job;
    const offered = [...job.offeredTo];
    job.finishedAt = clock.now();
    job.result = result;
    if (agent) agent.scaleSet.counts.running--;
    const owner = job.scaleSet;
    this.#unassign(job);
    this.#offers.withdraw(job);
    job.state = "completed";
    job.scaleSet = owner;
    for (const set of owner ? [owner] : offered) announcer.completed(job, { set, result });
    if (agent) {
      agent.job = undefined;
      this.#forget(agent); // ephemeral: the record ends with the job
    }
    onChange(job);
    if (owner) this.offer(owner);
  }

  #unassign(job: Job): ScaleSet | undefined {
    const set = job.scaleSet;
    job.cancelPickupAlarm?.();
    job.cancelPickupAlarm = undefined;
    if (set) set.counts.assigned--;
    job.scaleSet = undefined;
    return set;
  }

  #forget(agent: Agent): void {
    this.#leave(agent);
    agent.state = "gone";
    agent.cancelLostAlarm?.();
    agent.scaleSet.agents.delete(agent);
    this.#parts.onAgentGone(agent);
    agent.wake?.();
  }

  #leave(agent: Agent): void {
    if (agent.state !== "online") return;
    agent.scaleSet.counts.online--;
    agent.scaleSet.idle.delete(agent);
    this.#parts.announcer.runnersChanged(agent.scaleSet);
  }

  /** A set is gone: its idle runners go, jobs that had not started are queued again, running ones run on. */
  #giveUp(set: ScaleSet): void {
    for (const agent of [...set.agents]) if (!agent.job) this.#forget(agent);
    const isWaiting = (job: Job) => job.state === "assigned" && job.scaleSet === set;
    for (let job = set.waiting.take(isWaiting); job; job = set.waiting.take(isWaiting)) {
      this.#unassign(job);
      this.#enqueue(job);
    }
  }
}
