/**
 * Structural schemas of custom resources, put together: pruning and defaults on the way in, then the checks. Pure.
 */
import { deepEqual } from "../../lib/json.ts";
import { type Document, type Fields, valueAt } from "./document.ts";
import { carriesRules, ruleProblems } from "./cel.ts";
import { withDefaults } from "./schema_defaults.ts";
import { pruned } from "./schema_pruning.ts";
import { valueProblems } from "./schema_validation.ts";
import type { FieldProblem } from "./status.ts";

/** The document as the schema knows it, and the paths of the fields that were dropped. */
export function shaped(
  schema: Fields,
  document: Document,
): { readonly document: Document; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const known = pruned(schema, document, unknown);
  return { document: withDefaults(schema, known) as Document, unknown };
}

/** With such problems the shape is too wrong to ask rules of it. */
const BLOCKING: ReadonlySet<string> = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

const RULES_NOT_CHECKED: FieldProblem = {
  field: "<nil>",
  reason: "FieldValueInvalid",
  message: "Invalid value: null: some validation rules were not checked because the object was " +
    "invalid; correct the existing errors to complete validation",
};

/**
 * What the schema and its rules find wrong; rules are asked only of documents that have the right shape. What was wrong
 * `before` and has not changed is let pass, as the API server does since 1.30 (ratcheting).
 */
export function shapeProblems(
  schema: Fields,
  document: Document,
  before?: Document,
): readonly FieldProblem[] {
  const problems = valueProblems(schema, document, "");
  const isBlocked = problems.some(({ reason }) => BLOCKING.has(reason));
  const all = [
    ...problems,
    ...(isBlocked
      ? (carriesRules(schema) ? [RULES_NOT_CHECKED] : [])
      : ruleProblems(schema, document, before)),
  ];
  return before === undefined
    ? all
    : all.filter(({ field }) => !isUnchanged(document, before, field));
}

/** Whether the value at `field`, or one around it, is what it was. Items of lists have no past of their own. */
function isUnchanged(document: Document, before: Document, field: string): boolean {
  const [place = ""] = field.split("[");
  const names = place.split(".");
  return names.some((_name, at) => {
    const value = valueAt(document, names.slice(0, at + 1));
    return value !== undefined && deepEqual(value, valueAt(before, names.slice(0, at + 1)));
  });
}
