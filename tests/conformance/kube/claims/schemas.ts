/** Claims about custom resources: pruning, defaults, validation and its words, rules in CEL. */
import assert from "node:assert/strict";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { assertRefused, at, aWidget, change, make, MERGE, type Refusal } from "../wording.ts";

const INVALID = 'Widget.conformance.longshore.dev "a" is invalid: ';

/** The spec is refused with these words after "is invalid: ". */
function refuses(spec: Readonly<Record<string, unknown>>, words: string): Claim["holds"] {
  return async (api) => {
    const answer = await api.call("POST", at(api, "widgets"), { body: aWidget("a", spec) });
    assertRefused(answer, { code: 422, reason: "Invalid", message: `${INVALID}${words}` });
  };
}

function aGadget(spec: Readonly<Record<string, unknown>>) {
  return { ...aWidget("a", spec), kind: "Gadget" };
}

async function refusedCreate(
  api: ApiUnderTest,
  path: string,
  { body, ...wanted }: Refusal & { readonly body: unknown },
): Promise<void> {
  assertRefused(await api.call("POST", path, { body }), wanted);
}

export const SCHEMAS: readonly Claim[] = [
  {
    says: "unknown fields are pruned, with a warning",
    holds: async (api) => {
      const body = aWidget("a", { size: 1, extra: 1, nested: { more: 1 } });
      const answer = await api.call("POST", at(api, "widgets"), { body });
      assert.deepEqual(answer.body.spec, { size: 1, colour: "red", nested: { mode: "auto" } });
      const warnings = answer.headers.get("warning") ?? "";
      assert.match(warnings, /299 - "unknown field \\"spec.extra\\""/);
      assert.match(warnings, /299 - "unknown field \\"spec.nested.more\\""/);
    },
  },
  {
    says: "unknown fields are 400 where the caller wants strictness",
    holds: async (api) =>
      await refusedCreate(api, `${at(api, "widgets")}?fieldValidation=Strict`, {
        body: aWidget("a", { extra: 1 }),
        code: 400,
        reason: "BadRequest",
        message:
          'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown ' +
          'field "spec.extra"',
      }),
  },
  {
    says: "preserved fields stay, whatever they hold",
    holds: async (api) => {
      const anything = { deep: [{ er: 1 }], text: "x", no: null };
      const { spec } = await make(api, "widgets", aWidget("a", { anything }));
      assert.deepEqual(spec.anything, anything);
    },
  },
  {
    says: "a custom resource without its kind is 400",
    holds: async (api) =>
      await refusedCreate(api, at(api, "widgets"), {
        body: { apiVersion: "conformance.longshore.dev/v1", metadata: { name: "a" } },
        code: 400,
        reason: "BadRequest",
        message:
          /^the object provided is unrecognized \(must be of type Widget\): Object 'Kind' is missing in /,
      }),
  },
  {
    says: "unknown metadata is dropped",
    holds: async (api) => {
      const { metadata } = await make(api, "widgets", aWidget("a", {}, { surprise: 1 }));
      assert.equal(metadata.surprise, undefined);
    },
  },
  {
    says: "defaults are filled in on create, and again when they are removed",
    holds: async (api) => {
      const { spec } = await make(api, "widgets", aWidget("a"));
      assert.deepEqual(spec, { colour: "red", nested: { mode: "auto" } });
      const patch = { spec: { colour: null, nested: { mode: null } } };
      const after = await change(api, "widgets", { name: "a", patch });
      assert.deepEqual(after.spec, { colour: "red", nested: { mode: "auto" } });
    },
  },
  {
    says: "a null where a default is gets the default; where null is allowed it stays",
    holds: async (api) => {
      const { spec } = await make(api, "widgets", aWidget("a", { colour: null, maybe: null }));
      assert.equal(spec.colour, "red");
      assert.equal(spec.maybe, null);
    },
  },
  {
    says: "a missing required field is 422",
    holds: refuses({ strict: {} }, "spec.strict.must: Required value"),
  },
  {
    says: "a value of another type is 422",
    holds: refuses(
      { size: "big" },
      'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    ),
  },
  {
    says: "a list in place of an object is 422",
    holds: refuses(
      { nested: [] },
      'spec.nested: Invalid value: "array": spec.nested in body must be of type object: "array"',
    ),
  },
  {
    says: "a value outside of an enum is 422 with the values",
    holds: refuses(
      { colour: "blue" },
      'spec.colour: Unsupported value: "blue": supported values: "red", "green"',
    ),
  },
  {
    says: "a value below the minimum is 422",
    holds: refuses(
      { size: -1 },
      "spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 0",
    ),
  },
  {
    says: "a text that is too long is 422",
    holds: refuses(
      { label: "abcdefghi" },
      "spec.label: Too long: may not be more than 8 bytes",
    ),
  },
  {
    says: "a text that does not match its pattern is 422",
    holds: refuses(
      { label: "A" },
      `spec.label: Invalid value: "A": spec.label in body should match '^[a-z]*$'`,
    ),
  },
  {
    says: "a list with too many items is 422",
    holds: refuses(
      { tags: ["a", "b", "c", "d"] },
      "spec.tags: Too many: 4: must have at most 3 items",
    ),
  },
  {
    says: "a wrong item of a list is 422 and named by its place",
    holds: refuses(
      { tags: ["a", 2] },
      'spec.tags[1]: Invalid value: "integer": spec.tags[1] in body must be of type string: "integer"',
    ),
  },
  {
    says: "a wrong value of a map is 422 and named by its key",
    holds: refuses(
      { numbers: { one: "1" } },
      'spec.numbers.one: Invalid value: "string": spec.numbers.one in body must be of type integer: "string"',
    ),
  },
  {
    says: "a date that is none is 422",
    holds: refuses(
      { at: "tomorrow" },
      'spec.at: Invalid value: "tomorrow": spec.at in body must be of type date-time: "tomorrow"',
    ),
  },
  {
    says: "the same item twice in a set is 422",
    holds: refuses({ unique: ["a", "a"] }, 'spec.unique[1]: Duplicate value: "a"'),
  },
  {
    says: "the same key twice in a keyed list is 422",
    holds: refuses(
      { rows: [{ key: "a" }, { key: "a" }] },
      'spec.rows[1]: Duplicate value: {"key":"a"}',
    ),
  },
  {
    says: "a null for a required field is as if it were missing",
    holds: refuses({ strict: { must: null } }, "spec.strict.must: Required value"),
  },
  {
    says: "a null for another field is as if it were not there",
    holds: async (api) => {
      const { spec } = await make(api, "widgets", aWidget("a", { size: null, tags: null }));
      assert.deepEqual(spec, { colour: "red", nested: { mode: "auto" } });
    },
  },
  {
    says: "a rule in CEL that does not hold is 422 in the rule's own words",
    holds: async (api) =>
      await refusedCreate(api, at(api, "gadgets"), {
        body: aGadget({ minimum: 2, maximum: 1 }),
        code: 422,
        reason: "Invalid",
        message:
          'Gadget.conformance.longshore.dev "a" is invalid: spec: Invalid value: minimum must not ' +
          "be above maximum",
      }),
  },
  {
    says: "rules in CEL are not looked at where the types are wrong, and the refusal says so",
    holds: async (api) =>
      await refusedCreate(api, at(api, "gadgets"), {
        body: aGadget({ minimum: "2", maximum: 1 }),
        code: 422,
        reason: "Invalid",
        message:
          'Gadget.conformance.longshore.dev "a" is invalid: [spec.minimum: Invalid value: "string": ' +
          'spec.minimum in body must be of type integer: "string", <nil>: Invalid value: null: some ' +
          "validation rules were not checked because the object was invalid; correct the existing " +
          "errors to complete validation]",
      }),
  },
  {
    says: "a rule about the old value holds on update only",
    holds: async (api) => {
      await make(api, "gadgets", aGadget({ fixed: "x" }));
      const body = { spec: { fixed: "y" } };
      const answer = await api.call("PATCH", at(api, "gadgets", "a"), { body, type: MERGE });
      assertRefused(answer, {
        code: 422,
        reason: "Invalid",
        message:
          'Gadget.conformance.longshore.dev "a" is invalid: spec.fixed: Invalid value: "y": fixed ' +
          "may not change",
        details: {
          name: "a",
          group: "conformance.longshore.dev",
          kind: "Gadget",
          causes: [{
            reason: "FieldValueInvalid",
            message: 'Invalid value: "y": fixed may not change',
            field: "spec.fixed",
          }],
        },
      });
    },
  },
  {
    says: "several problems are listed in brackets",
    holds: async (api) => {
      const body = aWidget("a", { size: -1, colour: "blue" });
      const answer = await api.call("POST", at(api, "widgets"), { body });
      assertRefused(answer, { code: 422, reason: "Invalid" });
      assert.match(answer.body.message, /is invalid: \[.*spec\.colour: .*\]$/);
      assert.match(answer.body.message, /spec\.size: Invalid value: -1/);
      assert.equal(answer.body.details.causes.length, 2);
    },
  },
  {
    says: "a number or a text is taken where either is allowed, nothing else",
    holds: async (api) => {
      assert.equal((await make(api, "widgets", aWidget("n", { port: 80 }))).spec.port, 80);
      assert.equal((await make(api, "widgets", aWidget("t", { port: "http" }))).spec.port, "http");
      const body = aWidget("a", { port: true });
      assertRefused(await api.call("POST", at(api, "widgets"), { body }), {
        code: 422,
        message:
          `${INVALID}spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"`,
      });
    },
  },
];
