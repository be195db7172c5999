/**
 * Which collections of the cluster are followed and why one is not, for those who ask whether we are ready. Knows
 * failures and how long they last; refuses to know how a collection is followed.
 */
import type { Clock } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import type { FollowState } from "../kube/reflector.ts";

/** A collection that was followed once is called lost only after this, in ms: servers restart, watches expire. */
const PATIENCE_MS = 15_000;

/** How an error begins: the collection is named anyway. */
const OWN_WORDS = /^Cannot [a-z ]+ \S+( in namespace "[^"]*")?: /;

interface Collection {
  readonly what: string;
  hasListed: boolean;
  failure: { readonly sinceMs: number; readonly why: string } | undefined;
}

/** One for a process; told by the reflectors, asked by `/readyz`. */
export class Followings {
  readonly #clock: Clock;
  readonly #collections: Collection[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `what` names a collection in a sentence: `pods in namespace "a"`. Whoever follows it tells the result how it goes. */
  add(what: string): (state: FollowState) => void {
    const collection: Collection = { what, hasListed: false, failure: undefined };
    this.#collections.push(collection);
    return (state) => {
      if (state === "listed") collection.hasListed = true;
      else if (state === "watching") collection.failure = undefined;
      else {
        collection.failure = {
          sinceMs: collection.failure?.sinceMs ?? this.#clock.now().getTime(),
          why: messageOf(state.failed).replace(OWN_WORDS, ""),
        };
      }
    };
  }

  /** Why not all is seen as it is, collections with one reason together; `undefined` while it is. */
  problem(): string | undefined {
    const groups = Map.groupBy(
      this.#collections.flatMap((collection) => {
        const reason = this.#reasonOf(collection);
        return reason === undefined ? [] : [{ what: collection.what, ...reason }];
      }),
      ({ why }) => why,
    );
    if (groups.size === 0) return undefined;
    return [...groups].map(([why, lost]) => {
      const seconds = Math.round(Math.max(...lost.map(({ ms }) => ms)) / 1000);
      const names = lost.map(({ what }) => what).join(", ");
      return why === "" ? `not listed yet: ${names}` : `${why} (for ${seconds} s: ${names})`;
    }).join("; ");
  }

  #reasonOf(
    { hasListed, failure }: Collection,
  ): { readonly why: string; readonly ms: number } | undefined {
    if (failure === undefined) return hasListed ? undefined : { why: "", ms: 0 };
    const ms = this.#clock.now().getTime() - failure.sinceMs;
    return hasListed && ms < PATIENCE_MS ? undefined : { why: failure.why, ms };
  }
}
