/**
 * One object of a kubeconfig with its place: reads members by name and makes the sentences about them. Knows no member's
 * meaning; quotes a value only where it cannot be a credential.
 */
import { InvalidInput } from "../lib/errors.ts";
import { redacted } from "../lib/redaction.ts";

export interface Place {
  readonly path: string;
  /** As the kubeconfig names it; empty for the whole document. */
  readonly name: string;
  /** `cluster`, `user`, `context`. */
  readonly what: string;
}

/** Its readers throw `InvalidInput` with the place of what they do not take. */
export class Entry {
  readonly path: string;
  readonly name: string;
  readonly #what: string;
  readonly #members: Readonly<Record<string, unknown>>;

  private constructor(members: Readonly<Record<string, unknown>>, place: Place) {
    this.path = place.path;
    this.name = place.name;
    this.#what = place.what;
    this.#members = members;
  }

  /** `undefined` for what is no object. */
  static of(value: unknown, place: Place): Entry | undefined {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return new Entry(value as Readonly<Record<string, unknown>>, place);
  }

  /** The member is there and says something. */
  has(field: string): boolean {
    const value = this.#members[field] ?? "";
    return value !== "" && !(Array.isArray(value) && value.length === 0);
  }

  /** `undefined` when absent. Throws {@link InvalidInput} for what is no text. */
  text(field: string): string | undefined {
    const value = this.#members[field] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    throw this.hidden(field, "expected text");
  }

  /** As {@link text}; absent or empty is wrong too. */
  required(field: string): string {
    const value = this.text(field);
    if (value) return value;
    throw new InvalidInput(`The ${this.#words()} names no ${field}`);
  }

  isTrue(field: string): boolean {
    return this.#members[field] === true;
  }

  /** An object among the members. */
  entry(field: string): Entry | undefined {
    const value = this.#members[field] ?? undefined;
    if (value === undefined) return undefined;
    const found = Entry.of(value, { path: this.path, name: this.name, what: this.#what });
    if (found !== undefined) return found;
    throw this.hidden(field, "expected an object");
  }

  /** The objects of a list of `{name, <item>}`; those without a name are left out. */
  list(field: string, item: string): readonly Entry[] {
    return this.items(field).flatMap((value) => {
      const { name, [item]: members } = (value ?? {}) as Readonly<Record<string, unknown>>;
      const entry = Entry.of(members ?? {}, {
        path: this.path,
        name: String(name ?? ""),
        what: item,
      });
      return entry === undefined || !name ? [] : [entry];
    });
  }

  /** A list among the members; absent is empty. */
  items(field: string): readonly unknown[] {
    const value = this.#members[field] ?? [];
    if (Array.isArray(value)) return value;
    throw this.hidden(field, "expected a list");
  }

  /** A value that cannot be meant. */
  wrong(field: string, expected: string): InvalidInput {
    const value = redacted(String(this.#members[field] ?? ""));
    return new InvalidInput(`The ${this.#words()} has ${field} "${value}": ${expected}`);
  }

  /** As {@link wrong}, without the value. */
  hidden(field: string, expected: string): InvalidInput {
    return new InvalidInput(`The ${this.#words()} has a ${field} that cannot be read: ${expected}`);
  }

  /** A member that is well formed and that we do not support. */
  refused(field: string, why: string): InvalidInput {
    return new InvalidInput(`The ${this.#words()} sets ${field}, which cannot be used: ${why}`);
  }

  #words(): string {
    const name = this.name === "" ? "" : ` "${this.name}"`;
    return `${this.#what}${name}${this.#what === "kubeconfig" ? "" : " of"} ${this.path}`;
  }
}
