import assert from "node:assert/strict";
import { difference, intersection, pathsOf, union } from "../../../sim/kube/field_set.ts";

const X = { "f:spec": { "f:a": {}, "f:b": { ".": {}, "f:c": {} } } };

Deno.test("difference takes away what both have", { permissions: "none" }, () => {
  assert.deepEqual(difference(X, { "f:spec": { "f:a": {} } }), {
    "f:spec": { "f:b": { ".": {}, "f:c": {} } },
  });
  assert.deepEqual(difference(X, X), {});
});

Deno.test("intersection keeps what both have", { permissions: "none" }, () => {
  assert.deepEqual(intersection(X, { "f:spec": { "f:b": { "f:c": {} }, "f:z": {} } }), {
    "f:spec": { "f:b": { "f:c": {} } },
  });
});

Deno.test("union keeps what either has", { permissions: "none" }, () => {
  assert.deepEqual(union({ "f:a": {} }, { "f:b": { "f:c": {} } }), {
    "f:a": {},
    "f:b": { "f:c": {} },
  });
});

Deno.test("paths read as conflicts name them", { permissions: "none" }, () => {
  const set = { "f:spec": { "f:list": { 'k:{"name":"a"}': { "f:image": {} } }, 'v:"x"': {} } };
  assert.deepEqual(pathsOf(set), ['.spec.list[name="a"].image', '.spec[="x"]']);
});
