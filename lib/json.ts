/** Plain JSON values: comparing, copying, hashing. Pure and total. */
import { createHash } from "node:crypto";

export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a record itself holds: a label may well be called "constructor". */
function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Equality of JSON values. A member that is `undefined` equals an absent one; key order does not matter. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  for (const key in a) if (!deepEqual(a[key], own(b, key))) return false;
  for (const key in b) if (b[key] !== undefined && own(a, key) === undefined) return false;
  return true;
}

/** The same text for equal values: keys sorted, `undefined` members left out. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, item) =>
      isRecord(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : item,
  ) ?? "null";
}

/** A short stable fingerprint of a JSON value: 16 hexadecimal digits. Not for secrets. */
export function shortHash(value: unknown): string {
  return createHash("sha256").update(canonicalText(value)).digest("hex").slice(0, 16);
}

/**
 * The JSON merge patch (RFC 7386) that turns `from` into `to`; `undefined` when there is nothing to change. Arrays are
 * replaced whole. Members that are null in `to` cannot be said in a merge patch: they end up absent.
 */
export function mergePatch(from: unknown, to: unknown): unknown {
  if (deepEqual(from, to)) return undefined;
  if (!isRecord(from) || !isRecord(to)) return to ?? null;
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [before, after] = [own(from, key), own(to, key)];
    if (after === undefined) {
      if (before !== undefined) patch[key] = null;
      continue;
    }
    const change = mergePatch(before, after);
    if (change !== undefined) patch[key] = change;
  }
  return patch;
}

/** `target` with the JSON merge patch applied (RFC 7386); neither argument is changed. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
}
