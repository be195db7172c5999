/**
 * Message sessions: at most one per scale set, ended by its owner, by silence, or by force. It knows who may speak for
 * a set; what is said is the queue's business.
 */
import type { Clock } from "../../lib/clock.ts";
import { type Random, randomUuid } from "../../lib/random.ts";
import type { ScaleSet, Session } from "./model.ts";
import type { GitHubSimSettings } from "./settings.ts";
import type { Tokens } from "./tokens.ts";

export interface SessionsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly tokens: Tokens;
  settings(): GitHubSimSettings;
}

/** A session without a poll ends by itself, as the settings say. */
export class Sessions {
  readonly #parts: SessionsParts;
  readonly #byId = new Map<string, Session>();

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  /** `undefined`: another session is live. */
  open(set: ScaleSet, ownerName: string): Session | undefined {
    if (this.of(set)) return undefined;
    const { clock, random } = this.#parts;
    const id = randomUuid(random);
    const session: Session = {
      id,
      ownerName,
      scaleSet: set,
      queueToken: this.#newToken(id),
      lastSeenMs: clock.now().getTime(),
    };
    this.#byId.set(id, session);
    set.session = session;
    return session;
  }

  /** The live session of a set. One that was silent for too long ends here. */
  of(set: ScaleSet): Session | undefined {
    const { session } = set;
    if (!session || session.held) return session;
    const silentMs = this.#parts.clock.now().getTime() - session.lastSeenMs;
    if (silentMs < this.#parts.settings().sessionIdleMs) return session;
    this.end(session);
    return undefined;
  }

  /** The live session of that id. To be found counts as a sign of life. */
  touch(id: string): Session | undefined {
    const session = this.#byId.get(id);
    if (!session || !this.of(session.scaleSet)) return undefined;
    session.lastSeenMs = this.#parts.clock.now().getTime();
    return session;
  }

  /** A new queue token; the old one is worth nothing from now on. */
  refresh(session: Session): void {
    this.#parts.tokens.revoke(session.queueToken);
    session.queueToken = this.#newToken(session.id);
  }

  /** Ends a session; its poll in progress ends unauthorized. */
  end(session: Session): void {
    this.#byId.delete(session.id);
    this.#parts.tokens.revoke(session.queueToken);
    session.scaleSet.session = undefined;
    session.held?.end();
  }

  /** Whether `session` is still the one of its set. */
  isLive(session: Session): boolean {
    return this.#byId.get(session.id) === session;
  }

  #newToken(sessionId: string): string {
    const lifetimeMs = this.#parts.settings().queueTokenLifetimeMs;
    return this.#parts.tokens.issue("queue", { lifetimeMs, sessionId }).value;
  }
}
