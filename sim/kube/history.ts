/** The recent changes of one resource: a bounded ring from which watches start. Knows no streams. */
import type { Document } from "./document.ts";

/** One write, as watches tell it. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** As stored; of a deletion, the last state with the resourceVersion of the deletion. */
  readonly object: Document;
  /** What was stored before; absent for an addition. */
  readonly before?: Document;
  readonly revision: number;
}

/** The ring of one resource's changes. */
export class History {
  readonly #capacity: number;
  #changes: Change[] = [];
  #oldest = 0;

  /** Keeps at least `capacity` changes, at most twice as many. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length < 2 * this.#capacity) return;
    const dropped = this.#changes.length - this.#capacity;
    this.#oldest = this.#changes[dropped - 1]?.revision ?? this.#oldest;
    this.#changes = this.#changes.slice(dropped);
  }

  /** Forgets everything up to `revision`. */
  compact(revision: number): void {
    this.#oldest = Math.max(this.#oldest, revision);
    this.#changes = this.#changes.filter((change) => change.revision > revision);
  }

  /** The smallest revision from which {@link since} can tell everything. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Changes after `revision`, oldest first; `undefined` when some of them are forgotten. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#oldest) return undefined;
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle] as Change).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#changes.slice(low);
  }
}
