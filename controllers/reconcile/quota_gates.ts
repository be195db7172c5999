/**
 * Who of a set may try to create something while a quota is full: one at a time, from time to time (F22). In memory. Knows
 * sets and times; what is created is none of its business.
 */
import type { Clock } from "../../lib/clock.ts";

/** While a quota is full, one object of a set is tried this often, in ms. */
const PROBE_MS = 10_000;
/** Those that wait look this often whether the way is free again, in ms; it costs no call. */
const LOOK_MS = 2_000;

interface Gate {
  /** Not before this, in ms since the epoch. */
  nextMs: number;
  /** Who is trying now. */
  probe: string | undefined;
}

/** One for a process. A set is known from its first refusal until something of it was created. */
export class QuotaGates {
  /** By UID of the set, while its quota is full. */
  readonly #gates = new Map<string, Gate>();
  readonly #clock: Pick<Clock, "now">;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** How long `who` has to wait, in ms; 0: it may try, as the only one until it has succeeded or its time is over. */
  waitMs(set: string, who: string): number {
    const gate = this.#gates.get(set);
    const nowMs = this.#clock.now().getTime();
    if (gate === undefined || gate.probe === who) return 0;
    if (nowMs < gate.nextMs) return Math.min(gate.nextMs - nowMs, LOOK_MS);
    this.#gates.set(set, { nextMs: nowMs + PROBE_MS, probe: who });
    return 0;
  }

  /** The quota is full. */
  refused(set: string): void {
    const nextMs = this.#clock.now().getTime() + PROBE_MS;
    this.#gates.set(set, { nextMs, probe: undefined });
  }

  /** There was room: all may try. */
  passed(set: string): void {
    this.#gates.delete(set);
  }
}
