/**
 * How a listener gets its session: opened, or taken over from a former life of its own that GitHub still believes in.
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

/**
 * Opens a session. `takesOver`: if the session that is in the way is the one that the set names, it belonged to a former
 * life of this listener, and is ended. A listener that has held a session itself must not do that: whoever has it now
 * took it over from us. Throws what GitHub answers, `SessionConflict` among it.
 */
export async function openOwnSession(
  options: OpeningOptions,
  how: { readonly takesOver: "from-former-life" | "never" },
  signal: AbortSignal,
): Promise<MessageSession | "no-scale-set"> {
  try {
    return await open(options, signal);
  } catch (thrown) {
    const mayTakeOver = how.takesOver === "from-former-life" && !signal.aborted &&
      errorCode(thrown) === "github_session_conflict";
    if (!mayTakeOver || !await endFormer(options, signal)) throw thrown;
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
async function endFormer(options: OpeningOptions, parent: AbortSignal): Promise<boolean> {
  const { service, scaleSetId, scaler, clock, log } = options;
  const set = await scaler.look(parent);
  const sessionId = set?.spec?.listenerSession ?? "";
  if (sessionId === "") return false;
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
  log.info("The session of a former life was ended");
  return true;
}
