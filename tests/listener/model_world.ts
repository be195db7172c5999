/**
 * A controller that obeys the patchID contract (spec controllers.md §9.1) to the letter, a GitHub that assigns jobs, and
 * runners that may end late or early for either of them. Pure; whoever drives it decides what happens next. It shares
 * nothing with the code that it judges.
 */
import type {
  CompletedJob,
  Job,
  JobMessage,
  StartedJob,
  Statistics,
} from "../../github/messages.ts";
import type { Decision, Limits } from "../../listener/decide.ts";
import { aJob, aMessage, completed, started, withdrawn } from "./jobs.ts";

interface ModelRunner {
  readonly name: string;
  /** `spec.patchID` when it was created. */
  readonly patchId: number;
  phase: "pending" | "running" | "finished";
  job: "none" | "running" | "done";
  /** Empty polls since its job was done. */
  doneForPolls: number;
}

type ModelEvent =
  | { readonly assigned: Job }
  | { readonly started: StartedJob }
  | { readonly completed: CompletedJob };

/** A runner whose job is done leaves the cluster before so many empty polls. */
const LONGEST_END_POLLS = 3;

export class ModelWorld {
  #runners: ModelRunner[] = [];
  #spec = { replicas: 0, patchId: 0 };
  #waiting: string[] = [];
  #events: ModelEvent[] = [];
  #names = 0;
  #messages = 0;

  /** A new job is assigned to the set. */
  assign(): void {
    const job = aJob(`job-${this.#names++}`);
    this.#waiting.push(job.jobId);
    this.#events.push({ assigned: job });
    this.#dispatch();
  }

  /** A waiting job is withdrawn. */
  cancel(which: number): void {
    const [jobId] = this.#waiting.splice(which % Math.max(1, this.#waiting.length), 1);
    if (jobId !== undefined) this.#events.push({ completed: withdrawn(jobId) });
  }

  /** A running job ends; its runner still counts in the cluster. */
  complete(which: number): void {
    const runner = pick(this.#runners.filter(({ job }) => job === "running"), which);
    if (runner === undefined) return;
    runner.job = "done";
    this.#events.push({ completed: completed(runner.name) });
  }

  /** The cluster notices that a runner whose job is done has ended. */
  end(which: number): void {
    const runner = pick(
      this.#runners.filter(({ job, phase }) => job === "done" && phase === "running"),
      which,
    );
    if (runner !== undefined) runner.phase = "finished";
  }

  /** A pending runner comes up and registers. */
  boot(which: number): void {
    const runner = pick(this.#runners.filter(({ phase }) => phase === "pending"), which);
    if (runner === undefined) return;
    runner.phase = "running";
    this.#dispatch();
  }

  /** One reconcile of the set: §9.1, row by row. */
  reconcile(): void {
    const { replicas, patchId } = this.#spec;
    const latest = Math.max(0, ...this.#runners.map((runner) => runner.patchId));
    if (patchId !== 0 && patchId === latest) return;
    const counted = this.#runners.filter(({ phase }) => phase !== "finished");
    for (let n = counted.length; n < replicas; n++) {
      this.#runners.push({
        name: `runner-${this.#names++}`,
        patchId,
        phase: "pending",
        job: "none",
        doneForPolls: 0,
      });
    }
    if (patchId === 0) {
      const idle = counted.filter(({ job }) => job === "none")
        .sort((a, b) => a.phase < b.phase ? -1 : a.phase > b.phase ? 1 : 0);
      const surplus = new Set(idle.slice(0, Math.max(0, counted.length - replicas)));
      this.#runners = this.#runners.filter((runner) => !surplus.has(runner));
    }
    this.#runners = this.#runners.filter(({ phase }) => phase !== "finished");
  }

  /** What a poll answers: at most `limit` events, with statistics of now; `undefined` when nothing happened. */
  poll(limit: number): JobMessage | undefined {
    const events = this.#events.splice(0, limit);
    if (events.length === 0) {
      this.#letTimePass();
      return undefined;
    }
    return aMessage(++this.#messages, this.statistics(), {
      assigned: events.flatMap((event) => "assigned" in event ? [event.assigned] : []),
      started: events.flatMap((event) => "started" in event ? [event.started] : []),
      completed: events.flatMap((event) => "completed" in event ? [event.completed] : []),
    });
  }

  /** A message about nothing but the number of jobs, as after an assignment. */
  news(): JobMessage {
    return aMessage(++this.#messages, this.statistics());
  }

  write(decision: Decision): void {
    if (decision.write) this.#spec = { replicas: decision.target, patchId: decision.patchId };
  }

  statistics(): Statistics {
    const registered = this.#runners.filter(({ phase, job }) =>
      phase === "running" && job !== "done"
    );
    const running = registered.filter(({ job }) => job === "running").length;
    return {
      available: 0,
      acquired: 0,
      assigned: this.#waiting.length + running,
      running,
      registeredRunners: registered.length,
      busyRunners: running,
      idleRunners: registered.length - running,
    };
  }

  /** Runners that have a job or can take one. */
  get runners(): number {
    return this.#runners.filter(({ phase, job }) => phase !== "finished" && job !== "done").length;
  }

  /** What the controller says in its status: pending and running. */
  get counted(): number {
    return this.#runners.filter(({ phase }) => phase !== "finished").length;
  }

  get waitingJobs(): number {
    return this.#waiting.length;
  }

  target({ minRunners, maxRunners }: Limits): number {
    return Math.min(minRunners + this.statistics().assigned, maxRunners);
  }

  /** Everything under way comes to its end, jobs excepted. */
  bringToRest(): void {
    this.reconcile();
    for (const runner of this.#runners) {
      if (runner.phase === "pending") runner.phase = "running";
      if (runner.job === "done") runner.phase = "finished";
    }
    this.#dispatch();
    this.reconcile();
  }

  /** All jobs end, those that wait as well. */
  endAllJobs(): void {
    while (this.#waiting.length > 0) this.cancel(0);
    for (let n = this.#runners.length; n > 0; n--) this.complete(0);
  }

  #letTimePass(): void {
    this.reconcile();
    for (const runner of this.#runners) {
      if (runner.job === "done" && ++runner.doneForPolls >= LONGEST_END_POLLS) {
        runner.phase = "finished";
      }
    }
    this.reconcile();
  }

  #dispatch(): void {
    for (const runner of this.#runners) {
      if (runner.phase !== "running" || runner.job !== "none") continue;
      if (this.#waiting.shift() === undefined) return;
      runner.job = "running";
      this.#events.push({ started: started(runner.name) });
    }
  }
}

function pick<T>(from: readonly T[], which: number): T | undefined {
  return from[which % Math.max(1, from.length)];
}
