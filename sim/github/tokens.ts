/**
 * The tokens that the simulated GitHub gave out: what they are good for and until when. Nothing is checked but kind and
 * time; that a token was never seen and that it has expired look the same from outside.
 */
import type { Clock } from "../../lib/clock.ts";
import { type Random, randomText } from "../../lib/random.ts";

export type TokenKind = "installation" | "registration" | "admin" | "queue";

/** What the bearer of a live token may act on. */
export interface Grant {
  readonly kind: TokenKind;
  /** "" for an installation token, which may ask for any scope. */
  readonly scope: string;
  /** The service URL that an admin token is good for; "" for the others. */
  readonly tenant: string;
  /** The session of a queue token; "" for the others. */
  readonly sessionId: string;
  readonly expiresAt: Date;
}

export interface IssuedToken {
  readonly value: string;
  readonly expiresAt: Date;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Expired tokens are thrown away whenever this many were given out. */
const SWEEP_EVERY = 1_000;

/** Drawn from the seed of the world: the same in every run of it. */
export class Tokens {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #grants = new Map<string, Grant>();
  #issued = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  issue(
    kind: TokenKind,
    options: {
      readonly lifetimeMs: number;
      readonly scope?: string;
      readonly tenant?: string;
      readonly sessionId?: string;
    },
  ): IssuedToken {
    const now = this.#clock.now();
    const expiresAt = new Date(now.getTime() + options.lifetimeMs);
    const value = this.#text(kind, now, expiresAt);
    const { scope = "", tenant = "", sessionId = "" } = options;
    if (++this.#issued % SWEEP_EVERY === 0) this.#sweep(now);
    this.#grants.set(value, { kind, scope, tenant, sessionId, expiresAt });
    return { value, expiresAt };
  }

  /** `undefined`: unknown, of another kind, revoked or expired. */
  grant(value: string, kind: TokenKind): Grant | undefined {
    const grant = this.#grants.get(value);
    if (grant?.kind !== kind) return undefined;
    return grant.expiresAt.getTime() > this.#clock.now().getTime() ? grant : undefined;
  }

  revoke(value: string): void {
    this.#grants.delete(value);
  }

  /** How many are remembered. */
  get size(): number {
    return this.#grants.size;
  }

  #text(kind: TokenKind, now: Date, expiresAt: Date): string {
    const secret = randomText(this.#random, 40, ALPHABET);
    if (kind === "installation") return `ghs_${secret}`;
    if (kind === "registration") return secret.slice(0, 29).toUpperCase();
    const claims = {
      exp: Math.floor(expiresAt.getTime() / 1000),
      iat: Math.floor(now.getTime() / 1000),
      scp: kind === "admin" ? "Actions.RunnerScaleSets" : "Actions.MessageQueue",
    };
    return [{ alg: "RS256", typ: "JWT" }, claims].map(base64Url).concat(secret).join(".");
  }

  #sweep(now: Date): void {
    for (const [value, { expiresAt }] of this.#grants) {
      if (expiresAt.getTime() <= now.getTime()) this.#grants.delete(value);
    }
  }
}

function base64Url(value: unknown): string {
  return btoa(JSON.stringify(value)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
