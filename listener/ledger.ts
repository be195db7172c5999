/**
 * What the messages say about the runners of a set, kept as bounds: the listener may not read the cluster. Pure. Knows
 * jobs and counts; refuses to know ids of patches.
 *
 * Between GitHub and the controller a runner may end twice: GitHub reports its job complete while its pod still counts,
 * or its pod has ended before GitHub's message reaches us. Each bound says which of the two it allows for.
 */
import type { CompletedJob, JobMessage, StartedJob, Statistics } from "../github/messages.ts";

export interface Ledger {
  /** At most so many runners exist, or are being made, that were not seen to start a job. */
  readonly unstarted: number;
  /** Runners with a job, by name, as far as messages said so. */
  readonly started: ReadonlySet<string>;
  /** Runners that had a job before this ledger began; their names are unknown. */
  readonly inherited: number;
  /** Names of runners whose job completed, the newest ones: a message may repeat what another one said. */
  readonly ended: ReadonlySet<string>;
  /** At most so many runners may have been made good by the controller before GitHub told us that they ended. */
  readonly exposed: number;
  /** Runners whose job completed may still be counted by the controller. */
  readonly ghosts: boolean;
  /** The controller is told who completed, so that none of this happens: it counts as we do. */
  readonly isExact: boolean;
}

/** News of one message after repetitions are taken out. */
export interface News {
  readonly ledger: Ledger;
  readonly started: readonly StartedJob[];
  readonly completed: readonly CompletedJob[];
  /** How many of `completed` used up a runner. */
  readonly usedUp: number;
}

/** More names than this are not remembered: repetitions come close together. */
const MAX_NAMES = 4096;

/** The ledger of a listener that has heard the opening statistics of its first session only: anything may be there. */
export function openLedger(statistics: Statistics): Ledger {
  return {
    unstarted: Infinity,
    started: new Set(),
    inherited: statistics.running,
    ended: new Set(),
    exposed: 0,
    ghosts: isInUse(statistics),
    isExact: false,
  };
}

/** The ledger once the controller was seen to take the names of completed runners. */
export function exactLedger(ledger: Ledger): Ledger {
  return { ...ledger, exposed: 0, ghosts: false, isExact: true };
}

/**
 * The ledger after the controller said how many runners it `counted` before the first order; `inAll` is how many there
 * may be with those that it makes for it.
 */
export function countLedger(
  ledger: Ledger,
  runners: { readonly counted: number; readonly inAll: number },
): Ledger {
  return {
    ...ledger,
    unstarted: Math.min(ledger.unstarted, Math.max(0, runners.inAll - busy(ledger))),
    exposed: Math.min(ledger.exposed, runners.inAll),
    ghosts: !ledger.isExact && (ledger.ghosts || runners.counted > 0),
  };
}

/** The ledger after a session was lost, and perhaps messages with it. */
export function reopenLedger(ledger: Ledger, statistics: Statistics): Ledger {
  const unstarted = Math.max(ledger.unstarted, statistics.idleRunners);
  return {
    ...ledger,
    unstarted,
    inherited: ledger.inherited + Math.max(0, statistics.running - busy(ledger)),
    exposed: ledger.isExact ? 0 : unstarted + Math.max(statistics.running, busy(ledger)),
    ghosts: !ledger.isExact && (ledger.ghosts || isInUse(statistics)),
  };
}

/** Takes in what a message says. A completed job without a runner was withdrawn before one took it. */
export function hear(ledger: Ledger, message: JobMessage | undefined): News {
  if (message === undefined) return { ledger, started: [], completed: [], usedUp: 0 };
  const started = new Set(ledger.started);
  const ended = new Set(ledger.ended);
  let { unstarted, inherited } = ledger;
  const newStarted = message.started.filter(({ runnerName }) => {
    if (started.has(runnerName) || ended.has(runnerName)) return false;
    started.add(runnerName);
    unstarted--;
    return true;
  });
  let usedUp = 0;
  const newCompleted = message.completed.filter(({ runnerName }) => {
    if (runnerName === "") return true;
    if (ended.has(runnerName)) return false;
    ended.add(runnerName);
    usedUp++;
    if (started.delete(runnerName)) return true;
    if (inherited > 0) inherited--;
    else unstarted--; // its start was never told
    return true;
  });
  // Whom the controller replaced before we heard of the end: the replacement has no job to start.
  const replaced = Math.min(usedUp, ledger.exposed);
  return {
    ledger: {
      ...ledger,
      unstarted: Math.max(0, unstarted) + replaced,
      started: newest(started),
      inherited,
      ended: newest(ended),
      exposed: ledger.exposed - replaced,
      ghosts: !ledger.isExact && (ledger.ghosts || usedUp > 0),
    },
    started: newStarted,
    completed: newCompleted,
    usedUp,
  };
}

/** How the bounds move when the controller is told a target. */
export function ask(
  ledger: Ledger,
  wish: {
    readonly target: number;
    readonly running: number;
    /** `exact`: it creates and removes until it fits, for as long as that is its order; `none`: the batch goes on. */
    readonly order: "exact" | "batch" | "none";
  },
): Ledger {
  const unstarted = Math.max(
    ledger.unstarted,
    wish.target - Math.min(wish.running, busy(ledger)),
  );
  const before = ledger.unstarted + Math.max(wish.running, busy(ledger));
  if (ledger.isExact) return { ...ledger, unstarted };
  switch (wish.order) {
    case "none":
      return { ...ledger, unstarted };
    case "batch":
      return { ...ledger, unstarted, exposed: before };
    case "exact":
      return { ...ledger, unstarted, exposed: Math.max(before, wish.target) };
    default:
      return wish.order satisfies never;
  }
}

/** The ledger after the controller had time enough to reach an exact target. */
export function settle(ledger: Ledger, target: number): Ledger {
  return { ...ledger, unstarted: Math.max(0, target - busy(ledger)) };
}

function busy(ledger: Ledger): number {
  return ledger.inherited + ledger.started.size;
}

function isInUse(statistics: Statistics): boolean {
  return statistics.assigned > 0 || statistics.registeredRunners > 0;
}

function newest(names: ReadonlySet<string>): ReadonlySet<string> {
  return names.size <= MAX_NAMES ? names : new Set([...names].slice(names.size - MAX_NAMES));
}
