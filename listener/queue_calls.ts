/**
 * What is asked of GitHub about a message in hand: jobs to acquire, and, when everything is done, to forget the message.
 * Knows which failures may be left behind; when to ask is `loop.ts`'s business.
 */
import type { MessageSession } from "../github/service.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import { disposition, errorCode, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import { CALL_MS } from "./opening.ts";
import { patienceMs } from "./patience.ts";

export interface QueueCallOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told of every failure that is tried again after `waitMs`, and waited for. */
  readonly onTrouble: (thrown: unknown, waitMs: number) => Promise<void>;
}

export interface Acquisition {
  readonly acquired: number;
  /** What may work later; it must not hold up the rest of the message meanwhile. */
  readonly failure?: { readonly thrown: unknown };
}

/** A backend without acquisition says 404 for ever; another one may say it by mistake, and what it offered would be lost. */
const ABSENCE_TRIES = 3;

/** Acquires jobs once, unless GitHub says that there is nothing to acquire by. What was refused for good is left. */
export async function acquire(
  session: Pick<MessageSession, "acquire">,
  requestIds: readonly number[],
  options: QueueCallOptions,
  hand: AbortSignal,
): Promise<Acquisition> {
  const { clock, log, random } = options;
  if (requestIds.length === 0) return { acquired: 0 };
  for (let failures = 1;; failures++) {
    try {
      const ids = await withDeadline(
        clock,
        { ms: CALL_MS, parent: hand },
        (signal) => session.acquire(requestIds, { signal }),
      );
      return { acquired: ids.length };
    } catch (thrown) {
      const code = errorCode(thrown);
      // Another refusal is about us, not about these jobs: they are still to be had.
      const isAboutJobs = code === "github_refused" || code === "github_not_found";
      if (hand.aborted || !isAboutJobs) return { acquired: 0, failure: { thrown } };
      if (code === "github_refused" || failures === ABSENCE_TRIES) {
        log.error("GitHub refused to hand out jobs", described(thrown));
        return { acquired: 0 };
      }
      await clock.sleep(patienceMs(thrown, { failures, random }), hand).catch(() => {});
      if (hand.aborted) return { acquired: 0, failure: { thrown } };
    }
  }
}

/** Insists: the message was acted upon, only this is left. Throws what only another session can cure. */
export async function acknowledge(
  session: Pick<MessageSession, "acknowledge">,
  messageId: number,
  options: QueueCallOptions,
  hand: AbortSignal,
): Promise<void> {
  const { clock, log, random, onTrouble } = options;
  for (let failures = 1;; failures++) {
    try {
      return await withDeadline(
        clock,
        { ms: CALL_MS, parent: hand },
        (signal) => session.acknowledge(messageId, { signal }),
      );
    } catch (thrown) {
      if (hand.aborted || needsAnotherSession(thrown)) throw thrown;
      const ms = patienceMs(thrown, { failures, random });
      log.warn("A message cannot be acknowledged", { messageId, ...described(thrown), ms });
      await onTrouble(thrown, ms);
      await clock.sleep(ms, hand);
    }
  }
}

/** Lost, or refused for a reason that the session itself may be: its newest token is one. */
export function needsAnotherSession(thrown: unknown): boolean {
  return ["github_session_lost", "github_unauthorized"].includes(errorCode(thrown)) ||
    disposition(thrown).kind === "stop";
}

/** A failure as fields of a log line. */
export function described(thrown: unknown): { readonly code: string; readonly error: string } {
  return { code: errorCode(thrown), error: messageOf(thrown) };
}
