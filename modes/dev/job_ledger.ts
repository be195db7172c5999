/** What became of the jobs of a run, as the simulated GitHub tells it. Knows jobs; runners and pods are not its business. */
import type { JobView } from "../../sim/github/control.ts";
import type { JobFigures } from "./figures.ts";

/** One for a run. */
export class JobLedger {
  readonly #jobs = new Map<string, JobView>();
  readonly #counts = { waiting: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 };
  readonly #queuedToStartedMs: number[] = [];
  /** When the last of the running jobs will have ended if all goes well, in ms. */
  #runsUntilMs = -Infinity;
  #steps = 0;

  /** A job has a new state. */
  note(job: JobView): void {
    const before = this.#jobs.get(job.jobId);
    this.#jobs.set(job.jobId, job);
    const [was, is] = [before && stageOf(before), stageOf(job)];
    if (was === is) return;
    if (was !== undefined) this.#counts[was]--;
    this.#counts[is]++;
    if (is !== "waiting") this.#steps++;
    if (is !== "running") return;
    const startedMs = Date.parse(job.startedAt ?? job.queuedAt);
    this.#queuedToStartedMs.push(startedMs - Date.parse(job.queuedAt));
    this.#runsUntilMs = Math.max(this.#runsUntilMs, startedMs + job.durationMs);
  }

  get waiting(): number {
    return this.#counts.waiting;
  }

  get running(): number {
    return this.#counts.running;
  }

  get done(): number {
    const { succeeded, failed, canceled } = this.#counts;
    return succeeded + failed + canceled;
  }

  get queued(): number {
    return this.#jobs.size;
  }

  /** Grows with every job that starts or ends. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether a job is running whose time is not over yet. */
  isBusyAt(moment: Date): boolean {
    return this.#counts.running > 0 && moment.getTime() < this.#runsUntilMs;
  }

  /** Samples in ms. */
  get queuedToStartedMs(): readonly number[] {
    return this.#queuedToStartedMs;
  }

  figures(): JobFigures {
    const { succeeded, failed, canceled } = this.#counts;
    return { queued: this.queued, succeeded, failed, canceled, lost: this.queued - this.done };
  }

  /** How many jobs of this scale set wait for a runner. */
  waitingFor(scaleSetName: string): number {
    let count = 0;
    for (const job of this.#jobs.values()) {
      if (stageOf(job) === "waiting" && job.labels.includes(scaleSetName)) count++;
    }
    return count;
  }
}

type Stage = "waiting" | "running" | "succeeded" | "failed" | "canceled";

function stageOf(job: JobView): Stage {
  if (job.state === "running") return "running";
  return job.state === "completed" ? job.result ?? "failed" : "waiting";
}
