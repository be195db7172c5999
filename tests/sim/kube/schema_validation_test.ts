import assert from "node:assert/strict";
import { valueProblems } from "../../../sim/kube/schema_validation.ts";

interface Row {
  readonly claim: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  /** `field: message` of each problem, as a Status lists them. */
  readonly problems: readonly string[];
}

const ROWS: readonly Row[] = [
  { claim: "a fitting value has no problems", schema: { type: "integer" }, value: 1, problems: [] },
  {
    claim: "a wrong type names both types",
    schema: { type: "integer" },
    value: "x",
    problems: ['x: Invalid value: "string": x in body must be of type integer: "string"'],
  },
  {
    claim: "an object where text is wanted is not shown",
    schema: { type: "string" },
    value: { a: 1 },
    problems: ['x: Invalid value: "object": x in body must be of type string: "object"'],
  },
  { claim: "a whole number is a number", schema: { type: "number" }, value: 1, problems: [] },
  {
    claim: "a fraction is no integer",
    schema: { type: "integer" },
    value: 1.5,
    problems: ['x: Invalid value: "number": x in body must be of type integer: "number"'],
  },
  {
    claim: "null may be allowed",
    schema: { type: "string", nullable: true },
    value: null,
    problems: [],
  },
  {
    claim: "an unknown word lists those that are known",
    schema: { type: "string", enum: ["a", "b"] },
    value: "c",
    problems: ['x: Unsupported value: "c": supported values: "a", "b"'],
  },
  {
    claim: "too small",
    schema: { type: "integer", minimum: 0 },
    value: -1,
    problems: ["x: Invalid value: -1: x in body should be greater than or equal to 0"],
  },
  {
    claim: "too large",
    schema: { type: "integer", maximum: 3, exclusiveMaximum: true },
    value: 3,
    problems: ["x: Invalid value: 3: x in body should be less than 3"],
  },
  {
    claim: "a text that does not fit its pattern",
    schema: { type: "string", pattern: "^a+$" },
    value: "b",
    problems: ["x: Invalid value: \"b\": x in body should match '^a+$'"],
  },
  {
    claim: "too short and too long",
    schema: { type: "array", items: { type: "string", minLength: 1, maxLength: 2 } },
    value: ["", "ab", "abc"],
    problems: [
      'x[0]: Invalid value: "": x[0] in body should be at least 1 chars long',
      "x[2]: Too long: may not be more than 2 bytes",
    ],
  },
  {
    claim: "what is required is missed under its own path",
    schema: { type: "object", required: ["a"], properties: { a: { type: "string" } } },
    value: {},
    problems: ["x.a: Required value"],
  },
  {
    claim: "too many items",
    schema: { type: "array", maxItems: 1, items: { type: "integer" } },
    value: [1, 2],
    problems: ["x: Too many: 2: must have at most 1 items"],
  },
  {
    claim: "sets and keyed lists have no duplicates",
    schema: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: { type: "object" },
    },
    value: [{ name: "a" }, { name: "b" }, { name: "a" }],
    problems: ['x[2]: Duplicate value: {"name":"a"}'],
  },
  {
    claim: "int or string takes both and nothing else",
    schema: { type: "array", items: { "x-kubernetes-int-or-string": true } },
    value: [1, "10%", true],
    problems: [
      'x[2]: Invalid value: "boolean": x[2] in body must be of type integer,string: "boolean"',
    ],
  },
  {
    claim: "a date-time is one",
    schema: { type: "string", format: "date-time" },
    value: "yesterday",
    problems: [
      'x: Invalid value: "yesterday": x in body must be of type date-time: "yesterday"',
    ],
  },
  {
    claim: "oneOf wants exactly one",
    schema: { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
    value: { a: 1, b: 2 },
    problems: [
      'x: Invalid value: "object": x in body must validate one and only one schema (oneOf)',
    ],
  },
];

for (const { claim, schema, value, problems } of ROWS) {
  Deno.test(claim, { permissions: "none" }, () => {
    const found = valueProblems(schema, value, "x");
    assert.deepEqual(found.map(({ field, message }) => `${field}: ${message}`), problems);
  });
}
