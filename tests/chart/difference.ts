/**
 * Where two rendered manifests differ in meaning, and the table of differences that are on purpose. Knows that null and
 * emptiness mean the same to Kubernetes; refuses to know which differences are right.
 */
import { deepEqual } from "../../lib/json.ts";

// deno-lint-ignore no-explicit-any -- documents of every shape
type Any = any;

/** One place where they differ. */
export interface Difference {
  /** `Kind name`. */
  readonly object: string;
  /** With dots and `[index]`; keys that hold dots in quotes; empty for the whole object. */
  readonly path: string;
  readonly arc: unknown;
  readonly ours: unknown;
}

/** All differences between two manifests. */
export function differencesBetween(
  arc: readonly Any[],
  ours: readonly Any[],
): readonly Difference[] {
  const theirs = byIdentity(arc);
  const own = byIdentity(ours);
  return [...new Set([...theirs.keys(), ...own.keys()])].flatMap((object) => {
    const left = theirs.get(object);
    const right = own.get(object);
    if (left === undefined || right === undefined) {
      return [{ object, path: "", arc: left && "present", ours: right && "present" }];
    }
    return valueDifferences(left, right, "").map((found) => ({ object, ...found }));
  });
}

function byIdentity(objects: readonly Any[]): ReadonlyMap<string, Any> {
  return new Map(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
}

type Found = Omit<Difference, "object">;

function valueDifferences(arc: Any, ours: Any, path: string): readonly Found[] {
  if (isNothing(arc) && isNothing(ours)) return [];
  if (isMap(arc) && isMap(ours)) {
    const keys = [...new Set([...Object.keys(arc), ...Object.keys(ours)])];
    return keys.flatMap((key) => valueDifferences(arc[key], ours[key], joined(path, key)));
  }
  const areLists = Array.isArray(arc) && Array.isArray(ours);
  if (areLists && [...arc, ...ours].every(isMap) && arc.length === ours.length) {
    return arc.flatMap((item, at) => valueDifferences(item, ours[at], `${path}[${at}]`));
  }
  return deepEqual(arc, ours) ? [] : [{ path, arc, ours }];
}

function isNothing(value: Any): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isMap(value: Any): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function joined(path: string, key: string): string {
  const name = /[./]/.test(key) ? `"${key}"` : key;
  return path === "" ? name : `${path}.${name}`;
}

/** A row of the table: which objects, which path, why. */
export interface Purpose {
  readonly object: RegExp;
  readonly path: string;
  readonly row: string;
}

/**
 * The rows of the first table of DIFFERENCES.md: `| object | path | … |`. In the name of an object `*` stands for any
 * part of it; an empty path or "(all)" means the whole object.
 */
export function purposes(page: string): readonly Purpose[] {
  const [, table = ""] = page.split("<!-- compared with ARC's rendered manifests -->");
  return table.split("\n\n").find((part) => part.trim().startsWith("|"))?.trim().split("\n").slice(
    2,
  )
    .map((row) => {
      const [object = "", path = ""] = row.split("|").slice(1)
        .map((cell) => cell.trim().replaceAll("`", ""));
      const pattern = object.split("*").map((part) => part.replace(/[.]/g, "\\.")).join(".*");
      return {
        object: new RegExp(`^${pattern}$`),
        path: path === "(all)" ? "" : path,
        row,
      };
    }) ?? [];
}

/** Whether a row is about a difference. */
export function explains(purpose: Purpose, { object, path }: Difference): boolean {
  return purpose.path === path && purpose.object.test(object);
}
