/** A row gives its schema; the types that follow from rows are checked by the compiler, in `accepts`. */
import assert from "node:assert/strict";
import {
  allOptional,
  bool,
  type Infer,
  int,
  list,
  map,
  opaque,
  optional,
  record,
  text,
} from "../../crds/schema.ts";

const ROWS = [
  { row: text(), schema: { type: "string" } },
  { row: text({ format: "date-time" }), schema: { type: "string", format: "date-time" } },
  { row: text({ doc: "Why." }), schema: { description: "Why.", type: "string" } },
  { row: int(), schema: { type: "integer" } },
  { row: int({ min: 0 }), schema: { type: "integer", minimum: 0 } },
  { row: int({ bits: 64 }), schema: { type: "integer", format: "int64" } },
  { row: bool(), schema: { type: "boolean" } },
  { row: list(int()), schema: { type: "array", items: { type: "integer" } } },
  { row: map(text()), schema: { type: "object", additionalProperties: { type: "string" } } },
  {
    row: opaque(),
    schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
  { row: optional(text({ doc: "D." })), schema: { description: "D.", type: "string" } },
  {
    row: record({ a: text(), b: optional(int()) }),
    schema: {
      type: "object",
      required: ["a"],
      properties: { a: { type: "string" }, b: { type: "integer" } },
    },
  },
  {
    row: record(allOptional({ a: text() }), { rules: [{ rule: "true", message: "never" }] }),
    schema: {
      type: "object",
      properties: { a: { type: "string" } },
      "x-kubernetes-validations": [{ rule: "true", message: "never" }],
    },
  },
] as const;

for (const { row, schema } of ROWS) {
  Deno.test(`a row gives ${JSON.stringify(schema)}`, { permissions: "none" }, () => {
    assert.deepEqual(row.schema, schema);
  });
}

Deno.test("a record remembers who writes its fields", { permissions: "none" }, () => {
  const row = record({
    job: optional(text({ writtenBy: "listener" })),
    phase: optional(text()),
  }, { writtenBy: "controller" });
  assert.equal(row.writtenBy, "controller");
  assert.equal(row.fields?.["job"]?.writtenBy, "listener");
  assert.equal(row.fields?.["phase"]?.writtenBy, undefined);
});

Deno.test("making rows optional changes no row", { permissions: "none" }, () => {
  const row = text({ writtenBy: "user" });
  assert.ok(allOptional({ a: row }).a.optional);
  assert.equal(allOptional({ a: row }).a.writtenBy, "user");
  assert.equal(row.optional, undefined);
});

Deno.test("the type of a row is that of its value", { permissions: "none" }, () => {
  const row = record({ name: text(), ids: optional(list(int())), each: map(bool()) });
  const accepts = (value: Infer<typeof row>) => Object.keys(value);
  assert.deepEqual(accepts({ name: "a", each: { x: true } }), ["name", "each"]);
  assert.deepEqual(accepts({ name: "a", ids: [1], each: {} }), ["name", "ids", "each"]);
  // @ts-expect-error: a required field is absent
  accepts({ each: {} });
  // @ts-expect-error: of another type
  accepts({ name: 1, each: {} });
});
