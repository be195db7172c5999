/**
 * Structural pruning: a stored custom resource holds what its schema names, nothing else. Pure; returns the same
 * structure where nothing was dropped.
 */
import { type Fields, fields, isFields } from "./document.ts";

const OBJECT_FIELDS = ["apiVersion", "kind", "metadata"];

interface Place {
  /** The whole object, or one embedded in it: has apiVersion, kind and metadata whatever the schema says. */
  readonly isObject: boolean;
  readonly path: string;
}

/** The document without fields that the schema does not know; their paths are added to `dropped`. */
export function pruned(schema: Fields, document: unknown, dropped: string[]): unknown {
  return prunedAt(schema, document, { place: { isObject: true, path: "" }, dropped });
}

function prunedAt(
  schema: Fields,
  value: unknown,
  walk: { readonly place: Place; readonly dropped: string[] },
): unknown {
  if (Array.isArray(value)) return prunedItems(schema, value, walk);
  if (!isFields(value)) return value;
  const { place, dropped } = walk;
  const isObject = place.isObject || schema["x-kubernetes-embedded-resource"] === true;
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const properties = fields(schema.properties);
  const additional = schema.additionalProperties;
  const result: Record<string, unknown> = {};
  let isChanged = false;
  for (const [key, member] of Object.entries(value)) {
    const path = place.path === "" ? key : `${place.path}.${key}`;
    if (isObject && OBJECT_FIELDS.includes(key)) {
      result[key] = member;
      continue;
    }
    const known = Object.hasOwn(properties, key)
      ? fields(properties[key])
      : isFields(additional)
      ? additional
      : additional === true || keepsUnknown
      ? KEEPS_ALL
      : undefined;
    if (known === undefined) {
      dropped.push(path);
      isChanged = true;
      continue;
    }
    result[key] = prunedAt(known, member, { place: { isObject: false, path }, dropped });
    if (result[key] !== member) isChanged = true;
  }
  return isChanged ? result : value;
}

const KEEPS_ALL: Fields = { "x-kubernetes-preserve-unknown-fields": true };

function prunedItems(
  schema: Fields,
  list: readonly unknown[],
  walk: { readonly place: Place; readonly dropped: string[] },
): readonly unknown[] {
  // A list where nothing is known (preserved fields) stays whole.
  if (!isFields(schema.items)) return list;
  const itemSchema = schema.items;
  let isChanged = false;
  const result = list.map((item, index) => {
    const place = { isObject: false, path: `${walk.place.path}[${index}]` };
    const kept = prunedAt(itemSchema, item, { place, dropped: walk.dropped });
    if (kept !== item) isChanged = true;
    return kept;
  });
  return isChanged ? result : list;
}
