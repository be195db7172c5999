/**
 * Runners that ended before the listener heard of it. The listener still counts their jobs, so for its decisions they
 * are still there. In memory only: forgetting one makes a runner too many for a while, never one too few.
 */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../kube/meta.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { isForeign } from "./population.ts";

/** After this long without a word from the listener, in ms, an end is taken as known. */
export const FORGET_MS = 60_000;

interface Departure {
  /** When it ended, in ms. */
  readonly atMs: number;
  readonly runner: Pick<EphemeralRunner, "spec">;
}

/** One for a process; told by the caches, asked by plans. */
export class Departures {
  /** By UID of the set: names of runners. */
  readonly #bySet = new Map<string, Map<string, Departure>>();

  /** Names of idle runners that we sent away: their end is no news. */
  readonly #sentAway = new Set<string>();

  /** Sets that lost an idle runner to somebody else: what they were told to make is not there. By UID. */
  readonly #owing = new Set<string>();

  /** Somebody else takes a runner that has no job: no word of its end will come, and its set makes another one. */
  owe(name: string, set: string): void {
    this.ignore(name);
    this.#owing.add(set);
  }

  isOwing(set: string): boolean {
    return this.#owing.has(set);
  }

  /** The set has as many as it was told again. */
  repaid(set: string): void {
    this.#owing.delete(set);
  }

  /** The runner will go because we want it to. */
  ignore(name: string): void {
    this.#sentAway.add(name);
  }

  /** The runner has gone before it could be recorded. */
  settle(name: string): void {
    this.#sentAway.delete(name);
  }

  /** A runner object is gone. One that neither failed nor was sent away by us may have had a job. */
  record(runner: EphemeralRunner, now: Date): void {
    const owner = runner.metadata?.ownerReferences?.find((reference) => reference.controller);
    const name = nameOf(runner);
    if (this.#sentAway.delete(name) || owner === undefined || hasFailed(runner)) return;
    const names = this.#bySet.get(owner.uid) ?? new Map<string, Departure>();
    // Nobody may ever ask: a replica that stands by sees the same runners go.
    for (const [other, { atMs }] of names) {
      if (now.getTime() - atMs <= FORGET_MS) break;
      names.delete(other);
    }
    names.set(name, { atMs: now.getTime(), runner: runner.spec ? { spec: runner.spec } : {} });
    this.#bySet.set(owner.uid, names);
  }

  /** How many of a set ended, or are about to go, that the listener has not reported as completed. */
  unreported(
    set: EphemeralRunnerSet,
    seen: {
      readonly runners: readonly EphemeralRunner[];
      readonly completed: ReadonlySet<string>;
      readonly now: Date;
    },
  ): number {
    const { completed, now } = seen;
    const leaving =
      seen.runners.filter((runner) =>
        isDeleting(runner) && !hasFailed(runner) && !this.#sentAway.has(nameOf(runner)) &&
        !completed.has(nameOf(runner)) && !isForeign(runner, set)
      ).length;
    const uid = set.metadata?.uid ?? "";
    const names = this.#bySet.get(uid);
    if (names === undefined) return leaving;
    for (const [name, { atMs, runner }] of names) {
      const isOver = now.getTime() - atMs > FORGET_MS || isForeign(runner, set);
      if (completed.has(name) || isOver) names.delete(name);
    }
    if (names.size === 0) this.#bySet.delete(uid);
    return leaving + names.size;
  }

  forget(uid: string): void {
    this.#bySet.delete(uid);
    this.#owing.delete(uid);
  }
}

function nameOf(runner: EphemeralRunner): string {
  return runner.metadata?.name ?? "";
}

function hasFailed(runner: EphemeralRunner): boolean {
  return runner.status?.phase === "Failed" || runner.status?.phase === "Outdated";
}

/** What the listener said about completed runners; `undefined`: it is not one of ours. */
export function completedRunners(set: EphemeralRunnerSet): ReadonlySet<string> | undefined {
  const names = set.spec?.completedRunners;
  return names === undefined ? undefined : new Set(names);
}
