import assert from "node:assert/strict";
import {
  aDefinition,
  aKubeApi,
  APPLY,
  aWidget,
  CONFIG_MAPS,
  MERGE,
  type Talk,
  WIDGETS,
} from "./a_kube_api.ts";

const SPEC = {
  type: "object",
  properties: {
    size: { type: "integer" },
    colour: { type: "string" },
    labels: { type: "object", additionalProperties: { type: "string" } },
    parts: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: {
        type: "object",
        required: ["name"],
        properties: { name: { type: "string" }, weight: { type: "integer" } },
      },
    },
    steps: { type: "array", items: { type: "string" } },
  },
};

function aTalk(): Talk {
  const talk = aKubeApi();
  talk.api.install([aDefinition(SPEC)]);
  return talk;
}

function apply(talk: Talk, manager: string, spec: Record<string, unknown>, more = "") {
  return talk.call("PATCH", `${WIDGETS}/w?fieldManager=${manager}${more}`, {
    body: aWidget("w", spec),
    type: APPLY,
  });
}

Deno.test("applying creates, then changes only what the manager speaks of", async () => {
  const talk = aTalk();
  const made = await apply(talk, "a", { size: 1, colour: "red" });
  assert.equal(made.code, 201);
  assert.deepEqual(made.body.metadata.managedFields[0].fieldsV1, {
    "f:spec": { "f:size": {}, "f:colour": {} },
  });
  const other = await apply(talk, "b", { labels: { x: "1" } });
  assert.equal(other.code, 200);
  assert.deepEqual(other.body.spec, { size: 1, colour: "red", labels: { x: "1" } });
});

Deno.test("what a manager no longer applies is removed, unless another one applies it too", async () => {
  const talk = aTalk();
  await apply(talk, "a", { size: 1, colour: "red" });
  await apply(talk, "b", { size: 1 });
  const less = await apply(talk, "a", {});
  assert.deepEqual(less.body.spec, { size: 1 });
});

Deno.test("another value for another's field is a conflict that names both, until it is forced", async () => {
  const talk = aTalk();
  await apply(talk, "a", { size: 1, colour: "red" });
  const refused = await apply(talk, "b", { size: 2 });
  assert.equal(refused.code, 409);
  assert.equal(refused.body.reason, "Conflict");
  assert.equal(
    refused.body.message,
    'Apply failed with 1 conflict: conflict with "a": .spec.size',
  );
  assert.deepEqual(refused.body.details.causes, [{
    reason: "FieldManagerConflict",
    message: 'conflict with "a"',
    field: ".spec.size",
  }]);
  const forced = await apply(talk, "b", { size: 2 }, "&force=true");
  assert.equal(forced.body.spec.size, 2);
  const lost = await apply(talk, "a", { colour: "red" });
  assert.deepEqual(lost.body.spec, { size: 2, colour: "red" }, "a no longer owns the size");
});

Deno.test("keyed lists are owned item by item, other lists as one", async () => {
  const talk = aTalk();
  await apply(talk, "a", { parts: [{ name: "x", weight: 1 }], steps: ["1"] });
  const both = await apply(talk, "b", { parts: [{ name: "y", weight: 2 }] });
  assert.deepEqual(both.body.spec.parts.map((part: { name: string }) => part.name), ["x", "y"]);
  const gone = await apply(talk, "a", { steps: ["1"] });
  assert.deepEqual(gone.body.spec.parts, [{ name: "y", weight: 2 }]);
  assert.equal((await apply(talk, "b", { steps: ["2"] })).code, 409);
});

Deno.test("a change by an ordinary patch takes the field from its applier", async () => {
  const talk = aTalk();
  await apply(talk, "a", { size: 1 });
  await talk.done("PATCH", `${WIDGETS}/w?fieldManager=edit`, {
    body: { spec: { size: 5 } },
    type: MERGE,
  });
  const refused = await apply(talk, "a", { size: 1 });
  assert.match(refused.body.message, /conflict with "edit" using test.dev\/v1: .spec.size$/);
});

Deno.test("an object that was never applied to belongs to before-first-apply", async () => {
  const talk = aTalk();
  await talk.done("POST", WIDGETS, { body: aWidget("w", { size: 1, colour: "red" }) });
  assert.equal((await apply(talk, "a", { size: 1 })).code, 200);
  const refused = await apply(talk, "a", { size: 1, colour: "blue" });
  assert.match(refused.body.message, /conflict with "before-first-apply"/);
});

Deno.test("applying the same again changes nothing", async () => {
  const talk = aTalk();
  await apply(talk, "a", { size: 1, parts: [{ name: "x" }] });
  const { revision } = talk.api.store;
  await talk.clock.advance(60_000);
  await apply(talk, "a", { size: 1, parts: [{ name: "x" }] });
  assert.equal(talk.api.store.revision, revision);
});

Deno.test("status is applied through its subresource, with owners of its own", async () => {
  const talk = aTalk();
  await apply(talk, "a", { size: 1 });
  const status = await talk.done("PATCH", `${WIDGETS}/w/status?fieldManager=a`, {
    body: { ...aWidget("w"), spec: undefined, status: { phase: "Ready" } },
    type: APPLY,
  });
  assert.deepEqual(status.status, { phase: "Ready" });
  assert.deepEqual(status.spec, { size: 1 });
  assert.deepEqual(
    status.metadata.managedFields.map((one: { subresource?: string }) => one.subresource),
    [undefined, "status"],
  );
});

Deno.test("an application needs a manager, and owns no metadata of the server", async () => {
  const talk = aTalk();
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", labels: { a: "b" } } };
  const nameless = await talk.call("PATCH", `${CONFIG_MAPS}/c`, { body, type: APPLY });
  assert.equal(nameless.code, 422);
  assert.match(nameless.body.message, /fieldManager: Required value: is required for apply patch/);
  const made = await talk.done("PATCH", `${CONFIG_MAPS}/c?fieldManager=a`, { body, type: APPLY });
  assert.deepEqual(made.metadata.managedFields[0].fieldsV1, {
    "f:metadata": { "f:labels": { "f:a": {} } },
  });
});
