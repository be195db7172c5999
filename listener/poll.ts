/**
 * One poll of a session and its three ways to end: an answer, a change of the limits, a silence that lasts too long. Knows
 * nothing of what a message means.
 */
import type { JobMessage } from "../github/messages.ts";
import type { MessageSession } from "../github/service.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import type { LimitsSource } from "./limits.ts";

export interface PollOptions {
  readonly session: Pick<MessageSession, "poll">;
  /** The last message that was acted upon; 0 asks for the oldest one that nobody acknowledged. */
  readonly cursor: number;
  readonly limits: LimitsSource;
  readonly clock: Clock;
}

/** A poll that shows no sign of life for so long is cut off; the service holds one for about 50 s. */
const WATCHDOG_MS = 90_000;
/** Polls that come back at once with nothing new are not repeated faster than this. */
const SHORTEST_MS = 1_000;

/**
 * `undefined`: no message. `cut off`: given up because the limits changed: the new capacity must be told at once. A
 * message that was on its way comes with the next poll, whose cursor is the same. Rejects with `stop.reason`, with
 * {@link DeadlineExceeded} after a silence that lasted too long, or with what the session throws.
 */
export async function poll(
  options: PollOptions,
  stop: AbortSignal,
): Promise<JobMessage | undefined | "cut off"> {
  const { clock, cursor, limits, session } = options;
  const ended = new AbortController();
  const forward = () => ended.abort(stop.reason);
  if (stop.aborted) forward();
  else stop.addEventListener("abort", forward, { once: true });
  const forget = limits.onChange(() => ended.abort(new Error("The limits changed")));
  const { maxRunners, capacity = maxRunners } = limits.current;
  const from = { messageId: cursor, capacity: Math.min(maxRunners, capacity) };
  const startMs = clock.now().getTime();
  try {
    const message = await withDeadline(
      clock,
      { ms: WATCHDOG_MS, parent: ended.signal },
      (signal) => session.poll(from, { signal }),
    );
    if (message !== undefined && message.messageId > cursor) return message;
    const restMs = startMs + SHORTEST_MS - clock.now().getTime();
    if (restMs > 0) await clock.sleep(restMs, ended.signal);
    return message;
  } catch (thrown) {
    if (!stop.aborted && ended.signal.aborted) return "cut off";
    throw thrown;
  } finally {
    forget();
    stop.removeEventListener("abort", forward);
  }
}
