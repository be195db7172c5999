/**
 * Runners whose jobs completed lately: the controller is told their names with every order, so that it does not count
 * them. In memory; a former life's are no longer needed, as its first order asks for the exact state.
 */

/** A name is told for this long, in ms: longer than a runner's pod takes to end. */
const KEEP_MS = 120_000;
/** At most so many names are told, the newest. */
const MAX_NAMES = 500;

/** One for the life of a listener. */
export class Completions {
  /** When each was heard of, in ms, in that order. */
  readonly #names = new Map<string, number>();

  add(names: readonly string[], now: Date): void {
    for (const name of names) if (name !== "") this.#names.set(name, now.getTime());
  }

  recent(now: Date): readonly string[] {
    for (const [name, atMs] of this.#names) {
      if (now.getTime() - atMs <= KEEP_MS && this.#names.size <= MAX_NAMES) break;
      this.#names.delete(name);
    }
    return [...this.#names.keys()];
  }
}
