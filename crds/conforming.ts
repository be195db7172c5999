/**
 * Objects that were stored past our schema, by an older definition or by none: what does not have the type that its table
 * says is left out and named, so that nobody behind the caches meets it. Pure and total.
 */
import type { KubeObject } from "../kube/types.ts";
import type { KindDefinition } from "./kind.ts";
import { podTemplateField } from "./shared_fields.ts";
import { conformingTemplate } from "./template_shape.ts";
import type { Schema } from "./schema.ts";
import { leaveOut, type Place } from "./unfit.ts";

/** What was left out of an object, one sentence each: path, value, what is accepted. */
interface Marked {
  readonly unfit?: readonly string[];
}

/** The object as its table says it is; the very same one when there is nothing wrong with it. */
export function conforming<T extends KubeObject>(kind: KindDefinition, object: T): T {
  const problems: string[] = [];
  const members = object as Readonly<Record<string, unknown>>;
  const spec = fit(members["spec"], kind.spec.schema, { path: "spec", problems });
  const status = fit(members["status"], kind.status.schema, { path: "status", problems });
  if (spec === members["spec"] && status === members["status"]) return object;
  const { spec: _spec, status: _status, ...rest } = members;
  return {
    ...rest,
    ...(spec !== undefined && { spec }),
    ...(status !== undefined && { status }),
    ...(problems.length > 0 && { unfit: problems }),
  } as unknown as T;
}

/** Of an object that came from {@link conforming}: what is wrong with its spec. */
export function unfitFields(object: KubeObject): readonly string[] {
  return ((object as Marked).unfit ?? []).filter((problem) => problem.startsWith("spec"));
}

const WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};
/** The value, without what does not fit; `undefined`: nothing of it does. A null is absent. */
function fit(value: unknown, schema: Schema, place: Place): unknown {
  if (value === undefined || value === null) return undefined;
  const type = schema["type"] as string;
  if (!hasType(value, type)) return leaveOut(value, WORDS[type] ?? type, place);
  const allowed = schema["enum"] as readonly unknown[] | undefined;
  if (allowed !== undefined && !allowed.includes(value)) {
    return leaveOut(value, `one of ${allowed.join(", ")}`, place);
  }
  const minimum = schema["minimum"] as number | undefined;
  if (minimum !== undefined && (value as number) < minimum) {
    return leaveOut(value, `at least ${minimum}`, place);
  }
  if (Array.isArray(value)) return fitList(value, schema["items"] as Schema, place);
  return type === "object" ? fitObject(value as Members, schema, place) : value;
}

type Members = Readonly<Record<string, unknown>>;

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    default:
      return typeof value === "string";
  }
}

/** Kinds that hold a template's two members beside their own. */
function isTemplate(known: Readonly<Record<string, Schema>>): boolean {
  const isKept = (schema: Schema | undefined) =>
    schema?.["x-kubernetes-preserve-unknown-fields"] === true;
  return isKept(known["metadata"]) && isKept(known["spec"]);
}

function fitList(value: readonly unknown[], items: Schema, { path, problems }: Place): unknown {
  const fitted = value.map((item, at) => fit(item, items, { path: `${path}[${at}]`, problems }));
  return fitted.every((item, at) => item === value[at])
    ? value
    : fitted.filter((item) => item !== undefined);
}

function fitObject(value: Members, schema: Schema, place: Place): unknown {
  const { path, problems } = place;
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) {
    return schema === podTemplateField.schema ? conformingTemplate(value, place) : value;
  }
  const each = schema["additionalProperties"] as Schema | undefined;
  const known = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const entries = Object.entries(value).map(([name, member]) => {
    const inner = each ?? (Object.hasOwn(known, name) ? known[name] : undefined);
    return inner === undefined
      ? [name, member] as const
      : [name, fit(member, inner, { path: `${path}.${name}`, problems })] as const;
  });
  const isSame = entries.every(([name, member]) => member === value[name]);
  const members: Members = isSame
    ? value
    : Object.fromEntries(entries.filter(([, member]) => member !== undefined));
  const fitted = isTemplate(known) ? conformingTemplate(members, place) : members;
  const required = (schema["required"] ?? []) as readonly string[];
  const missing = required.find((name) => fitted[name] === undefined);
  // Of the whole spec, what is there is of use though something is missing.
  if (missing === undefined || !path.includes(".")) return fitted;
  if (value[missing] !== undefined) return undefined; // it was told already
  return leaveOut(undefined, "there", { path: `${path}.${missing}`, problems });
}
