/**
 * Looks at the stage again and again until something is reached, and shows it meanwhile. Knows when nothing moves any
 * more, not what a run is made of.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Display } from "./display.ts";
import type { DevConfig } from "./options.ts";
import { readiness, whatIsMissing } from "./outlook.ts";
import type { Stage } from "./stage.ts";

const TURN_MS = 100;
/** Nothing moved for this long: it will not any more. */
const PATIENCE_MS = 60_000;
const MIB = 2 ** 20;

/** Why a wait ended. */
export type Outcome =
  | { readonly is: "reached" }
  | { readonly is: "stopped" }
  | { readonly is: "failed"; readonly why: string };

export interface WatchOptions {
  readonly stage: Stage;
  readonly display: Display;
  readonly clock: Clock;
  readonly startMs: number;
  readonly signal: AbortSignal;
}

/** Turns over what is to be seen until something is reached, and shows it meanwhile. */
export class Watch {
  /** A stream of jobs is still coming. */
  isMoreToCome = false;
  rssPeakMiB = 0;
  readonly #options: WatchOptions;
  #expected = 0;
  /** Fewest runners too many since all jobs were done. */
  #lowest = Infinity;
  #readiest = 0;
  #controllerEnded: number | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    options.stage.controller.then((code) => this.#controllerEnded = code);
  }

  /** How many jobs there will be, for the progress bar. */
  expectJobs({ rate = 0, forMs = 0 }: DevConfig, burst: number): void {
    this.#expected = burst + Math.floor(rate * forMs / 1_000);
  }

  show(): void {
    const { stage, display, clock, startMs } = this.#options;
    const { waiting: queued, running, done } = stage.jobs;
    const total = Math.max(this.#expected, stage.jobs.queued);
    const elapsedMs = clock.now().getTime() - startMs;
    display.show({ sets: stage.rows(), jobs: { queued, running, done, total }, elapsedMs });
    this.rssPeakMiB = Math.max(this.rssPeakMiB, Math.round(Deno.memoryUsage().rss / MIB));
  }

  /** Looks again and again. With `isPatient`, it may take as long as it takes. */
  async until(
    isReached: () => boolean,
    options: { readonly isPatient?: boolean; readonly patienceMs?: number } = {},
  ): Promise<Outcome> {
    const { clock, signal, stage } = this.#options;
    const { patienceMs = PATIENCE_MS } = options;
    let mark = "";
    let movedMs = clock.now().getTime();
    for (;;) {
      if (signal.aborted) return { is: "stopped" };
      if (this.#controllerEnded !== undefined) {
        return { is: "failed", why: `the controller-manager ended with ${this.#controllerEnded}` };
      }
      if (isReached()) return { is: "reached" };
      const now = clock.now();
      const here = this.#mark();
      if (here !== mark || this.isMoreToCome || stage.jobs.isBusyAt(now)) {
        [mark, movedMs] = [here, now.getTime()];
      }
      if (!options.isPatient && now.getTime() - movedMs > patienceMs) {
        const missing = whatIsMissing(stage.states()).join(", ") || "nobody says what is missing";
        return { is: "failed", why: `nothing moved for ${patienceMs / 1_000} s: ${missing}` };
      }
      this.show();
      await clock.sleep(TURN_MS, signal).catch(() => {});
    }
  }

  /** Changes when the run comes nearer to its end, and not because runners come and go in vain. */
  #mark(): string {
    const { stage } = this.#options;
    if (stage.jobs.queued === stage.jobs.done) this.#lowest = Math.min(this.#lowest, stage.excess);
    if (stage.jobs.queued === 0) {
      this.#readiest = Math.max(this.#readiest, readiness(stage.states()));
    }
    return `${this.#readiest} ${stage.jobs.queued} ${stage.jobs.steps} ${this.#lowest}`;
  }
}
