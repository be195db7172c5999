/**
 * Keeps the admin connection fresh: registers when the first call needs it and again shortly before the token expires,
 * once for all who wait. Knows no HTTP.
 */
import type { Clock } from "../lib/clock.ts";
import { orAborted } from "./body.ts";
import { isRefusal } from "./refusals.ts";
import type { AdminConnection, Register } from "./registration.ts";

/** A token with less than this left is replaced before the call. Source: spec github-protocol.md §4.4. */
const EARLY_MS = 60_000;

/** A refused token younger than this is not the reason for the refusal. */
const TRUSTED_MS = 60_000;

/** A refused credential is not shown again before this, however many calls there are, in ms. */
const REFUSED_MS = 30_000;

interface Flight {
  readonly result: Promise<AdminConnection>;
  readonly abort: AbortController;
  waiting: number;
}

/** The admin connection of one service. */
export class Admin {
  readonly #register: Register;
  readonly #clock: Clock;
  #current: { readonly connection: AdminConnection; readonly sinceMs: number } | undefined;
  #flight: Flight | undefined;
  readonly #credential: () => unknown;
  #refusal: { readonly thrown: unknown; readonly of: unknown; readonly atMs: number } | undefined;

  /** `credential` tells the present one, by identity: another one is not bound by what the former met. */
  constructor(register: Register, clock: Clock, credential: () => unknown = () => undefined) {
    this.#register = register;
    this.#clock = clock;
    this.#credential = credential;
  }

  /**
   * A connection with at least 60 s left, or as fresh as GitHub gives them. Rejects with the `GitHubError` of the
   * registration (what was there before stays), or with `signal.reason`.
   */
  async connection(signal?: AbortSignal): Promise<AdminConnection> {
    signal?.throwIfAborted();
    const current = this.#current?.connection;
    const nowMs = this.#clock.now().getTime();
    if (current && nowMs + EARLY_MS <= current.expiresAt.getTime()) return current;
    const refusal = this.#refusal;
    if (refusal && refusal.of === this.#credential() && nowMs - refusal.atMs < REFUSED_MS) {
      throw refusal.thrown;
    }
    return await this.#board(signal);
  }

  /** Registers now, whatever there is. Rejects as {@link connection} does. */
  async renew(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.#board(signal);
  }

  async #board(signal: AbortSignal | undefined): Promise<AdminConnection> {
    const flight = this.#flight ??= this.#takeOff();
    flight.waiting++;
    try {
      return await orAborted(flight.result, signal);
    } finally {
      if (--flight.waiting === 0) this.#land(flight);
    }
  }

  /**
   * The service refused this connection's token: the next call registers again, unless the token is so young that
   * another one would fare no better.
   */
  distrust(connection: AdminConnection): void {
    const current = this.#current;
    if (current?.connection !== connection) return;
    if (this.#clock.now().getTime() - current.sinceMs >= TRUSTED_MS) this.#current = undefined;
  }

  #takeOff(): Flight {
    const abort = new AbortController();
    const of = this.#credential();
    const result = this.#register(abort.signal).then((connection) => {
      this.#current = { connection, sinceMs: this.#clock.now().getTime() };
      this.#refusal = undefined;
      return connection;
    }, (thrown) => {
      if (isRefusal(thrown)) {
        this.#refusal = { thrown, of, atMs: this.#clock.now().getTime() };
      }
      throw thrown;
    });
    return { result, abort, waiting: 0 };
  }

  /** Nobody waits any more: over, or everybody has left and it ends now. */
  #land(flight: Flight): void {
    if (this.#flight === flight) this.#flight = undefined;
    flight.abort.abort(new DOMException("Nobody waits for this registration", "AbortError"));
    flight.result.catch(() => {}); // everybody who asked has been answered
  }
}
