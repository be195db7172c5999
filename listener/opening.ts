/**
 * How a listener gets its session: opened, or taken over from itself, a former life included, when GitHub still believes in it.
 * Knows who may be pushed aside; what is done with the session is `loop.ts`'s business.
 */
import { GitHubError } from "../github/errors.ts";
import type { ActionsService, MessageSession } from "../github/service.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import { errorCode } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Scaler } from "./scaler.ts";

export interface OpeningOptions {
  readonly service: Pick<ActionsService, "openSession" | "endSession">;
  readonly scaleSetId: number;
  readonly owner: string;
  readonly scaler: Pick<Scaler, "look">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Any call to GitHub but the poll, its own retries included, in ms. */
export const CALL_MS = 120_000;

/** Who may be pushed aside by {@link openOwnSession}. */
export interface Takeover {
  /**
   * If the session that is in the way is the one that the set names, it belonged to a former life of this listener, and is
   * ended. A listener that has held a session itself must not do that: whoever has it now took it over from us.
   */
  readonly takesOver: "from-former-life" | "never";
  /** The session that this life held before: what was said of its end may be wrong, or its end may have failed. */
  readonly own?: OwnFormer | undefined;
}

/** Ended by its id, so that nobody else's is hit. */
export interface OwnFormer {
  readonly sessionId: string;
  /** It is certain that it has ended: called once. */
  forget(): void;
}

/** Opens a session. Throws what GitHub answers, `SessionConflict` among it. */
export async function openOwnSession(
  options: OpeningOptions,
  how: Takeover,
  signal: AbortSignal,
): Promise<MessageSession | "no-scale-set"> {
  try {
    return await open(options, signal);
  } catch (thrown) {
    const isHeld = !signal.aborted && errorCode(thrown) === "github_session_conflict";
    if (!isHeld || !await endFormer(options, how, signal)) throw thrown;
    return await open(options, signal);
  }
}

async function open(
  { service, scaleSetId, owner, clock }: OpeningOptions,
  parent: AbortSignal,
): Promise<MessageSession | "no-scale-set"> {
  return await withDeadline(
    clock,
    { ms: CALL_MS, parent },
    (signal) => service.openSession(scaleSetId, owner, { signal }),
  );
}

/** Whether there was one to end. */
async function endFormer(
  options: OpeningOptions,
  how: Takeover,
  parent: AbortSignal,
): Promise<boolean> {
  const { service, scaleSetId, clock, log } = options;
  const sessionId = how.own?.sessionId ?? await namedSession(options, how, parent);
  if (sessionId === undefined) return false;
  try {
    await withDeadline(
      clock,
      { ms: CALL_MS, parent },
      (signal) => service.endSession(scaleSetId, sessionId, { signal }),
    );
  } catch (thrown) {
    if (!(thrown instanceof GitHubError)) throw thrown;
    return false;
  }
  how.own?.forget();
  log.info("A former session of this listener was ended");
  return true;
}

async function namedSession(
  { scaler }: OpeningOptions,
  { takesOver }: Takeover,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (takesOver === "never") return undefined;
  const set = await scaler.look(signal);
  return set?.spec?.listenerSession || undefined;
}
