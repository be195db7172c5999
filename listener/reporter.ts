/**
 * What the controller should know besides orders, kept until it is written, and written only when it changed (B9). Knows
 * when to write; what the words mean is `crds/listener_report.ts`'s business.
 */
import { type ListenerReport, listenerReportText } from "../crds/listener_report.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import type { Scaler } from "./scaler.ts";

export interface ReporterOptions {
  readonly scaler: Pick<Scaler, "report">;
  /** The controller is one of ours: no other knows the field. */
  readonly tellsCompleted: boolean;
  readonly clock: Clock;
}

/** A report must not hold up the poll: so long, in ms, a write may take. */
const WRITE_MS = 10_000;

/** One for the life of a listener. */
export class Reporter {
  readonly #options: ReporterOptions;
  #report: ListenerReport = {};
  /** What the cluster holds as far as we know. A former life may have left more: its first answer tells. */
  #written: string | undefined;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  get report(): ListenerReport {
    return this.#report;
  }

  /** Changes what is to be told; written with the next {@link flush}. */
  say(words: Partial<ListenerReport>): void {
    this.#report = { ...this.#report, ...words };
  }

  /** The cluster was seen to hold this. */
  found(text: string | undefined): void {
    this.#written = text === "" ? undefined : text;
  }

  /** Writes what is not written yet. Tried once; what fails is written next time. Rejects when `signal` aborts. */
  async flush(signal: AbortSignal): Promise<void> {
    if (!this.#options.tellsCompleted) return;
    const text = listenerReportText(this.#report);
    if (text === this.#written) return;
    const { clock, scaler } = this.#options;
    try {
      const isWritten = await withDeadline(
        clock,
        { ms: WRITE_MS, parent: signal },
        (inTime) => scaler.report(text, inTime),
      );
      if (isWritten) this.#written = text;
    } catch {
      signal.throwIfAborted(); // else it took too long
    }
  }
}
