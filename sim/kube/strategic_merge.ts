/** Strategic merge patches: merge patches that merge keyed lists item by item, with their `$` directives. Pure. */
import { deepEqual } from "../../lib/json.ts";
import { type Fields, fields, isFields, items } from "./document.ts";
import type { ListType, Shape } from "./list_types.ts";

/** Keys by which kubectl merges lists whose identity for server-side apply has more members. */
const FIRST_KEY_ONLY = (list: ListType & { readonly kind: "map" }): string =>
  list.keys[0] ?? "name";

/** `target` with the patch applied; neither is changed. */
export function strategicMerge(target: unknown, patch: unknown, shape: Shape): unknown {
  if (!isFields(patch)) return patch;
  if (patch.$patch === "delete") return undefined;
  const before = patch.$patch === "replace" ? {} : fields(target);
  const result: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    if (value === null) {
      delete result[key];
      continue;
    }
    const below = shape.member(key);
    const merged = Array.isArray(value)
      ? mergedList(result[key], value, below)
      : strategicMerge(result[key], value, below);
    if (merged === undefined) delete result[key];
    else result[key] = merged;
  }
  return ordered(withoutDeleted(retained(result, patch), patch), patch, shape);
}

function retained(result: Record<string, unknown>, patch: Fields): Record<string, unknown> {
  if (!Array.isArray(patch.$retainKeys)) return result;
  const kept = new Set(patch.$retainKeys.map(String));
  return Object.fromEntries(Object.entries(result).filter(([key]) => kept.has(key)));
}

function withoutDeleted(result: Record<string, unknown>, patch: Fields): Record<string, unknown> {
  const changed = { ...result };
  for (const [directive, values] of Object.entries(patch)) {
    const [name, key] = directive.split("/");
    if (name !== "$deleteFromPrimitiveList" || key === undefined) continue;
    changed[key] = items(changed[key]).filter((item) => !items(values).includes(item));
  }
  return changed;
}

/** Follows `$setElementOrder`: named items in the given order, the others after them. */
function ordered(result: Record<string, unknown>, patch: Fields, shape: Shape): Fields {
  const changed = { ...result };
  for (const [directive, order] of Object.entries(patch)) {
    const [name, key] = directive.split("/");
    if (name !== "$setElementOrder" || key === undefined) continue;
    const { list } = shape.member(key);
    const idOf = (item: unknown) => list.kind === "map" ? fields(item)[FIRST_KEY_ONLY(list)] : item;
    const rank = new Map(items(order).map((item, index) => [idOf(item), index]));
    const present = items(changed[key]);
    if (present.length === 0) continue;
    const placeOf = (item: unknown) => rank.get(idOf(item)) ?? rank.size;
    changed[key] = [...present].sort((a, b) => placeOf(a) - placeOf(b));
  }
  return changed;
}

function mergedList(target: unknown, patch: readonly unknown[], shape: Shape): unknown {
  const { list } = shape;
  if (list.kind === "atomic") return patch;
  const before = items(target);
  if (list.kind === "set") {
    return [...before, ...patch.filter((item) => !before.some((old) => deepEqual(old, item)))];
  }
  const changes = patch.map(fields);
  const replaces = changes.some((item) => item.$patch === "replace");
  const key = FIRST_KEY_ONLY(list);
  const result: unknown[] = replaces ? [] : [...before];
  for (const change of changes) {
    if (change.$patch === "replace") continue;
    const at = result.findIndex((item) => deepEqual(fields(item)[key], change[key]));
    if (change.$patch === "delete") {
      if (at >= 0) result.splice(at, 1);
      continue;
    }
    const merged = strategicMerge(at >= 0 ? result[at] : {}, change, shape.item());
    if (at >= 0) result[at] = merged;
    else result.push(merged);
  }
  return result;
}
