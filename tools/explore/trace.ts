/**
 * What happened in a run, line by line, and a fingerprint of every call: equal traces mean equal runs. Knows how a line
 * looks, not what is worth one.
 */
import type { Clock } from "../../lib/clock.ts";

export class Trace {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #lines: string[] = [];
  #hash = 0x811c9dc5;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.now().getTime();
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (this.#clock.now().getTime() - this.#startMs) / 1000;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** 32 bits over everything that was noted or marked, in its order. */
  get fingerprint(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  /** Forgets everything so far. */
  restart(): void {
    this.#lines.length = 0;
    this.#hash = 0x811c9dc5;
  }

  note(who: string, what: string): void {
    const line = `${this.seconds.toFixed(3).padStart(9)} ${who.padEnd(10)} ${what}`;
    this.#lines.push(line);
    this.mark(line);
  }

  /** Counts for the fingerprint, but is not worth a line. */
  mark(text: string): void {
    let hash = this.#hash;
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
    this.#hash = hash;
  }
}
