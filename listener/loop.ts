/**
 * The order in which a listener does things: poll, decide, acquire, scale, and only then acknowledge (B2). Knows what to
 * do when something fails, which is never to exit; what a message means is `decide.ts`'s business.
 */
import type { JobMessage } from "../github/messages.ts";
import type { ActionsService, MessageSession } from "../github/service.ts";
import { type Clock, DeadlineExceeded } from "../lib/clock.ts";
import { type Disposition, disposition, errorCode, HouseError, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import { Course } from "./course.ts";
import type { LimitsSource } from "./limits.ts";
import type { ListenerRecorder } from "./metrics.ts";
import { openOwnSession } from "./opening.ts";
import { patienceMs } from "./patience.ts";
import { poll } from "./poll.ts";
import {
  acknowledge,
  acquire,
  described,
  needsAnotherSession,
  type QueueCallOptions,
} from "./queue_calls.ts";
import { Reporter } from "./reporter.ts";
import type { Scaler } from "./scaler.ts";
import { SessionHealth } from "./session_health.ts";

export interface LoopOptions {
  readonly service: Pick<ActionsService, "openSession" | "endSession">;
  readonly scaleSetId: number;
  /** Under which name the session is held; a person may read it at GitHub. */
  readonly owner: string;
  readonly limits: LimitsSource;
  readonly scaler: Scaler;
  readonly recorder: ListenerRecorder;
  /** The controller is one of ours: it wants to know which runners completed. ARC's must not be told. */
  readonly tellsCompleted: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `undefined`: a session is held and polled. Otherwise why not, in words for a person. */
  readonly onReadiness?: (notReady: string | undefined) => void;
  /** Credentials or the way to GitHub changed: what was refused may work now. Returns how to stop telling. */
  readonly onAccountChange?: (notify: () => void) => () => void;
}

/** How long a message in hand may still take after the loop was told to stop. */
const FINISH_MS = 20_000;
/**
 * Listens until `signal` aborts, then ends normally: the poll is dropped, a message in hand is finished (within 20 s),
 * the session is closed. Every failure is outlived with back-off.
 */
export async function listen(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const hand = new AbortController();
  const timer = new AbortController();
  const stop = () => {
    options.clock.sleep(FINISH_MS, timer.signal).then(
      () => hand.abort(signal.reason),
      () => {}, // finished in time
    );
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    await new Loop(options, { poll: signal, hand: hand.signal }).run();
  } finally {
    timer.abort();
    signal.removeEventListener("abort", stop);
  }
}

/** GitHub knows no scale set of our id: the controller makes another one and starts us anew (B10). */
class ScaleSetGone extends HouseError {
  override readonly name = "ScaleSetGone";
  override readonly code = "listener_no_scale_set";
  override readonly disposition: Disposition = { kind: "retry" };
}

/** `poll` ends waiting, `hand` also what must be finished. */
interface Until {
  readonly poll: AbortSignal;
  readonly hand: AbortSignal;
}

class Loop {
  readonly #options: LoopOptions;
  readonly #until: Until;
  readonly #course: Course;
  readonly #reporter: Reporter;
  readonly #health = new SessionHealth();
  readonly #calls: QueueCallOptions;
  /** In a row, since something last worked from end to end. */
  #failures = 0;
  /** Messages that were acted upon but not acknowledged; GitHub delivers them again. */
  readonly #handled = new Set<number>();
  /** The session that was held last, unless it has ended for certain. */
  #former: Pick<MessageSession, "sessionId"> | undefined;

  constructor(options: LoopOptions, until: Until) {
    this.#options = options;
    this.#until = until;
    this.#reporter = new Reporter(options);
    this.#course = new Course({ ...options, reporter: this.#reporter });
    this.#calls = { ...options, onTrouble: (thrown, waitMs) => this.#trouble(thrown, waitMs) };
  }

  /** One session after the other. */
  async run(): Promise<void> {
    const { poll: signal } = this.#until;
    while (!signal.aborted) {
      try {
        await using session = await this.#open();
        await this.#serve(session);
      } catch (thrown) {
        if (signal.aborted) return;
        await this.#outlive(thrown);
      }
    }
  }

  async #open(): Promise<MessageSession> {
    const { scaleSetId, tellsCompleted } = this.#options;
    const { poll: signal } = this.#until;
    const isFirst = tellsCompleted && !this.#course.hasBegun;
    const takesOver = isFirst ? "from-former-life" : "never";
    const own = this.#former && {
      sessionId: this.#former.sessionId,
      forget: () => this.#former = undefined,
    };
    const opened = await openOwnSession(this.#options, { takesOver, own }, signal);
    if (opened !== "no-scale-set") return this.#former = opened;
    this.#reporter.say({ noScaleSet: scaleSetId, noSession: undefined });
    throw new ScaleSetGone(`GitHub knows no scale set ${scaleSetId}`);
  }

  /** Polls one session until it ends, or another one is wanted. Throws what only another session can cure. */
  async #serve(session: MessageSession): Promise<void> {
    const { clock, limits, log, onReadiness } = this.#options;
    const { poll: signal } = this.#until;
    log.info("A session is open", { assigned: session.statistics.assigned });
    this.#reporter.say({ noScaleSet: undefined });
    await this.#course.begin(session, signal);
    await this.#reporter.flush(signal);
    onReadiness?.(undefined);
    // A new session starts at the oldest message that nobody acknowledged.
    for (let cursor = 0; !signal.aborted;) {
      try {
        if (this.#course.isOutdated) await this.#followNothing();
        const heard = await poll({ session, cursor, limits, clock }, signal);
        if (heard === "cut off") continue;
        if (heard !== undefined) {
          await this.#handle(session, heard);
          cursor = Math.max(cursor, heard.messageId);
        }
        this.#worked();
        const advice = await this.#course.examine(
          heard === undefined ? "nothing" : "something",
          signal,
        );
        if (heard === undefined) await this.#followNothing();
        await this.#reporter.flush(signal);
        if (advice === "open-again") return;
      } catch (thrown) {
        if (signal.aborted || needsAnotherSession(thrown)) throw thrown;
        await this.#outlive(thrown);
      }
    }
  }

  /** What may have changed though there is no message. */
  async #followNothing(): Promise<void> {
    await this.#course.carryOut(this.#course.draft(undefined), this.#until.poll);
  }

  /** Acts on a message, then acknowledges it. What fails in between is done again when GitHub delivers it again. */
  async #handle(session: MessageSession, message: JobMessage): Promise<void> {
    const { log, recorder } = this.#options;
    const { messageId } = message;
    const { hand } = this.#until;
    const isRepeated = this.#handled.has(messageId);
    const draft = this.#course.draft(
      isRepeated ? { ...message, available: [], started: [], completed: [] } : message,
    );
    const { decision } = draft;
    const acquisition = await acquire(session, decision.acquire, this.#calls, hand);
    await this.#course.carryOut(draft, hand);
    if (!isRepeated && message.unknown > 0) recorder.unknown(message.unknown);
    if (acquisition.failure !== undefined) throw acquisition.failure.thrown;
    this.#handled.add(messageId);
    await acknowledge(session, messageId, this.#calls, hand);
    this.#handled.delete(messageId);
    log.info("A message was handled", {
      messageId,
      available: message.available.length,
      acquired: acquisition.acquired,
      assigned: message.statistics.assigned,
      started: decision.started.length,
      completed: decision.completed.length,
      unknown: message.unknown,
      target: decision.target,
      ...(decision.write ? { patchId: decision.patchId } : {}),
      because: decision.because,
    });
  }

  /** The queue is heard. */
  #worked(): void {
    const { onReadiness, recorder } = this.#options;
    this.#failures = 0;
    this.#health.worked();
    this.#reporter.say({ noSession: undefined });
    recorder.session("healthy");
    onReadiness?.(undefined);
  }

  /** Says what failed and waits. A session that is lost for the first time is replaced at once. */
  async #outlive(thrown: unknown): Promise<void> {
    const { log, random } = this.#options;
    const { poll: signal } = this.#until;
    this.#failures++;
    const isLost = errorCode(thrown) === "github_session_lost";
    const isSilent = thrown instanceof DeadlineExceeded;
    const ms = isSilent || (isLost && this.#failures === 1)
      ? 0
      : patienceMs(thrown, { failures: this.#failures, random });
    const fields = { ...described(thrown), attempt: this.#failures, ms };
    if (!(thrown instanceof HouseError || isSilent)) {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      log.error("The listener met a bug", { ...fields, stack });
    } else if (disposition(thrown).kind === "stop") log.error("Listening was refused", fields);
    else log.warn("Listening was interrupted", fields);
    try {
      await this.#trouble(thrown, ms);
      await this.#pause(ms);
    } catch (reason) {
      if (!signal.aborted) throw reason;
    }
  }

  /** Waits, unless something changes that may help. */
  async #pause(ms: number): Promise<void> {
    const { clock, onAccountChange } = this.#options;
    const { poll: signal } = this.#until;
    const end = new AbortController();
    const forward = () => end.abort(signal.reason);
    signal.addEventListener("abort", forward, { once: true });
    const stopTelling = onAccountChange?.(() => end.abort());
    try {
      signal.throwIfAborted();
      await clock.sleep(ms, end.signal);
    } catch (reason) {
      if (signal.aborted || !end.signal.aborted) throw reason;
    } finally {
      stopTelling?.();
      signal.removeEventListener("abort", forward);
    }
  }

  /** The queue is not heard now, nor for the next `waitMs`. */
  async #trouble(thrown: unknown, waitMs: number): Promise<void> {
    const { clock, onReadiness, recorder } = this.#options;
    onReadiness?.(messageOf(thrown));
    recorder.session("silent");
    if (!(thrown instanceof ScaleSetGone)) { // which has a word of its own
      this.#health.failed(thrown, { now: clock.now(), waitMs });
      this.#reporter.say({ noSession: this.#health.problem });
    }
    await this.#reporter.flush(this.#until.hand);
  }
}
