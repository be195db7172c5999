/**
 * What a listener has heard and told so far, and so what it tells next: statistics become decisions, decisions become
 * orders and numbers. Knows no session and no failure of one; `loop.ts` says when.
 */
import type { EphemeralRunnerSet } from "../crds/ephemeral_runner_set.ts";
import { parseListenerReport } from "../crds/listener_report.ts";
import type { JobMessage, Statistics } from "../github/messages.ts";
import type { MessageSession } from "../github/service.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { Completions } from "./completions.ts";
import {
  countedState,
  decide,
  type Decision,
  exactState,
  foundState,
  initialState,
  type ListenerState,
  reopenedState,
} from "./decide.ts";
import {
  believedJobs,
  type Demand,
  hearDemand,
  inheritPhantoms,
  judge,
  openDemand,
  seen,
  wantsLook,
} from "./demand.ts";
import { firstSequence } from "./first_sequence.ts";
import type { LimitsSource } from "./limits.ts";
import type { ListenerRecorder } from "./metrics.ts";
import type { Reporter } from "./reporter.ts";
import type { Scaler } from "./scaler.ts";

export interface CourseOptions {
  readonly limits: LimitsSource;
  readonly scaler: Scaler;
  readonly recorder: ListenerRecorder;
  readonly reporter: Reporter;
  /** The controller is one of ours: it wants to know which runners completed. ARC's must not be told. */
  readonly tellsCompleted: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A decision that is not carried out yet; until it is, nothing has changed. */
export interface Draft {
  readonly decision: Decision;
  readonly demand: Demand;
}

interface Known {
  readonly state: ListenerState;
  readonly demand: Demand;
  readonly sessionId: string;
}

/**
 * Under another controller the set is looked at when it has told nothing for so long, in ms: somebody may have changed its
 * number, or deleted it. Ours then starts its listener anew; ARC's relies on hearing the number at every poll.
 */
const UNSEEN_MS = 300_000;

/** One for the life of a listener. Drafts change nothing until they are carried out. */
export class Course {
  readonly #options: CourseOptions;
  readonly #completions = new Completions();
  #known: Known | undefined;
  /** When the cluster last said what the set is told, in ms. */
  #seenMs = -Infinity;

  constructor(options: CourseOptions) {
    this.#options = options;
  }

  /** Whether a session was ever held. */
  get hasBegun(): boolean {
    return this.#known !== undefined;
  }

  /** Whether the last decision was made for other limits than the present ones. */
  get isOutdated(): boolean {
    return this.#known?.state.last?.limits !== this.#options.limits.current;
  }

  /** A session was opened: its statistics give the first order. */
  async begin(
    session: Pick<MessageSession, "sessionId" | "statistics">,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, limits, recorder } = this.#options;
    const { sessionId, statistics } = session;
    const now = clock.now();
    const before = this.#known;
    recorder.statistics(statistics);
    this.#known = {
      sessionId,
      state: before === undefined
        ? initialState(statistics, { firstSequence: firstSequence(now) })
        : reopenedState(before.state, statistics),
      demand: hearDemand(
        before?.demand ?? openDemand(statistics, now),
        { statistics },
        { now, limits: limits.current },
      ),
    };
    const answer = await this.carryOut(this.draft(undefined), signal);
    const { scaler, tellsCompleted } = this.#options;
    if (answer === undefined && tellsCompleted) await scaler.nameSession(sessionId, signal);
    const { phantomJobs = 0 } = parseListenerReport(answer?.spec?.listenerReport);
    if (before !== undefined || phantomJobs === 0) return;
    this.#learn(inheritPhantoms(this.#is.demand, phantomJobs, now));
    await this.carryOut(this.draft(undefined), signal);
  }

  /** Decides on a message; `undefined`: a poll came back empty, or something else may have changed. */
  draft(message: JobMessage | undefined): Draft {
    const { limits: { current: limits }, clock } = this.#options;
    const { state, demand: before } = this.#is;
    const now = clock.now();
    const demand = message === undefined
      ? before
      : hearDemand(before, { statistics: message.statistics, message }, { now, limits });
    const holds = state.ledger.isExact ? "as-messages-say" : "nothing";
    const statistics: Statistics = {
      ...demand.statistics,
      assigned: believedJobs(demand, { now, holds }),
    };
    return {
      demand: { ...demand, believed: statistics.assigned },
      decision: decide({ ...state, statistics }, message && { ...message, statistics }, limits),
    };
  }

  /** Insists until the cluster holds what was decided; then the decision is a fact. Returns the set, if it was written. */
  async carryOut(draft: Draft, signal: AbortSignal): Promise<EphemeralRunnerSet | undefined> {
    const { clock, log, recorder, reporter, scaler, tellsCompleted } = this.#options;
    const { decision, demand } = draft;
    const { state: { last }, sessionId: session } = this.#is;
    const now = clock.now();
    this.#completions.add(decision.completed.map(({ runnerName }) => runnerName), now);
    const completedRunners = tellsCompleted ? this.#completions.recent(now) : undefined;
    const answer = await scaler.apply({ ...decision, completedRunners, session }, signal);
    const next = last === undefined
      ? countedState(decision.next, answer?.status?.currentReplicas ?? 0)
      : decision.next;
    const isExact = answer?.spec?.completedRunners !== undefined;
    this.#known = { ...this.#is, state: isExact ? exactState(next) : next };
    if (answer !== undefined) {
      this.#seenMs = now.getTime();
      reporter.found(answer.spec?.listenerReport);
    }
    this.#learn(demand);
    recorder.statistics(demand.statistics);
    for (const job of decision.started) recorder.started(job);
    for (const job of decision.completed) recorder.completed(job);
    recorder.desired(decision.target);
    const { target, patchId, because } = decision;
    if (decision.write) log.debug("The controller was told", { target, patchId, because });
    return answer;
  }

  /**
   * To be called after every poll, which `heard` something or nothing: whether another session should be opened because
   * what this one says cannot be right. What it finds goes into the next draft.
   */
  async examine(
    heard: "something" | "nothing",
    signal: AbortSignal,
  ): Promise<"none" | "open-again"> {
    const { clock, limits, log, scaler, tellsCompleted } = this.#options;
    const isDoubtful = wantsLook(this.#is.demand, clock.now());
    const isUnwatched = heard === "nothing" && !tellsCompleted &&
      clock.now().getTime() - this.#seenMs >= UNSEEN_MS;
    const set = isDoubtful || isUnwatched ? await scaler.look(signal) : undefined;
    if (isDoubtful) {
      const look = {
        running: set?.status?.runningEphemeralRunners ?? 0,
        isFailing: (set?.status?.consecutiveFailures ?? 0) > 0,
      };
      this.#learn(seen(this.#is.demand, look, clock.now()));
    }
    if (isUnwatched && set !== undefined) {
      this.#seenMs = clock.now().getTime();
      const { replicas = 0, patchID: patchId = 0 } = set.spec ?? {};
      const { state } = this.#is;
      this.#known = { ...this.#is, state: foundState(state, { target: replicas, patchId }) };
    }
    const before = this.#is.demand;
    const options = { now: clock.now(), limits: limits.current };
    const { demand, advice } = judge(before, options);
    this.#learn(demand);
    if (demand.phantom > before.phantom) {
      log.warn("Jobs are given to no runner though runners are idle", {
        phantomJobs: demand.phantom,
      });
    }
    if (advice === "open-again") log.info("Another session may know better what jobs there are");
    return advice;
  }

  #learn(demand: Demand): void {
    this.#known = { ...this.#is, demand };
    this.#options.recorder.phantoms(demand.phantom);
    this.#options.reporter.say({ phantomJobs: demand.phantom });
  }

  get #is(): Known {
    if (this.#known === undefined) throw new TypeError("A decision before the first session");
    return this.#known;
  }
}
