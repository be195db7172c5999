/**
 * From what was heard to what the controller is told: how many runners, under which number, and whether to tell at all.
 * Pure. The numbers are those of ARC's listener, so that its controller understands them (spec listener.md §6.1); what
 * differs is that nothing is told twice (B9).
 */
import type { CompletedJob, JobMessage, StartedJob, Statistics } from "../github/messages.ts";
import {
  ask,
  countLedger,
  exactLedger,
  hear,
  type Ledger,
  openLedger,
  reopenLedger,
  settle,
} from "./ledger.ts";

/** Bounds of the set, 0 ≤ `minRunners` ≤ `maxRunners` ≤ 2147483647. */
export interface Limits {
  /** Idle runners on top of those that jobs need. */
  readonly minRunners: number;
  readonly maxRunners: number;
  /** What the cluster has room for just now: told to GitHub when it is less than the maximum, and nothing else. */
  readonly capacity?: number;
}

/** What the controller is told. */
export interface Order {
  /** Runners that should exist. */
  readonly target: number;
  /** 0: exactly so many. Another number is a batch: it is served once, and never removes a runner. */
  readonly patchId: number;
}

export interface ListenerState {
  readonly statistics: Statistics;
  /** What the last decision was made of. `undefined` before the first. */
  readonly last: { readonly target: number; readonly limits: Limits } | undefined;
  /** The order that the controller has. `undefined`: none of ours yet. */
  readonly written: Order | undefined;
  readonly patchSequence: number;
  /** Where the sequence goes on after the first decision. */
  readonly firstSequence: number;
  readonly ledger: Ledger;
  /** A session was opened anew since the last decision: messages may have been lost. */
  readonly isReopened: boolean;
  /** A runner may be missing though the order was served, because one that had ended was counted still. */
  readonly inDoubt: boolean;
  /** Empty polls since the last write, and since a runner ended. */
  readonly emptyPolls: number;
  /** After so many of them an order that seems unfulfilled is repeated under a new number. */
  readonly repeatAfter: number;
}

export interface Decision {
  /** The state once this decision is carried out. */
  readonly next: ListenerState;
  /** Requests to acquire, each once. */
  readonly acquire: readonly number[];
  /** Jobs that began, told for the first time, in order. */
  readonly started: readonly StartedJob[];
  /** Jobs that ended, told for the first time, in order. */
  readonly completed: readonly CompletedJob[];
  /** Runners that should exist now: min(minRunners + assigned, maxRunners). */
  readonly target: number;
  /** 0 asks the controller for the exact state. */
  readonly patchId: number;
  /** Whether the controller must be told. */
  readonly write: boolean;
  /** Constant sentence naming the reason. */
  readonly because: string;
}

const MAX_PATCH_ID = 2147483647;

/** Empty polls (about 50 s each) before an order that seems unfulfilled is repeated; each repetition doubles the wait. */
const FIRST_REPEAT = { inDoubt: 1, waiting: 2 };
const MAX_REPEAT = 64;
/** After this wait (7 empty polls in all) no ended runner is counted any more. */
const LAST_DOUBT = 4;
/** Empty polls after which an exact order counts as fulfilled, but for ended runners that are counted still. */
const SETTLED_AFTER = 2;
/** Empty polls after which no ended runner is counted any more. */
const GHOSTS_GONE_AFTER = 4;

/**
 * The state of a listener that has opened its first session. `firstSequence` (0 unless given, at most 2147483647) keeps
 * the numbers of one life of a listener apart from those of its former lives, which runners still carry.
 */
export function initialState(
  statistics: Statistics,
  options: { readonly firstSequence?: number } = {},
): ListenerState {
  return {
    statistics,
    last: undefined,
    written: undefined,
    patchSequence: -1,
    firstSequence: options.firstSequence ?? 0,
    ledger: openLedger(statistics),
    isReopened: false,
    inDoubt: false,
    emptyPolls: 0,
    repeatAfter: FIRST_REPEAT.waiting,
  };
}

/**
 * The state after the first order, once the controller's answer to it said how many runners it `counted`. Without that
 * the listener expects that any number is left over from a former life, and asks for one exact order more.
 */
export function countedState(state: ListenerState, counted: number): ListenerState {
  const inAll = Math.max(counted, state.last?.target ?? 0, state.statistics.registeredRunners);
  return { ...state, ledger: countLedger(state.ledger, { counted, inAll }) };
}

/** The state once the controller was seen to take the names of completed runners: from then on it counts as we do. */
export function exactState(state: ListenerState): ListenerState {
  return state.ledger.isExact
    ? state
    : { ...state, inDoubt: false, ledger: exactLedger(state.ledger) };
}

/** The state once the set was seen to hold this order: somebody may have changed what it was told. */
export function foundState(state: ListenerState, stored: Order): ListenerState {
  const { written } = state;
  const isOurs = written?.target === stored.target && written.patchId === stored.patchId;
  return written === undefined || isOurs ? state : { ...state, written: stored };
}

/** The state of a listener that had to open another session. */
export function reopenedState(state: ListenerState, statistics: Statistics): ListenerState {
  return {
    ...state,
    statistics,
    ledger: reopenLedger(state.ledger, statistics),
    isReopened: state.last !== undefined,
  };
}

/** Decides on a message. `undefined`: a poll came back empty, a session was opened, or the limits changed. */
export function decide(
  state: ListenerState,
  message: JobMessage | undefined,
  limits: Limits,
): Decision {
  const statistics = message?.statistics ?? state.statistics;
  const news = hear(state.ledger, message);
  const target = Math.min(limits.minRunners + statistics.assigned, limits.maxRunners);
  const polledInVain = message === undefined && state.last !== undefined && !state.isReopened &&
    sameLimits(limits, state.last.limits);
  const situation: Situation = {
    state,
    limits,
    target,
    isDirty: news.started.length + news.completed.length > 0,
    growth: target - (state.last?.target ?? target) + news.usedUp,
    usedUp: news.usedUp,
    inDoubt: state.inDoubt && statistics.registeredRunners < target,
    isWaiting: Math.min(statistics.assigned, target) > statistics.running,
    unstarted: news.ledger.unstarted,
    emptyPolls: news.usedUp > 0 ? 0 : state.emptyPolls + (polledInVain ? 1 : 0),
    polledInVain,
  };
  const patchSequence = nextSequence(state);
  const patchId = isExact(situation) ? 0 : patchSequence;
  const { write, because } = verdict(situation, patchId);
  const next = stateAfter(situation, { ledger: news.ledger, statistics, patchId, write });
  return {
    next: { ...next, patchSequence },
    acquire: [...new Set(message?.available.map(({ requestId }) => requestId) ?? [])],
    started: news.started,
    completed: news.completed,
    target,
    patchId,
    write,
    because,
  };
}

/** Everything that the questions below ask about. */
interface Situation {
  readonly state: ListenerState;
  readonly limits: Limits;
  readonly target: number;
  /** A job began or ended. */
  readonly isDirty: boolean;
  /** So many runners must be made if the last order was fulfilled. */
  readonly growth: number;
  readonly usedUp: number;
  readonly inDoubt: boolean;
  /** Jobs that are due a runner have none. */
  readonly isWaiting: boolean;
  readonly unstarted: number;
  readonly emptyPolls: number;
  readonly polledInVain: boolean;
}

function nextSequence(state: ListenerState): number {
  if (state.last === undefined) return state.firstSequence;
  return state.patchSequence >= MAX_PATCH_ID ? 1 : state.patchSequence + 1;
}

/**
 * Whether the exact state is wanted: at first, when the set is quiet at its minimum, and when other limits gave another
 * target (ARC's listener is restarted for that, and begins with 0).
 */
function isExact({ state, limits, target, isDirty }: Situation): boolean {
  if (state.last === undefined) return true;
  if (target === state.last.target) return !isDirty && target === limits.minRunners;
  return !sameLimits(limits, state.last.limits);
}

function verdict(
  situation: Situation,
  patchId: number,
): { readonly write: boolean; readonly because: string } {
  const { state: { written, isReopened, repeatAfter }, limits, target } = situation;
  if (written === undefined) return write("The first order asks for the exact state");
  if (written.target !== target) return write("The target changed");
  // Of an end that it is not told of, the controller expects that this target still counts it.
  const isNews = situation.usedUp > 0 && situation.state.ledger.isExact;
  if (written.patchId === 0 && !isNews) {
    return keep("The controller already keeps exactly this target");
  }
  if (isReopened) return write("Messages may have been lost with the session");
  if (patchId === 0) {
    return limits.minRunners > 0 || situation.unstarted > 0
      ? write("The set is quiet: idle runners beyond the minimum may go")
      : keep("The set is quiet and no runner can be left over");
  }
  if (situation.usedUp > 0) {
    return write("Runners were used up and as many are wanted as before");
  }
  const seemsUnfulfilled = situation.inDoubt || situation.isWaiting;
  if (situation.polledInVain && seemsUnfulfilled && situation.emptyPolls >= repeatAfter) {
    return write("The order may not be fulfilled: repeated under a new number");
  }
  return keep("Nothing changed for the controller");
}

function write(because: string) {
  return { write: true, because };
}

function keep(because: string) {
  return { write: false, because };
}

function stateAfter(
  situation: Situation,
  made: {
    readonly ledger: Ledger;
    readonly statistics: Statistics;
    readonly patchId: number;
    readonly write: boolean;
  },
): Omit<ListenerState, "patchSequence"> {
  const { state, limits, target, emptyPolls } = situation;
  const written = made.write ? { target, patchId: made.patchId } : state.written;
  const isExact = written?.patchId === 0;
  const ledger = ask(made.ledger, {
    target,
    running: made.statistics.running,
    order: isExact ? "exact" : made.write ? "batch" : "none",
  });
  const next = {
    statistics: made.statistics,
    last: { target, limits },
    written,
    firstSequence: state.firstSequence,
    isReopened: false,
  };
  if (!made.write) {
    const hadTime = isExact && emptyPolls >= SETTLED_AFTER;
    const settled = hadTime ? settle(ledger, target) : ledger;
    return {
      ...next,
      ledger: emptyPolls >= GHOSTS_GONE_AFTER ? { ...settled, ghosts: false } : settled,
      inDoubt: situation.inDoubt && !isExact,
      emptyPolls,
      repeatAfter: state.repeatAfter,
    };
  }
  const isRepetition = situation.polledInVain && state.written?.target === target;
  const waited = isRepetition ? state.repeatAfter : 0;
  const isOver = waited >= LAST_DOUBT;
  const isUnproved = state.emptyPolls === 0; // the last order had no time to be served
  const mayMiss = situation.inDoubt || situation.growth > 0 || isUnproved || state.isReopened;
  const inDoubt = !isExact && limits.minRunners > 0 && ledger.ghosts && mayMiss && !isOver;
  const first = inDoubt ? FIRST_REPEAT.inDoubt : FIRST_REPEAT.waiting;
  return {
    ...next,
    ledger: isOver ? { ...ledger, ghosts: false } : ledger,
    inDoubt,
    emptyPolls: 0,
    repeatAfter: isRepetition ? Math.min(2 * waited, MAX_REPEAT) : first,
  };
}

function sameLimits(a: Limits, b: Limits): boolean {
  return a.minRunners === b.minRunners && a.maxRunners === b.maxRunners;
}
