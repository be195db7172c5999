/**
 * Tells a scale set's queue what happened to jobs and runners, and releases the poll that waits for it. What is said in
 * one turn goes into one envelope.
 */
import { jobAssigned, jobAvailable, jobCompleted, jobStarted } from "./job_messages.ts";
import type { Agent, Job, JobResult, ScaleSet } from "./model.ts";
import type { GitHubSimSettings } from "./settings.ts";

export interface AnnouncerParts {
  settings(): GitHubSimSettings;
  /** Where jobs of a set are acquired (pipelines). */
  acquireUrl(set: ScaleSet): string;
}

/** What it puts into a queue is delivered with the next poll. */
export class Announcer {
  readonly #parts: AnnouncerParts;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  available(job: Job, set: ScaleSet): void {
    this.#say(set, jobAvailable(job, this.#parts.acquireUrl(set)));
  }

  assigned(job: Job, set: ScaleSet): void {
    this.#say(set, jobAssigned(job, this.#parts.settings().backend));
  }

  started(job: Job, agent: Agent): void {
    this.#say(agent.scaleSet, jobStarted(job, agent, this.#parts.settings().backend));
  }

  /** Also for a job that is withdrawn, which to the set looks the same. */
  completed(job: Job, about: { readonly set: ScaleSet; readonly result: JobResult }): void {
    const { backend } = this.#parts.settings();
    const { set, result } = about;
    this.#say(set, jobCompleted(job, { result, agent: job.agent, backend }));
  }

  /** A runner came or went: worth an envelope of statistics only, if the settings say so. */
  runnersChanged(set: ScaleSet): void {
    if (this.#parts.settings().statisticsMessages === "never") return;
    set.queue.emitStatistics();
    this.#flush(set);
  }

  #say(set: ScaleSet, message: unknown): void {
    set.queue.emit(message);
    this.#flush(set);
  }

  #flush(set: ScaleSet): void {
    if (set.isFlushDue) return;
    set.isFlushDue = true;
    queueMicrotask(() => {
      set.isFlushDue = false;
      const held = set.session?.held;
      if (held && set.queue.next(held.cursor)) held.end();
    });
  }
}
