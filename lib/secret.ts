/** A value that must not be seen: it can be passed around, compared by identity, and printed without harm. */

const HIDDEN = "[redacted]";

/** Wrapped as soon as it is read. In text, in JSON and in a console it is `[redacted]`. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The only way to the value. Call it where the value leaves for its owner, nowhere else. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return HIDDEN;
  }
}
