/**
 * Whether a document has the structure that a kind's schema describes: no key that the API server would drop, no value
 * of another type, nothing required that is absent. Knows nothing of rules (CEL) and defaults.
 */
import { customResourceDefinition, type KindDefinition } from "../../crds/kind.ts";
import type { Schema } from "../../crds/schema.ts";

/** The OpenAPI schema of a kind, as it is installed. */
export function schemaOf(kind: KindDefinition): Schema {
  const { spec } = customResourceDefinition(kind) as unknown as {
    readonly spec: {
      readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
    };
  };
  return spec.versions[0]?.schema.openAPIV3Schema ?? {};
}

/** One sentence per problem, with its path; empty when the document fits. */
export function structuralProblems(kind: KindDefinition, document: unknown): readonly string[] {
  return problems(document, schemaOf(kind), kind.type.kind);
}

/** The same for any schema; `path` is what the sentences begin with. */
export function problems(value: unknown, schema: Schema, path: string): readonly string[] {
  if (value === undefined) return [];
  const type = schema["type"] as string;
  if (!hasType(value, type)) return [`${path}: not of type ${type}`];
  const allowed = schema["enum"] as readonly unknown[] | undefined;
  if (allowed !== undefined && !allowed.includes(value)) return [`${path}: not in the enum`];
  const minimum = schema["minimum"] as number | undefined;
  if (minimum !== undefined && (value as number) < minimum) return [`${path}: below ${minimum}`];
  if (Array.isArray(value)) {
    return value.flatMap((item, at) => problems(item, schema["items"] as Schema, `${path}[${at}]`));
  }
  return type === "object" ? problemsInside(value as Document, schema, path) : [];
}

type Document = Readonly<Record<string, unknown>>;

function problemsInside(document: Document, schema: Schema, path: string): readonly string[] {
  // The server knows the rest of an object's own metadata.
  if (schema["x-kubernetes-preserve-unknown-fields"] || /^[A-Za-z]+\.metadata$/.test(path)) {
    return [];
  }
  const each = schema["additionalProperties"] as Schema | undefined;
  const known = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema["required"] ?? []) as readonly string[];
  return [
    ...required.filter((key) => document[key] === undefined).map((key) =>
      `${path}.${key}: required`
    ),
    ...Object.entries(document).flatMap(([key, value]) => {
      const inner = each ?? known[key];
      return inner === undefined
        ? [`${path}.${key}: unknown`]
        : problems(value, inner, `${path}.${key}`);
    }),
  ];
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return value === true || value === false;
    default:
      return typeof value === "string";
  }
}
