/**
 * The controllers of a run: as many as were asked for, and each started again when it ends. Knows how long a restart
 * takes, not why it was needed.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Caller, Process } from "../../tests/journeys/stage.ts";

export interface ReplicasOptions {
  readonly clock: Clock;
  readonly start: () => Process;
  /** A controller ended by itself. */
  readonly onFailure: (thrown: unknown) => void;
}

/** What Kubernetes waits before it starts a container again, in ms. */
const RESTART_MS = 2_000;

export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #running = new Set<Process>();
  /** How long those stay down whose end somebody wanted. */
  readonly #downMs = new Map<Caller, number>();
  readonly #over = new AbortController();

  constructor(options: ReplicasOptions) {
    this.#options = options;
  }

  /** Those that run now, the oldest first. */
  get running(): readonly Process[] {
    return [...this.#running];
  }

  start(): void {
    const process = this.#options.start();
    this.#running.add(process);
    const over = this.#over.signal;
    process.ended.then(async () => {
      this.#running.delete(process);
      over.throwIfAborted();
      if (process.failure !== undefined) this.#options.onFailure(process.failure);
      await this.#options.clock.sleep(this.#downMs.get(process) ?? RESTART_MS, over);
      this.start();
    }).catch((thrown) => {
      if (!over.aborted) throw thrown;
    });
  }

  /** When this process ends, it starts again after `ms`. */
  willBeDown(process: Caller, ms: number): void {
    this.#downMs.set(process, ms);
  }

  /** Nothing is started again. */
  end(): void {
    this.#over.abort(new DOMException("The run is over", "AbortError"));
  }
}
