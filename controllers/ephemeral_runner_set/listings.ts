/**
 * What GitHub last said of a set's runners, all with one listing. In memory only: a new process asks again. Knows names and
 * times; what follows from them is in `verification.ts`.
 */

/** One look at GitHub for one set. */
export interface Listing {
  /** When GitHub was asked, in ms since the epoch; sets of one place may share an answer. */
  readonly atMs: number;
  /** When it was asked for, in ms. */
  readonly askedMs: number;
  /** The listener's session at that time; `undefined`: it did not tell. */
  readonly session: string | undefined;
  /** Names of runners; `undefined`: GitHub did not answer, and nothing is known. */
  readonly known:
    | { readonly online: ReadonlySet<string>; readonly offline: ReadonlySet<string> }
    | undefined;
  /** 0 to 1, drawn once, so that sets do not ask all at the same time. */
  readonly jitter: number;
}

/** A listing and what was learned before it. */
export interface ListingRecord {
  readonly listing: Listing;
  /** Names that were online at any listing and are still there. */
  readonly seenOnline: ReadonlySet<string>;
  /** Since when, in ms, a name has been offline at each listing. */
  readonly offlineSince: ReadonlyMap<string, number>;
  /** Since when, in ms, a name has been missing in each listing. */
  readonly absentSince: ReadonlyMap<string, number>;
  /** Names that GitHub would not let go: a job runs there. */
  readonly spared: ReadonlySet<string>;
}

/** One for a process; filled by an executor, read by `verification_controller.ts`. */
export class Listings {
  /** By UID of the set. */
  readonly #records = new Map<string, ListingRecord>();

  of(uid: string): ListingRecord | undefined {
    return this.#records.get(uid);
  }

  /** `names`: of the set's runners; what was learned of others is forgotten. */
  put(uid: string, listing: Listing, names: ReadonlySet<string>): void {
    const before = this.#records.get(uid);
    const { seenOnline = new Set() } = before ?? {};
    const { known } = listing;
    /** Where GitHub said nothing, what it said before holds. */
    const since = (times: ReadonlyMap<string, number> = new Map(), is: (name: string) => boolean) =>
      new Map(
        [...names].filter((name) => known === undefined ? times.has(name) : is(name))
          .map((name) => [name, times.get(name) ?? listing.atMs]),
      );
    const isOffline = (name: string) => known?.offline.has(name) ?? false;
    this.#records.set(uid, {
      listing,
      seenOnline: new Set(
        [...names].filter((name) => seenOnline.has(name) || known?.online.has(name)),
      ),
      offlineSince: since(before?.offlineSince, isOffline),
      absentSince: since(
        before?.absentSince,
        (name) => !isOffline(name) && !known?.online.has(name),
      ),
      spared: new Set(),
    });
  }

  /** GitHub says that a job runs there. */
  spare(uid: string, name: string): void {
    const record = this.#records.get(uid);
    if (record === undefined) return;
    this.#records.set(uid, { ...record, spared: new Set([...record.spared, name]) });
  }

  /** The set is gone. */
  forget(uid: string): void {
    this.#records.delete(uid);
  }
}
