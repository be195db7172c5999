/** Work that the control plane does a little later: keys gather, and after a short while each is handled once. */
import type { Clock } from "../../lib/clock.ts";

/** When and how the work is done. */
export interface BackgroundOptions {
  readonly clock: Clock;
  /** How long after the first key the work is done, in ms. */
  readonly delayMs: number;
  /** Ends the work for good. */
  readonly signal: AbortSignal;
  readonly handle: (key: string) => void;
}

/** Keys that wait for their work. */
export class Background {
  readonly #options: BackgroundOptions;
  #waiting = new Set<string>();

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  /** A key that is waiting already is not added again. With nothing to do, no timer runs. */
  add(key: string): void {
    if (this.#options.signal.aborted) return;
    const isScheduled = this.#waiting.size > 0;
    this.#waiting.add(key);
    if (isScheduled) return;
    const { clock, delayMs, signal } = this.#options;
    clock.sleep(delayMs, signal).then(() => this.#work(), () => {});
  }

  #work(): void {
    const keys = this.#waiting;
    this.#waiting = new Set();
    for (const key of keys) this.#options.handle(key);
  }
}
