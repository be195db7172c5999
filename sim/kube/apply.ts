/**
 * Server-side apply: who owns which field, what an application changes, where it conflicts. Pure. Ownership is tracked
 * from the first application to an object on; what was there before belongs to "before-first-apply".
 */
import { type Document, type Fields, fields, isFields, type ManagedFields } from "./document.ts";
import {
  changedFields,
  difference,
  type FieldSet,
  fieldSetOf,
  intersection,
  isEmptySet,
  itemStep,
  pathsOf,
  union,
} from "./field_set.ts";
import { builtInShape, schemaShape, type Shape } from "./list_types.ts";
import type { Resource } from "./resources.ts";
import { applyConflict } from "./status.ts";

/** Who writes. */
export interface Writer {
  readonly manager: string;
  readonly subresource: string;
  /** RFC 3339. */
  readonly now: string;
  /** Takes fields from others instead of conflicting. */
  readonly force: boolean;
}

const UNOWNED_METADATA = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
  "managedFields",
];

/** Which lists and maps of a resource are owned in parts. */
export function shapeOf(resource: Resource): Shape {
  return resource.custom ? schemaShape(resource.custom.schema) : builtInShape(resource.kind);
}

/** The part of a document that can have owners. */
function ownable(document: Document): Fields {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = document;
  const kept = Object.fromEntries(
    Object.entries(metadata).filter(([key]) => !UNOWNED_METADATA.includes(key)),
  );
  return Object.keys(kept).length > 0 ? { metadata: kept, ...rest } : rest;
}

function isWriters(entry: ManagedFields, writer: Writer, operation: string): boolean {
  return entry.manager === writer.manager && entry.operation === operation &&
    (entry.subresource ?? "") === writer.subresource;
}

/** Live and applied merged: the applied value wins wherever it speaks. */
function merged(live: unknown, applied: unknown, shape: Shape): unknown {
  if (Array.isArray(applied)) {
    if (shape.list.kind === "atomic" || !Array.isArray(live)) return applied;
    const wanted = new Map(applied.map((item) => [itemStep(shape, item), item]));
    const kept = live.map((item) => {
      const step = itemStep(shape, item);
      if (!wanted.has(step)) return item;
      const value = merged(item, wanted.get(step), shape.item());
      wanted.delete(step);
      return value;
    });
    return [...kept, ...wanted.values()];
  }
  if (!isFields(applied) || shape.isAtomicMap) return applied;
  const result: Record<string, unknown> = { ...fields(live) };
  for (const [key, value] of Object.entries(applied)) {
    if (value !== null) result[key] = merged(result[key], value, shape.member(key));
  }
  return result;
}

/** The value without the fields of `gone`. */
function without(value: unknown, gone: FieldSet, shape: Shape): unknown {
  if (Array.isArray(value)) {
    if (shape.list.kind === "atomic") return value;
    return value.flatMap((item) => {
      const below = gone[itemStep(shape, item) ?? ""];
      if (!isFields(below)) return [item];
      if (isEmptySet(below) || below["."] !== undefined) return [];
      return [without(item, below, shape.item())];
    });
  }
  if (!isFields(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const below = gone[`f:${key}`];
    if (!isFields(below)) {
      result[key] = member;
      continue;
    }
    if (isEmptySet(below)) continue;
    const rest = without(member, below, shape.member(key));
    const emptied = isFields(rest) && Object.keys(rest).length === 0 ||
      Array.isArray(rest) && rest.length === 0;
    if (!emptied) result[key] = rest;
  }
  return result;
}

function entryOf(
  document: Document,
  writer: Writer,
  owned: { readonly operation: "Apply" | "Update"; readonly fieldsV1: FieldSet },
): ManagedFields {
  return {
    manager: writer.manager,
    operation: owned.operation,
    apiVersion: document.apiVersion ?? "",
    time: writer.now,
    fieldsType: "FieldsV1",
    fieldsV1: owned.fieldsV1,
    ...(writer.subresource === "" ? {} : { subresource: writer.subresource }),
  };
}

function conflictOf(entries: readonly { entry: ManagedFields; fieldsV1: FieldSet }[]) {
  const causes = entries.flatMap(({ entry, fieldsV1 }) =>
    pathsOf(fieldsV1).map((field) => ({
      reason: "FieldManagerConflict",
      message: `conflict with "${entry.manager}"${
        entry.subresource ? ` with subresource "${entry.subresource}"` : ""
      }${entry.operation === "Update" ? ` using ${entry.apiVersion}` : ""}`,
      field,
    }))
  );
  const byManager = Map.groupBy(causes, (cause) => cause.message);
  const lines = [...byManager].map(([message, list]) =>
    list.length === 1
      ? `${message}: ${list[0]?.field}`
      : `${message.replace("conflict with", "conflicts with")}:\n${
        list.map((cause) => `- ${cause.field}`).join("\n")
      }`
  );
  return applyConflict(
    causes,
    `Apply failed with ${causes.length} conflict${causes.length === 1 ? "" : "s"}: ${
      lines.join("\n")
    }`,
  );
}

/**
 * What `live` becomes when `writer` applies `applied` (absent `live`: a new object), with its new managed fields.
 * Throws 409 where others own a field with another value, unless forced.
 */
export function appliedTo(
  live: Document | undefined,
  applied: Document,
  options: { readonly shape: Shape; readonly writer: Writer },
): Document {
  const { shape, writer } = options;
  const wanted = fieldSetOf(ownable(applied), shape);
  const base = live ?? { ...applied, metadata: applied.metadata };
  const entries = live ? knownEntries(live, { shape, now: writer.now }) : [];
  const mine = entries.find((entry) => isWriters(entry, writer, "Apply"));
  const others = entries.filter((entry) => entry !== mine);

  const next = merged(base, applied, shape) as Document;
  const changed = live ? changedFields(ownable(live), ownable(next), shape).written : {};
  const contested = others.map((entry) => ({
    entry,
    fieldsV1: intersection(intersection(entry.fieldsV1, wanted), changed),
  })).filter(({ fieldsV1 }) => !isEmptySet(fieldsV1));
  if (contested.length > 0 && !writer.force) throw conflictOf(contested);

  const kept = entries.map((entry) => {
    const lost = contested.find((one) => one.entry === entry);
    return lost ? { ...entry, fieldsV1: difference(entry.fieldsV1, lost.fieldsV1) } : entry;
  }).filter((entry) => !isEmptySet(entry.fieldsV1));
  const dropped = kept.filter((entry) => entry !== mine).reduce<FieldSet>(
    (set, entry) => difference(set, entry.fieldsV1),
    difference(mine?.fieldsV1 ?? {}, wanted),
  );
  const pruned = without(next, dropped, shape) as Document;
  const unchanged = mine && isEmptySet(difference(mine.fieldsV1, wanted)) &&
    isEmptySet(difference(wanted, mine.fieldsV1));
  const own = unchanged ? mine : entryOf(applied, writer, { operation: "Apply", fieldsV1: wanted });
  return {
    ...pruned,
    metadata: {
      ...pruned.metadata,
      managedFields: mine ? kept.map((entry) => entry === mine ? own : entry) : [...kept, own],
    },
  };
}

/** The entries of an object; one without any gets an owner for all that it has. */
function knownEntries(
  live: Document,
  options: { readonly shape: Shape; readonly now: string },
): readonly ManagedFields[] {
  const entries = live.metadata.managedFields ?? [];
  if (entries.length > 0) return entries;
  const writer = { manager: "before-first-apply", subresource: "", now: options.now, force: false };
  const fieldsV1 = fieldSetOf(ownable(live), options.shape);
  return [entryOf(live, writer, { operation: "Update", fieldsV1 })];
}

/** The managed fields after an ordinary write; objects that were never applied to have none. */
export function fieldsAfterUpdate(
  before: Document,
  after: Document,
  options: { readonly shape: Shape; readonly writer: Writer },
): readonly ManagedFields[] | undefined {
  const entries = before.metadata.managedFields ?? [];
  if (entries.length === 0) return undefined;
  const { shape, writer } = options;
  const { written, removed } = changedFields(ownable(before), ownable(after), shape);
  if (isEmptySet(written) && isEmptySet(removed)) return entries;
  const mine = entries.find((entry) => isWriters(entry, writer, "Update"));
  const taken = union(written, removed);
  const kept = entries.filter((entry) => entry !== mine)
    .map((entry) => ({ ...entry, fieldsV1: difference(entry.fieldsV1, taken) }))
    .filter((entry) => !isEmptySet(entry.fieldsV1));
  const fieldsV1 = difference(union(mine?.fieldsV1 ?? {}, written), removed);
  if (isEmptySet(fieldsV1)) return kept;
  return [...kept, entryOf(after, writer, { operation: "Update", fieldsV1 })];
}
