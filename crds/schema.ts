/**
 * One source per field: its TypeScript type, its OpenAPI schema, its sentence and who writes it. What the API server is
 * given, and what the code may read, follow from the same row.
 */

export type Schema = Readonly<Record<string, unknown>>;

/** Who may change a field of a stored object. */
export type Writer = "user" | "controller" | "listener";

/** A field knows its TypeScript type, its OpenAPI schema and its sentence of documentation. */
export interface Field<T> {
  readonly schema: Schema;
  /** Absent: as its parent. */
  readonly writtenBy?: Writer;
  readonly optional?: boolean;
  /** The rows of an object with known fields. A schema alone does not tell who writes them. */
  readonly fields?: Fields;
  /** Phantom: carries T to {@link Infer}. Never set. */
  readonly of?: T;
}

export interface OptionalField<T> extends Field<T> {
  readonly optional: true;
}

export type Infer<F> = F extends Field<infer T> ? T : never;

export type Fields = Readonly<Record<string, Field<unknown>>>;

type OptionalKeys<F> = {
  [K in keyof F]: F[K] extends { readonly optional: true } ? K : never;
}[keyof F];

export type InferFields<F> =
  & { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> }
  & { readonly [K in OptionalKeys<F>]?: Infer<F[K]> | undefined };

interface Doc {
  readonly doc?: string;
  readonly writtenBy?: Writer;
}

function field<T>(schema: Schema, about: Doc): Field<T> {
  return {
    schema: about.doc === undefined ? schema : { description: about.doc, ...schema },
    ...(about.writtenBy && { writtenBy: about.writtenBy }),
  };
}

/** Any text; `format` has the API server check it. */
export function text(about: Doc & { readonly format?: "date-time" } = {}): Field<string> {
  return field({ type: "string", ...(about.format && { format: about.format }) }, about);
}

/** A whole number; `bits: 64` for ids. */
export function int(
  about: Doc & { readonly min?: number; readonly bits?: 64 } = {},
): Field<number> {
  return field({
    type: "integer",
    ...(about.bits && { format: "int64" }),
    ...(about.min !== undefined && { minimum: about.min }),
  }, about);
}

/** True or false. */
export function bool(about: Doc = {}): Field<boolean> {
  return field({ type: "boolean" }, about);
}

/** In order; empty lists are allowed. */
export function list<T>(item: Field<T>, about: Doc = {}): Field<readonly T[]> {
  return field({ type: "array", items: item.schema }, about);
}

/** By names that nobody knows beforehand. */
export function map<T>(value: Field<T>, about: Doc = {}): Field<Readonly<Record<string, T>>> {
  return field({ type: "object", additionalProperties: value.schema }, about);
}

/** A JSON object that is kept as it is and checked elsewhere. */
export function opaque<T>(about: Doc = {}): Field<T> {
  return field({ type: "object", "x-kubernetes-preserve-unknown-fields": true }, about);
}

/** An object with known fields; those not {@link optional} are required. */
export function record<F extends Fields>(
  fields: F,
  about: Doc & { readonly rules?: readonly { readonly rule: string; readonly message: string }[] } =
    {},
): Field<InferFields<F>> {
  const required = Object.keys(fields).filter((name) => !fields[name]?.optional);
  const schema = {
    type: "object",
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(Object.entries(fields).map(([name, f]) => [name, f.schema])),
    ...(about.rules && { "x-kubernetes-validations": about.rules }),
  };
  return { ...field<InferFields<F>>(schema, about), fields };
}

/** The same field, which may be absent. */
export function optional<T>(of: Field<T>): OptionalField<T> {
  return { ...of, optional: true };
}

/** The rows of an object, all optional. */
export function allOptional<F extends Fields>(
  fields: F,
): { readonly [K in keyof F]: OptionalField<Infer<F[K]>> } {
  return Object.fromEntries(
    Object.entries(fields).map(([name, f]) => [name, optional(f)]),
  ) as { [K in keyof F]: OptionalField<Infer<F[K]>> };
}
