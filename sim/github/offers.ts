/**
 * Jobs on offer in the pipelines back end: every set that fits hears of a job, the first that acquires it has it. It
 * knows which sets were told, not what becomes of the job.
 */
import type { Announcer } from "./announcer.ts";
import type { JobBoard } from "./job_board.ts";
import type { Job, ScaleSet } from "./model.ts";

export interface OffersParts {
  readonly announcer: Announcer;
  readonly board: JobBoard;
  onChange(job: Job): void;
}

/** Of the pipelines back end alone: the newer one assigns by itself. */
export class Offers {
  readonly #parts: OffersParts;
  readonly #available = new Set<Job>();

  constructor(parts: OffersParts) {
    this.#parts = parts;
  }

  /** Offers every queued job that `set` may have, to it and to all others that may have it and have a session. */
  announce(set: ScaleSet): void {
    const { announcer, board, onChange } = this.#parts;
    for (let job = board.take(set); job; job = board.take(set)) {
      job.state = "available";
      this.#available.add(job);
      onChange(job);
      for (const other of board.candidates(job)) {
        if (!other.session) continue;
        this.#note(job, other);
        announcer.available(job, other);
      }
    }
  }

  /**
   * Tells a new session of all that is on offer, except what its queue still has word of. (Whether the live service
   * offers again what was deleted without being acquired is unknown.)
   */
  remind(set: ScaleSet): void {
    if (this.#available.size === 0) return;
    const told = new Set(
      set.queue.messages().map((x) => (x as { readonly jobId?: unknown }).jobId),
    );
    for (const job of this.#available) {
      if (![...this.#parts.board.candidates(job)].includes(set)) continue;
      this.#note(job, set);
      if (!told.has(job.jobId)) this.#parts.announcer.available(job, set);
    }
  }

  /** The job is not on offer any more. Nobody is told. */
  withdraw(job: Job): void {
    this.#available.delete(job);
    for (const set of job.offeredTo) set.counts.available--;
    job.offeredTo.clear();
  }

  #note(job: Job, set: ScaleSet): void {
    if (job.offeredTo.has(set)) return;
    job.offeredTo.add(set);
    set.counts.available++;
  }
}
