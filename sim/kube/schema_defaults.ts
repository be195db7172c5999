/** Defaults of a structural schema, and the nulls that they replace. Pure; shares structure where nothing changes. */
import { type Fields, fields, isFields } from "./document.ts";

const withDefaultsCache = new WeakMap<Fields, boolean>();

/** Whether anything below this schema has a default, so that most of a large schema need not be walked. */
function hasDefaults(schema: Fields): boolean {
  const known = withDefaultsCache.get(schema);
  if (known !== undefined) return known;
  const parts = [
    ...Object.values(fields(schema.properties)),
    schema.items,
    schema.additionalProperties,
  ].filter(isFields);
  const found = parts.some((part) => part.default !== undefined || hasDefaults(part));
  withDefaultsCache.set(schema, found);
  return found;
}

/**
 * The value with absent members set to their defaults, at every depth that the value reaches. A null that the schema
 * does not allow counts as absent.
 */
export function withDefaults(schema: Fields, value: unknown): unknown {
  if (Array.isArray(value)) {
    const itemSchema = schema.items;
    if (!isFields(itemSchema)) return value;
    const list = value.map((item) => withDefaults(itemSchema, item));
    return list.some((item, index) => item !== value[index]) ? list : value;
  }
  if (!isFields(value)) return value;
  const properties = fields(schema.properties);
  const additional = schema.additionalProperties;
  const result: Record<string, unknown> = {};
  let isChanged = false;
  for (const [key, member] of Object.entries(value)) {
    const known = properties[key] ?? additional;
    if (!isFields(known)) {
      result[key] = member;
      continue;
    }
    const allowsNull = known.nullable === true ||
      known["x-kubernetes-preserve-unknown-fields"] === true;
    if (member === null && !allowsNull) {
      isChanged = true;
      continue;
    }
    result[key] = withDefaults(known, member);
    if (result[key] !== member) isChanged = true;
  }
  if (hasDefaults(schema)) {
    for (const [key, known] of Object.entries(properties)) {
      if (!isFields(known) || known.default === undefined || result[key] !== undefined) continue;
      result[key] = withDefaults(known, structuredClone(known.default));
      isChanged = true;
    }
  }
  return isChanged ? result : value;
}
