/**
 * Which scale sets, runner groups, agents and jobs there are, and under which names. Finding is by scope: what lives in
 * one scope does not exist for another. It decides nothing.
 */
import { MessageQueue } from "./message_queue.ts";
import { Fifo } from "./job_board.ts";
import type { Agent, Job, ScaleSet } from "./model.ts";

export interface RunnerGroup {
  readonly id: number;
  readonly name: string;
  readonly isDefaultGroup: boolean;
}

const DEFAULT_GROUP: RunnerGroup = { id: 1, name: "Default", isDefaultGroup: true };

/** Completed jobs are remembered up to this many. */
const MAX_COMPLETED_JOBS = 20_000;

/** Ids count from 1 and are never given twice. */
export class Registry {
  readonly #sets = new Map<number, ScaleSet>();
  readonly #setIds = new Map<string, number>();
  readonly #groups = new Map<string, RunnerGroup[]>();
  readonly #agents = new Map<number, Agent>();
  readonly #agentIds = new Map<string, number>();
  readonly #jobs = new Map<string, Job>();
  readonly #jobsByRequest = new Map<number, Job>();
  readonly #completed = new Fifo<Job>();
  #completedCount = 0;
  #lastSetId = 0;
  #lastAgentId = 0;
  #lastGroupId = 1;

  addSet(
    draft: Pick<
      ScaleSet,
      "scope" | "createdAt" | "name" | "runnerGroupId" | "labels" | "disableUpdate"
    >,
    firstMessageId: number,
  ): ScaleSet {
    const set: ScaleSet = {
      ...draft,
      id: ++this.#lastSetId,
      isGone: false,
      queue: new MessageQueue(firstMessageId),
      agents: new Set(),
      idle: new Set(),
      waiting: new Fifo(),
      counts: { available: 0, assigned: 0, running: 0, online: 0 },
      isFlushDue: false,
    };
    this.#sets.set(set.id, set);
    this.#setIds.set(setKey(set.scope, set), set.id);
    return set;
  }

  /** `scope` left out: in any. */
  set(id: number, scope?: string): ScaleSet | undefined {
    const set = this.#sets.get(id);
    return scope === undefined || set?.scope === scope ? set : undefined;
  }

  setNamed(
    scope: string,
    key: { readonly name: string; readonly runnerGroupId: number },
  ): ScaleSet | undefined {
    return this.#sets.get(this.#setIds.get(setKey(scope, key)) ?? 0);
  }

  /** Gives a set another name or group. */
  move(set: ScaleSet, to: { readonly name: string; readonly runnerGroupId: number }): void {
    this.#setIds.delete(setKey(set.scope, set));
    set.name = to.name;
    set.runnerGroupId = to.runnerGroupId;
    this.#setIds.set(setKey(set.scope, set), set.id);
  }

  dropSet(set: ScaleSet): void {
    set.isGone = true;
    this.#sets.delete(set.id);
    this.#setIds.delete(setKey(set.scope, set));
  }

  sets(): Iterable<ScaleSet> {
    return this.#sets.values();
  }

  groups(scope: string): readonly RunnerGroup[] {
    return [DEFAULT_GROUP, ...this.#groups.get(scope) ?? []];
  }

  addGroup(scope: string, name: string): RunnerGroup {
    const group = { id: ++this.#lastGroupId, name, isDefaultGroup: false };
    this.#groups.set(scope, [...this.#groups.get(scope) ?? [], group]);
    return group;
  }

  addAgent(draft: Pick<Agent, "name" | "scaleSet" | "credential" | "createdAt">): Agent {
    const agent: Agent = { ...draft, id: ++this.#lastAgentId, state: "registered", openCalls: 0 };
    this.#agents.set(agent.id, agent);
    this.#agentIds.set(agentKey(agent.scaleSet.scope, agent.name), agent.id);
    agent.scaleSet.agents.add(agent);
    return agent;
  }

  /** `scope` left out: in any. */
  agent(id: number, scope?: string): Agent | undefined {
    const agent = this.#agents.get(id);
    return scope === undefined || agent?.scaleSet.scope === scope ? agent : undefined;
  }

  agentNamed(scope: string, name: string): Agent | undefined {
    return this.#agents.get(this.#agentIds.get(agentKey(scope, name)) ?? 0);
  }

  dropAgent(agent: Agent): void {
    this.#agents.delete(agent.id);
    this.#agentIds.delete(agentKey(agent.scaleSet.scope, agent.name));
  }

  agents(): Iterable<Agent> {
    return this.#agents.values();
  }

  /** Takes note of a job's new state; the oldest completed ones are forgotten. */
  noteJob(job: Job): void {
    this.#jobs.set(job.jobId, job);
    this.#jobsByRequest.set(job.requestId, job);
    if (job.state !== "completed") return;
    this.#completed.push(job);
    if (++this.#completedCount <= MAX_COMPLETED_JOBS) return;
    const oldest = this.#completed.take(() => true);
    if (!oldest) return;
    this.#jobs.delete(oldest.jobId);
    this.#jobsByRequest.delete(oldest.requestId);
  }

  job(jobId: string): Job | undefined {
    return this.#jobs.get(jobId);
  }

  jobByRequest(requestId: number): Job | undefined {
    return this.#jobsByRequest.get(requestId);
  }

  jobs(): Iterable<Job> {
    return this.#jobs.values();
  }
}

/** Names are taken without regard to letter case (what the live service does is unknown). */
function setKey(
  scope: string,
  key: { readonly name: string; readonly runnerGroupId: number },
): string {
  return JSON.stringify([scope, key.runnerGroupId, key.name.toLowerCase()]);
}

function agentKey(scope: string, name: string): string {
  return JSON.stringify([scope, name.toLowerCase()]);
}
