/**
 * Jobs that no scale set has yet, and which sets may have them. Jobs that ask for the same thing share a lane, so that
 * finding work for a set costs as much as there are lanes, not jobs.
 */
import type { Job, ScaleSet } from "./model.ts";
import { serves } from "./scopes.ts";

/** First in, first out, in constant time. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest item that `isWanted`; older ones that are not are dropped for good. */
  peek(isWanted: (item: T) => boolean): T | undefined {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head] as T;
      if (isWanted(item)) return item;
      this.#drop();
    }
    return undefined;
  }

  /** Like {@link peek}, and takes it out. */
  take(isWanted: (item: T) => boolean): T | undefined {
    const item = this.peek(isWanted);
    if (item !== undefined) this.#drop();
    return item;
  }

  #drop(): void {
    this.#head++;
    if (this.#head < 1_000 || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

interface Lane {
  readonly labels: readonly string[];
  readonly jobs: Fifo<Job>;
  /** In the order in which the sets were made. */
  readonly sets: Set<ScaleSet>;
}

/** Within a lane, first come, first served. */
export class JobBoard {
  readonly #lanes = new Map<string, Lane>();
  readonly #lanesByScope = new Map<string | undefined, Set<Lane>>();
  readonly #setsByScope = new Map<string, Set<ScaleSet>>();
  readonly #lanesOf = new Map<ScaleSet, Set<Lane>>();

  /** Makes a set known, or looks again at its name, labels and existence. */
  place(set: ScaleSet): void {
    for (const lane of this.#lanesOf.get(set) ?? []) lane.sets.delete(set);
    this.#lanesOf.delete(set);
    const neighbours = membersOf(this.#setsByScope, set.scope);
    if (set.isGone) {
      neighbours.delete(set);
      return;
    }
    neighbours.add(set);
    this.#lanesOf.set(set, new Set());
    for (const [scope, lanes] of this.#lanesByScope) {
      if (!serves(set.scope, scope)) continue;
      for (const lane of lanes) this.#link(set, lane);
    }
  }

  /** Adds a queued job; returns the sets that may have it. */
  put(job: Job): Iterable<ScaleSet> {
    const lane = this.#laneFor(job);
    lane.jobs.push(job);
    return lane.sets;
  }

  /** The sets that may have `job`, which has been put here once. */
  candidates(job: Job): Iterable<ScaleSet> {
    return this.#laneFor(job).sets;
  }

  /** Takes the queued job that `set` may have and that has waited longest. */
  take(set: ScaleSet): Job | undefined {
    let best: { readonly lane: Lane; readonly job: Job } | undefined;
    for (const lane of this.#lanesOf.get(set) ?? []) {
      const job = lane.jobs.peek(isQueued);
      if (job && (!best || job.requestId < best.job.requestId)) best = { lane, job };
    }
    return best?.lane.jobs.take(isQueued);
  }

  #laneFor(job: Job): Lane {
    const labels = [...new Set(job.labels.map((label) => label.toLowerCase()))].sort();
    const key = JSON.stringify([job.scope ?? null, labels]);
    const known = this.#lanes.get(key);
    if (known) return known;
    const lane: Lane = { labels, jobs: new Fifo(), sets: new Set() };
    this.#lanes.set(key, lane);
    membersOf(this.#lanesByScope, job.scope).add(lane);
    for (const [scope, sets] of this.#setsByScope) {
      if (!serves(scope, job.scope)) continue;
      for (const set of sets) this.#link(set, lane);
    }
    return lane;
  }

  #link(set: ScaleSet, lane: Lane): void {
    if (!fits(set, lane)) return;
    lane.sets.add(set);
    this.#lanesOf.get(set)?.add(lane);
  }
}

function membersOf<K, T>(groups: Map<K, Set<T>>, key: K): Set<T> {
  const known = groups.get(key);
  if (known) return known;
  const made = new Set<T>();
  groups.set(key, made);
  return made;
}

function isQueued(job: Job): boolean {
  return job.state === "queued";
}

/** All labels of the job are among those of the set, its name included; letter case does not matter. */
function fits(set: ScaleSet, lane: Lane): boolean {
  return lane.labels.every((label) =>
    set.name.toLowerCase() === label || set.labels.some(({ name }) => name.toLowerCase() === label)
  );
}
