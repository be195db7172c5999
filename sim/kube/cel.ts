/**
 * `x-kubernetes-validations`: rules in CEL, asked of every part of a document that carries them. The door of the CEL
 * package.
 */
import { Environment } from "@marcbachmann/cel-js";
import { messageOf } from "../../lib/errors.ts";
import { type Fields, fields, isFields, items, text } from "./document.ts";
import type { FieldProblem } from "./status.ts";

type Program = (context: Record<string, unknown>) => unknown;

const programs = new Map<string, Program>();
const carriers = new WeakMap<Fields, boolean>();

function programOf(rule: string): Program {
  const known = programs.get(rule);
  if (known) return known;
  const environment = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  });
  const parsed = environment.parse(rule);
  programs.set(rule, parsed as Program);
  return parsed as Program;
}

/** Whether a rule stands anywhere below, so that schemas without rules cost nothing. */
export function carriesRules(schema: Fields): boolean {
  const known = carriers.get(schema);
  if (known !== undefined) return known;
  const parts = [
    ...Object.values(fields(schema.properties)),
    schema.items,
    schema.additionalProperties,
  ].filter(isFields);
  const found = items(schema["x-kubernetes-validations"]).length > 0 || parts.some(carriesRules);
  carriers.set(schema, found);
  return found;
}

/** JSON as CEL sees it: whole numbers are its integers unless the schema says "number". */
function celValue(schema: Fields, value: unknown): unknown {
  if (typeof value === "number") {
    return Number.isInteger(value) && schema.type !== "number" ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => celValue(fields(schema.items), item));
  if (!isFields(value)) return value;
  const properties = fields(schema.properties);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      celValue(fields(properties[key] ?? schema.additionalProperties), member),
    ]),
  );
}

/** `shown`: the value as refusals quote it. */
const REASONS: Readonly<Record<string, (message: string, shown: string) => string>> = {
  FieldValueInvalid: (message, shown) => `Invalid value: ${shown}${message}`,
  FieldValueForbidden: (message) => `Forbidden: ${message}`,
  FieldValueRequired: (message) => `Required value: ${message}`,
  FieldValueDuplicate: (_message, shown) => `Duplicate value: ${shown.replace(/: $/, "")}`,
};

function ruleProblem(
  schema: Fields,
  rule: Fields,
  at: {
    readonly value: unknown;
    readonly old: unknown;
    readonly path: string;
  },
): FieldProblem | undefined {
  const expression = text(rule.rule);
  const usesOld = /\boldSelf\b/.test(expression);
  if (usesOld && at.old === undefined && rule.optionalOldSelf !== true) return undefined;
  const context = {
    self: celValue(schema, at.value),
    ...(usesOld ? { oldSelf: celValue(schema, at.old) } : {}),
  };
  // Composite values are left out.
  const shown = isFields(at.value) || Array.isArray(at.value)
    ? ""
    : `${JSON.stringify(at.value)}: `;
  const reason = text(rule.reason) || "FieldValueInvalid";
  const field = (at.path + text(rule.fieldPath)).replace(/^\./, "") || "<nil>";
  const word = REASONS[reason] ?? REASONS.FieldValueInvalid;
  const failed = (message: string) => ({
    field,
    reason,
    message: word?.(message, shown) ?? message,
  });
  try {
    if (programOf(expression)(context) === true) return undefined;
  } catch (thrown) {
    const why = messageOf(thrown).split("\n")[0];
    return failed(`rule evaluation error: ${why}`);
  }
  return failed(spokenMessage(rule, context) ?? `failed rule: ${expression}`);
}

function spokenMessage(rule: Fields, context: Record<string, unknown>): string | undefined {
  const expression = text(rule.messageExpression);
  if (expression !== "") {
    try {
      const message = programOf(expression)(context);
      if (typeof message === "string" && message.trim() !== "") return message;
    } catch {
      // The plain message stands in, as the API server does it.
    }
  }
  return text(rule.message).trim() || undefined;
}

/** Old items of a keyed list are found by their keys; other lists have no old items. */
function oldItem(schema: Fields, item: unknown, old: unknown): unknown {
  if (schema["x-kubernetes-list-type"] !== "map" || !Array.isArray(old)) return undefined;
  const keys = items(schema["x-kubernetes-list-map-keys"]).map(String);
  return old.find((other) => keys.every((key) => fields(other)[key] === fields(item)[key]));
}

function problemsAt(
  schema: Fields,
  value: unknown,
  at: { readonly old: unknown; readonly path: string },
): readonly FieldProblem[] {
  if (value === undefined || value === null || !carriesRules(schema)) return [];
  const own = items(schema["x-kubernetes-validations"]).map(fields).flatMap((rule) => {
    const problem = ruleProblem(schema, rule, { value, ...at });
    return problem ? [problem] : [];
  });
  if (Array.isArray(value)) {
    const below = fields(schema.items);
    return [
      ...own,
      ...value.flatMap((item, index) =>
        problemsAt(below, item, {
          old: oldItem(schema, item, at.old),
          path: `${at.path}[${index}]`,
        })
      ),
    ];
  }
  if (!isFields(value)) return own;
  const properties = fields(schema.properties);
  return [
    ...own,
    ...Object.entries(value).flatMap(([key, member]) =>
      problemsAt(fields(properties[key] ?? schema.additionalProperties), member, {
        old: fields(at.old)[key],
        path: at.path === "" ? key : `${at.path}.${key}`,
      })
    ),
  ];
}

/** What the rules of the schema find wrong; rules about `oldSelf` are asked only when there is a `before`. */
export function ruleProblems(
  schema: Fields,
  document: unknown,
  before: unknown,
): readonly FieldProblem[] {
  return problemsAt(schema, document, { old: before, path: "" });
}
