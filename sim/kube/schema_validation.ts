/** Checks a value against a structural schema, with Kubernetes' words for what is wrong. Pure. */
import { canonicalText } from "../../lib/json.ts";
import { type Fields, fields, isFields, items, text } from "./document.ts";
import type { FieldProblem } from "./status.ts";

const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(source, "u");
  patterns.set(source, known);
  return known;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "object" ? "object" : typeof value;
}

/** Composite values are named by their type, not shown. */
function shown(value: unknown): string {
  if (value === null) return '"null"';
  if (typeof value === "object") return `"${typeOf(value)}"`;
  return JSON.stringify(value);
}

function problem(field: string, reason: string, message: string): FieldProblem {
  return { field, reason, message };
}

function wrong(path: string, value: unknown, rule: string): FieldProblem {
  const field = path === "" ? "<nil>" : path;
  const inBody = path.replace(/^status\./, ""); // a status is looked at by itself
  return problem(
    field,
    "FieldValueInvalid",
    `Invalid value: ${shown(value)}: ${inBody} in body ${rule}`,
  );
}

function fitsType(wanted: string, value: unknown): boolean {
  const found = typeOf(value);
  return found === wanted || (wanted === "number" && found === "integer");
}

function typeProblem(schema: Fields, value: unknown, path: string): FieldProblem | undefined {
  if (value === null && schema.nullable === true) return undefined;
  if (schema["x-kubernetes-int-or-string"] === true) {
    if (["integer", "string"].includes(typeOf(value))) return undefined;
    return {
      ...wrong(path, typeOf(value), `must be of type integer,string: ${shown(typeOf(value))}`),
      reason: "FieldValueTypeInvalid",
    };
  }
  const wanted = text(schema.type);
  if (wanted === "" || fitsType(wanted, value)) return undefined;
  return {
    ...wrong(path, typeOf(value), `must be of type ${wanted}: ${shown(typeOf(value))}`),
    reason: "FieldValueTypeInvalid",
  };
}

function enumProblem(schema: Fields, value: unknown, path: string): FieldProblem | undefined {
  if (!Array.isArray(schema.enum)) return undefined;
  const wanted = canonicalText(value);
  if (schema.enum.some((allowed) => canonicalText(allowed) === wanted)) return undefined;
  return problem(
    path,
    "FieldValueNotSupported",
    `Unsupported value: ${shown(value)}: supported values: ${
      schema.enum.map((one) => typeof one === "string" ? JSON.stringify(one) : String(one))
        .join(", ")
    }`,
  );
}

function numberProblems(schema: Fields, value: number, path: string): readonly FieldProblem[] {
  const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = schema;
  const problems: FieldProblem[] = [];
  if (typeof minimum === "number") {
    if (exclusiveMinimum === true && value <= minimum) {
      problems.push(wrong(path, value, `should be greater than ${minimum}`));
    } else if (value < minimum) {
      problems.push(wrong(path, value, `should be greater than or equal to ${minimum}`));
    }
  }
  if (typeof maximum === "number") {
    if (exclusiveMaximum === true && value >= maximum) {
      problems.push(wrong(path, value, `should be less than ${maximum}`));
    } else if (value > maximum) {
      problems.push(wrong(path, value, `should be less than or equal to ${maximum}`));
    }
  }
  if (typeof multipleOf === "number" && value % multipleOf !== 0) {
    problems.push(wrong(path, value, `should be a multiple of ${multipleOf}`));
  }
  if (schema.format === "int32" && Math.abs(value) > 2 ** 31) {
    problems.push(wrong(path, value, `must be of type int32: ${JSON.stringify(String(value))}`));
  }
  return problems;
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function textProblems(schema: Fields, value: string, path: string): readonly FieldProblem[] {
  const { minLength, maxLength, pattern, format } = schema;
  const length = [...value].length;
  const problems: FieldProblem[] = [];
  if (typeof maxLength === "number" && length > maxLength) {
    problems.push(problem(
      path,
      "FieldValueTooLong",
      `Too long: may not be more than ${maxLength} bytes`,
    ));
  }
  if (typeof minLength === "number" && length < minLength) {
    problems.push(wrong(path, value, `should be at least ${minLength} chars long`));
  }
  if (typeof pattern === "string" && !patternOf(pattern).test(value)) {
    problems.push(wrong(path, value, `should match '${pattern}'`));
  }
  if (format === "date-time" && !(RFC_3339.test(value) && !Number.isNaN(Date.parse(value)))) {
    problems.push(wrong(path, value, `must be of type date-time: ${JSON.stringify(value)}`));
  }
  return problems;
}

function listProblems(
  schema: Fields,
  list: readonly unknown[],
  path: string,
): readonly FieldProblem[] {
  const { minItems, maxItems } = schema;
  const problems: FieldProblem[] = [];
  if (typeof maxItems === "number" && list.length > maxItems) {
    problems.push(problem(
      path,
      "FieldValueTooMany",
      `Too many: ${list.length}: must have at most ${maxItems} items`,
    ));
  }
  if (typeof minItems === "number" && list.length < minItems) {
    problems.push(wrong(path, list.length, `should have at least ${minItems} items`));
  }
  const itemSchema = schema.items;
  if (isFields(itemSchema)) {
    list.forEach((item, index) =>
      problems.push(...valueProblems(itemSchema, item, `${path}[${index}]`))
    );
  }
  return [...problems, ...duplicateProblems(schema, list, path)];
}

function duplicateProblems(
  schema: Fields,
  list: readonly unknown[],
  path: string,
): readonly FieldProblem[] {
  const kind = schema["x-kubernetes-list-type"];
  if (kind !== "set" && kind !== "map") return [];
  const keys = items(schema["x-kubernetes-list-map-keys"]).map(String);
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const identity = kind === "set"
      ? item
      : Object.fromEntries(keys.map((key) => [key, fields(item)[key]]));
    const id = canonicalText(identity);
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [problem(`${path}[${index}]`, "FieldValueDuplicate", `Duplicate value: ${id}`)];
  });
}

function objectProblems(schema: Fields, value: Fields, path: string): readonly FieldProblem[] {
  const at = (key: string) => path === "" ? key : `${path}.${key}`;
  const properties = fields(schema.properties);
  const additional = schema.additionalProperties;
  const problems: FieldProblem[] = items(schema.required).map(String)
    .filter((key) => value[key] === undefined)
    .map((key) => problem(at(key), "FieldValueRequired", "Required value"));
  const size = Object.keys(value).length;
  if (typeof schema.maxProperties === "number" && size > schema.maxProperties) {
    problems.push(problem(
      path,
      "FieldValueTooMany",
      `Too many: ${size}: must have at most ${schema.maxProperties} items`,
    ));
  }
  if (typeof schema.minProperties === "number" && size < schema.minProperties) {
    problems.push(wrong(path, size, `should have at least ${schema.minProperties} properties`));
  }
  for (const [key, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : additional;
    if (isFields(known)) problems.push(...valueProblems(known, member, at(key)));
  }
  return problems;
}

function fits(schema: unknown, value: unknown, path: string): boolean {
  return valueProblems(fields(schema), value, path).length === 0;
}

function combinedProblems(schema: Fields, value: unknown, path: string): readonly FieldProblem[] {
  const problems = items(schema.allOf).flatMap((part) =>
    valueProblems(fields(part), value, path)
  ) as FieldProblem[];
  const anyOf = items(schema.anyOf);
  if (anyOf.length > 0 && !anyOf.some((part) => fits(part, value, path))) {
    problems.push(wrong(path, value, "must validate at least one schema (anyOf)"));
  }
  const oneOf = items(schema.oneOf);
  if (oneOf.length > 0 && oneOf.filter((part) => fits(part, value, path)).length !== 1) {
    problems.push(wrong(path, value, "must validate one and only one schema (oneOf)"));
  }
  if (isFields(schema.not) && fits(schema.not, value, path)) {
    problems.push(wrong(path, value, "must not validate the schema (not)"));
  }
  return problems;
}

/** Everything that is wrong with the value at `path` ("" for the whole document). */
export function valueProblems(
  schema: Fields,
  value: unknown,
  path: string,
): readonly FieldProblem[] {
  const type = typeProblem(schema, value, path);
  if (type) return [type];
  if (value === null) return [];
  const listed = enumProblem(schema, value, path);
  const own = Array.isArray(value)
    ? listProblems(schema, value, path)
    : isFields(value)
    ? objectProblems(schema, value, path)
    : typeof value === "number"
    ? numberProblems(schema, value, path)
    : typeof value === "string"
    ? textProblems(schema, value, path)
    : [];
  return [...(listed ? [listed] : []), ...own, ...combinedProblems(schema, value, path)];
}
