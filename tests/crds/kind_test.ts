/** The definitions as they are installed: small (B6), and as ARC's wherever ARC's say something. */
import assert from "node:assert/strict";
import { customResourceDefinition, ourType } from "../../crds/kind.ts";
import { KINDS } from "../../crds/kinds.ts";
import type { Schema } from "../../crds/schema.ts";
import { definitionFile } from "../../tools/gen/custom_resource_definitions.ts";
import { arcDocuments, arcIsAbsent, NEEDS_ARC } from "./arc_fixtures.ts";
import { schemaOf } from "./structure.ts";

const ignore = arcIsAbsent();

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

for (const kind of KINDS) {
  const name = kind.type.kind;

  Deno.test(`B6: the definition of ${name} is smaller than 100 kB`, { permissions: "none" }, () => {
    assert.ok(bytes(definitionFile(kind).text) < 100_000);
  });

  Deno.test(`the definition of ${name} has no YAML anchors`, { permissions: "none" }, () => {
    assert.doesNotMatch(definitionFile(kind).text, /[:-] [&*]\w/);
  });

  Deno.test(`every column of ${name} shows a field that exists`, { permissions: "none" }, () => {
    for (const { jsonPath } of kind.columns) {
      if (jsonPath === ".metadata.creationTimestamp" || jsonPath.includes("[?")) continue;
      const found = jsonPath.slice(1).split(".").reduce<unknown>(
        (schema, key) => propertiesOf(schema as Schema)[key],
        schemaOf(kind),
      );
      assert.ok(found !== undefined, jsonPath);
    }
  });

  Deno.test(`the schema of ${name} is structural: lists have items, keyed lists their keys`, {
    permissions: "none",
  }, () => {
    for (const [path, schema] of everySchema(schemaOf(kind), name)) {
      assert.equal(typeof schema["type"], "string", path);
      assert.equal(schema["type"] === "array", schema["items"] !== undefined, path);
      const keys = (schema["x-kubernetes-list-map-keys"] ?? []) as readonly string[];
      const required = ((schema["items"] as Schema)?.["required"] ?? []) as readonly string[];
      for (const key of keys) assert.ok(required.includes(key), `${path}: ${key}`);
      for (const key of (schema["required"] ?? []) as readonly string[]) {
        assert.ok(propertiesOf(schema)[key] !== undefined, `${path}: ${key}`);
      }
    }
  });

  Deno.test(`${name} is served under ARC's names, columns and subresources ${NEEDS_ARC}`, {
    ignore,
  }, async () => {
    const ours = frameOf(customResourceDefinition(kind));
    assert.deepEqual(ours, frameOf(await arcDefinition(kind.type.plural)));
  });

  Deno.test(`${name} has every field of ARC's, of the same type ${NEEDS_ARC}`, {
    ignore,
  }, async () => {
    const arc = await arcDefinition(kind.type.plural);
    assert.deepEqual(missing(schemaOf(kind), arcSchema(arc), name), []);
  });
}

Deno.test("B6: all definitions together are smaller than 250 kB", { permissions: "none" }, () => {
  const sizes = KINDS.map((kind) => bytes(definitionFile(kind).text));
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 250_000);
});

Deno.test("a type of ours is spelled by its kind", { permissions: "none" }, () => {
  assert.deepEqual(ourType("EphemeralRunner"), {
    group: "actions.github.com",
    version: "v1alpha1",
    kind: "EphemeralRunner",
    plural: "ephemeralrunners",
    namespaced: true,
  });
});

/** A definition of either side, as far as these tests look at it. */
interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: Schema;
    readonly scope: string;
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly subresources: Schema;
      readonly additionalPrinterColumns: readonly Schema[];
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

async function arcDefinition(plural: string): Promise<Definition> {
  const [definition] = await arcDocuments(`arc-crds/actions.github.com_${plural}.yaml`);
  return definition as unknown as Definition;
}

function arcSchema(definition: Definition): Schema {
  return definition.spec.versions[0]?.schema.openAPIV3Schema ?? {};
}

/** All but the schema. */
function frameOf(definition: unknown): unknown {
  const { metadata, spec } = definition as Definition;
  return {
    name: metadata.name,
    group: spec.group,
    names: spec.names,
    scope: spec.scope,
    // Ours beyond ARC's are shown by `-o wide` alone.
    versions: spec.versions.map(({ schema: _schema, additionalPrinterColumns, ...version }) => ({
      ...version,
      additionalPrinterColumns: additionalPrinterColumns.filter(({ priority }) => !priority),
    })),
  };
}

function propertiesOf(schema: Schema | undefined): Readonly<Record<string, Schema>> {
  return (schema?.["properties"] ?? {}) as Readonly<Record<string, Schema>>;
}

function innerOf(schema: Schema): Readonly<Record<string, Schema>> {
  const { items, additionalProperties } = schema;
  return {
    ...propertiesOf(schema),
    ...(items !== undefined && { "[]": items as Schema }),
    ...(additionalProperties !== undefined && { "*": additionalProperties as Schema }),
  };
}

function everySchema(schema: Schema, path: string): readonly (readonly [string, Schema])[] {
  return [
    [path, schema],
    ...Object.entries(innerOf(schema)).flatMap(([key, inner]) =>
      everySchema(inner, `${path}.${key}`)
    ),
  ];
}

/** What a value must satisfy; words and merge strategies aside. */
const CONSTRAINTS = ["type", "format", "minimum", "default", "enum"] as const;

/** Where our schema lacks something of ARC's or asks for something else. Pod templates are opaque in ours (B6). */
function missing(ours: Schema | undefined, arc: Schema, path: string): readonly string[] {
  if (ours === undefined) return [`${path}: absent`];
  if (ours["x-kubernetes-preserve-unknown-fields"]) {
    return arc["type"] === "object" ? [] : [`${path}: is no object at ARC`];
  }
  const required = (schema: Schema) => [...(schema["required"] ?? []) as readonly string[]].sort();
  return [
    ...CONSTRAINTS.filter((key) => ours[key] !== arc[key]).map((key) => `${path}: ${key} differs`),
    ...(required(ours).join() === required(arc).join() ? [] : [`${path}: required differs`]),
    ...Object.entries(innerOf(arc)).flatMap(([key, inner]) =>
      missing(innerOf(ours)[key], inner, `${path}.${key}`)
    ),
  ];
}
