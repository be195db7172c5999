/** A page with every field of every kind: what `kubectl explain` says, and who writes it. */
import type { KindDefinition } from "../../crds/kind.ts";
import { KINDS } from "../../crds/kinds.ts";
import type { Field, Schema, Writer } from "../../crds/schema.ts";
import { type Generator, page, table } from "./generator.ts";

/** One line of the page. */
export interface FieldRow {
  /** From the object's root; `[]` stands for each item of a list, `*` for each key of a map. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly writtenBy: Writer;
  /** Empty: the name says it. */
  readonly sentence: string;
}

interface Place {
  readonly path: string;
  readonly required: boolean;
  readonly writer: Writer;
}

/** The fields of a kind, parents before children, in the order of their table. */
export function fieldRows(kind: KindDefinition): readonly FieldRow[] {
  return [
    ...rowsOf(kind.spec, { path: "spec", required: false, writer: "user" }),
    ...rowsOf(kind.status, { path: "status", required: false, writer: "controller" }),
  ];
}

function rowsOf(field: Field<unknown>, place: Place): readonly FieldRow[] {
  const writer = field.writtenBy ?? place.writer;
  return [
    {
      path: place.path,
      type: typeText(field.schema),
      required: place.required,
      writtenBy: writer,
      sentence: String(field.schema["description"] ?? ""),
    },
    ...childrenOf(field, { ...place, writer }),
  ];
}

function childrenOf(field: Field<unknown>, { path, writer }: Place): readonly FieldRow[] {
  const { properties, items, additionalProperties, required } = field.schema;
  const inner = (schema: unknown, at: string) =>
    childrenOf({ schema: schema as Schema }, { path: at, required: false, writer });
  if (items !== undefined) return inner(items, `${path}[]`);
  if (additionalProperties !== undefined) return inner(additionalProperties, `${path}.*`);
  return Object.entries(properties ?? {}).flatMap(([name, schema]) =>
    rowsOf(field.fields?.[name] ?? { schema }, {
      path: `${path}.${name}`,
      required: (required as readonly string[] | undefined)?.includes(name) ?? false,
      writer,
    })
  );
}

/** The type in words, with its bounds. */
export function typeText(schema: Schema): string {
  const { type, format, minimum, items, additionalProperties } = schema;
  if (schema["enum"] !== undefined) return (schema["enum"] as readonly string[]).join(" or ");
  if (items !== undefined) return `list of ${typeText(items as Schema)}`;
  if (additionalProperties !== undefined) {
    return `map of ${typeText(additionalProperties as Schema)}`;
  }
  if (schema["x-kubernetes-preserve-unknown-fields"]) return "object, kept as it is";
  return [type, format && `(${format})`, minimum !== undefined && `≥ ${minimum}`]
    .filter((word) => word).join(" ");
}

function section(kind: KindDefinition): string {
  const rows = fieldRows(kind).map((row) => [
    `\`${row.path}\``,
    row.type,
    row.required ? "yes" : "",
    row.writtenBy,
    row.sentence,
  ]);
  return [
    `## ${kind.type.kind}`,
    kind.doc,
    table(["field", "type", "required", "written by", "meaning"], rows),
  ].join("\n\n");
}

export const fieldsPage: Generator = {
  what: "every field of every kind",
  files: () =>
    Promise.resolve([{
      path: "docs/generated/fields.md",
      text: page("Fields", [
        "`[]` stands for each item of a list, `*` for each key of a map. A field belongs to one writer; nobody else changes it.",
        ...KINDS.map(section),
      ]),
    }]),
};
