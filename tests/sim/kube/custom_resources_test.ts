import assert from "node:assert/strict";
import { parseDocuments } from "../../../lib/yaml.ts";
import { aDefinition, aKubeApi, aWidget, CONFIG_MAPS, MERGE, WIDGETS } from "./a_kube_api.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

const SPEC = {
  type: "object",
  required: ["size"],
  properties: {
    size: { type: "integer", minimum: 1 },
    colour: { type: "string", default: "red", enum: ["red", "blue"] },
    nested: {
      type: "object",
      properties: { deep: { type: "boolean", default: true } },
    },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    template: {
      type: "object",
      "x-kubernetes-embedded-resource": true,
      properties: { spec: { type: "object" } },
    },
  },
};

Deno.test("a definition is established at once, and its resource served", async () => {
  const { done } = aKubeApi();
  const made = await done("POST", DEFINITIONS, { body: aDefinition(SPEC) });
  const conditions = made.status.conditions.map((one: { type: string; status: string }) =>
    `${one.type}=${one.status}`
  );
  assert.deepEqual(conditions, ["NamesAccepted=True", "Established=True"]);
  assert.equal(made.status.acceptedNames.listKind, "WidgetList");
  assert.equal((await done("GET", WIDGETS)).kind, "WidgetList");
  const discovered = await done("GET", "/apis/test.dev/v1");
  assert.deepEqual(
    discovered.resources.map((one: { name: string }) => one.name),
    ["widgets", "widgets/status"],
  );
});

Deno.test("unknown fields are dropped, defaults filled in, and what may be anything is kept", async () => {
  const { api, done } = aKubeApi();
  api.install([aDefinition(SPEC)]);
  const made = await done("POST", WIDGETS, {
    body: aWidget("w", {
      size: 1,
      extra: 1,
      nested: { more: 2 },
      open: { any: { thing: [1] } },
      template: { metadata: { name: "t" }, spec: { gone: 1 }, odd: 1 },
      colour: null,
    }),
  });
  assert.deepEqual(made.spec, {
    size: 1,
    colour: "red",
    nested: { deep: true },
    open: { any: { thing: [1] } },
    template: { metadata: { name: "t" }, spec: {} },
  });
});

Deno.test("a wrong document is refused with a cause per problem", async () => {
  const { api, call } = aKubeApi();
  api.install([aDefinition(SPEC)]);
  const answer = await call("POST", WIDGETS, { body: aWidget("w", { size: 0, colour: "green" }) });
  assert.equal(answer.code, 422);
  assert.equal(answer.body.reason, "Invalid");
  assert.equal(
    answer.body.message,
    'Widget.test.dev "w" is invalid: [spec.size: Invalid value: 0: spec.size in body should be ' +
      'greater than or equal to 1, spec.colour: Unsupported value: "green": supported values: ' +
      '"red", "blue"]',
  );
  assert.deepEqual(answer.body.details.causes[1], {
    reason: "FieldValueNotSupported",
    message: 'Unsupported value: "green": supported values: "red", "blue"',
    field: "spec.colour",
  });
});

Deno.test("strict callers are refused for unknown fields, others are warned", async () => {
  const { api, call } = aKubeApi();
  api.install([aDefinition(SPEC)]);
  const body = aWidget("w", { size: 1, extra: 1 });
  const strict = await call("POST", `${WIDGETS}?fieldValidation=Strict`, { body });
  assert.equal(strict.code, 400);
  assert.match(strict.body.message, /strict decoding error: unknown field "spec.extra"$/);
  const warned = await call("POST", WIDGETS, { body });
  assert.equal(warned.code, 201);
  assert.equal(warned.headers.get("warning"), '299 - "unknown field \\"spec.extra\\""');
});

Deno.test("rules in CEL are asked, those about the old state on updates only", async () => {
  const { api, done, call } = aKubeApi();
  api.install([aDefinition({
    type: "object",
    properties: { min: { type: "integer" }, max: { type: "integer" }, name: { type: "string" } },
    "x-kubernetes-validations": [
      { rule: "!has(self.min) || self.min <= self.max", message: "min must not exceed max" },
      { rule: "self.name == oldSelf.name", message: "name is immutable" },
    ],
  })]);
  const refused = await call("POST", WIDGETS, {
    body: aWidget("w", { min: 2, max: 1, name: "a" }),
  });
  assert.equal(
    refused.body.message,
    'Widget.test.dev "w" is invalid: spec: Invalid value: min must not exceed max',
  );
  await done("POST", WIDGETS, { body: aWidget("w", { min: 1, max: 2, name: "a" }) });
  const renamed = await call("PATCH", `${WIDGETS}/w`, {
    body: { spec: { name: "b" } },
    type: MERGE,
  });
  assert.match(renamed.body.message, /name is immutable$/);
});

Deno.test("a definition that goes takes its objects and its resource along", async () => {
  const { api, clock, done, call } = aKubeApi();
  api.install([aDefinition(SPEC)]);
  await done("POST", WIDGETS, { body: aWidget("w", { size: 1 }) });
  await done("DELETE", `${DEFINITIONS}/widgets.test.dev`);
  await clock.advance(1000);
  assert.equal((await call("GET", `${DEFINITIONS}/widgets.test.dev`)).code, 404);
  assert.equal((await call("GET", WIDGETS)).code, 404);
  assert.equal(api.store.list({ group: "test.dev", plural: "widgets" }).length, 0);
});

Deno.test("two served versions show the same objects", async () => {
  const { api, done } = aKubeApi();
  const definition = aDefinition(SPEC);
  const spec = definition.spec as { readonly versions: readonly object[] };
  const versions = [...spec.versions, { ...spec.versions[0], name: "v2", storage: false }];
  api.install([{ ...definition, spec: { ...spec, versions } }]);
  await done("POST", WIDGETS, { body: aWidget("w", { size: 1 }) });
  const second = await done("GET", `${WIDGETS.replace("v1", "v2")}/w`);
  assert.equal(second.apiVersion, "test.dev/v2");
  const patched = await done("PATCH", `${WIDGETS.replace("v1", "v2")}/w`, {
    body: { spec: { size: 2 } },
    type: MERGE,
  });
  assert.equal(patched.spec.size, 2);
  assert.equal((await done("GET", `${WIDGETS}/w`)).apiVersion, "test.dev/v1");
});

Deno.test("a definition without a schema, or with a wrong name, is refused", async () => {
  const { call } = aKubeApi();
  const named = { ...aDefinition(SPEC), metadata: { name: "gadgets.test.dev" } };
  assert.match(
    (await call("POST", DEFINITIONS, { body: named })).body.message,
    /metadata.name: Invalid value: "gadgets.test.dev": must be spec.names.plural/,
  );
  const bare = await call("POST", DEFINITIONS, { body: aDefinition(SPEC, { schema: {} }) });
  assert.match(bare.body.message, /schema.openAPIV3Schema: Required value: schemas are required/);
});

Deno.test("a YAML body is read as its JSON", async () => {
  const { done } = aKubeApi();
  const text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata: {a: 'on'}\n";
  const made = await done("POST", CONFIG_MAPS, { body: text, type: "application/yaml" });
  assert.deepEqual(made.data, { a: "on" });
  assert.equal(parseDocuments(text, "y").length, 1);
});
