/**
 * Reading members of decoded JSON the way the service's other clients do: names match whatever their case, null and
 * absent are the zero value, a wrong type is an error that names the member and never quotes the value. Pure. Source:
 * spec github-protocol.md §3.9.
 */

/** The JSON does not have the shape we need. The message is safe to show. */
export class BadShape extends Error {
  override readonly name = "BadShape";
}

/** A JSON object with its member names in lower case. */
export type Members = ReadonlyMap<string, unknown>;

/** The members of a JSON object; throws {@link BadShape} for anything else. `what` names it in the message. */
export function membersOf(value: unknown, what: string): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadShape(`${what} is ${shapeOf(value)}, an object is wanted`);
  }
  return new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
}

/** A member or `undefined` for null and absent. */
export function member(members: Members, name: string): unknown {
  return members.get(name.toLowerCase()) ?? undefined;
}

/** A text; "" when null or absent. */
export function textOf(members: Members, name: string): string {
  const value = member(members, name) ?? "";
  if (typeof value !== "string") {
    throw new BadShape(`"${name}" is ${shapeOf(value)}, text is wanted`);
  }
  return value;
}

/** A text that must say something. */
export function requiredText(members: Members, name: string): string {
  const value = textOf(members, name);
  if (value === "") throw new BadShape(`"${name}" is missing`);
  return value;
}

/** A whole number that a double can hold; 0 when null or absent. */
export function integerOf(members: Members, name: string): number {
  const value = member(members, name) ?? 0;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new BadShape(`"${name}" is ${shapeOf(value)}, a whole number is wanted`);
  }
  return value;
}

/** A list; empty when null or absent. */
export function listOf(members: Members, name: string): readonly unknown[] {
  const value = member(members, name) ?? [];
  if (!Array.isArray(value)) throw new BadShape(`"${name}" is ${shapeOf(value)}, a list is wanted`);
  return value;
}

/**
 * A time, or `undefined` when it is unset: null, absent, empty, year 1. A text that is no RFC 3339 time with a zone
 * counts as unset too: a time is never worth losing a message for.
 */
export function timeOf(members: Members, name: string): Date | undefined {
  const value = member(members, name);
  if (typeof value !== "string") return undefined;
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value)) {
    return undefined;
  }
  const time = new Date(value);
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() <= 1 ? undefined : time;
}

function shapeOf(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
