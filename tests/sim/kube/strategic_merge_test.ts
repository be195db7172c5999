import assert from "node:assert/strict";
import { builtInShape } from "../../../sim/kube/list_types.ts";
import { strategicMerge } from "../../../sim/kube/strategic_merge.ts";

interface Row {
  readonly claim: string;
  readonly target: unknown;
  readonly patch: unknown;
  readonly result: unknown;
}

const ROWS: readonly Row[] = [
  {
    claim: "keyed lists are merged item by item",
    target: { containers: [{ name: "a", image: "1" }, { name: "b", image: "1" }] },
    patch: { containers: [{ name: "b", image: "2" }, { name: "c", image: "3" }] },
    result: {
      containers: [{ name: "a", image: "1" }, { name: "b", image: "2" }, { name: "c", image: "3" }],
    },
  },
  {
    claim: "an item can be deleted",
    target: { env: [{ name: "A", value: "1" }, { name: "B" }] },
    patch: { env: [{ name: "A", $patch: "delete" }] },
    result: { env: [{ name: "B" }] },
  },
  {
    claim: "a list can be replaced",
    target: { env: [{ name: "A" }] },
    patch: { env: [{ name: "B" }, { $patch: "replace" }] },
    result: { env: [{ name: "B" }] },
  },
  {
    claim: "lists without a key are replaced",
    target: { args: ["a", "b"] },
    patch: { args: ["c"] },
    result: { args: ["c"] },
  },
  {
    claim: "finalizers are a set, from which one can be deleted",
    target: { metadata: { finalizers: ["a", "b"] } },
    patch: { metadata: { finalizers: ["c"], "$deleteFromPrimitiveList/finalizers": ["a"] } },
    result: { metadata: { finalizers: ["b", "c"] } },
  },
  {
    claim: "the order of elements is followed",
    target: { containers: [{ name: "a" }, { name: "b" }] },
    patch: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] },
    result: { containers: [{ name: "b" }, { name: "a" }] },
  },
  {
    claim: "null removes, an object can be replaced whole",
    target: { a: 1, b: { c: 1 } },
    patch: { a: null, b: { $patch: "replace", d: 2 } },
    result: { b: { d: 2 } },
  },
  {
    claim: "only retained keys stay",
    target: { emptyDir: {}, name: "v" },
    patch: { $retainKeys: ["name", "secret"], name: "v", secret: { secretName: "s" } },
    result: { name: "v", secret: { secretName: "s" } },
  },
];

for (const { claim, target, patch, result } of ROWS) {
  Deno.test(claim, { permissions: "none" }, () => {
    const before = structuredClone(target);
    assert.deepEqual(strategicMerge(target, patch, builtInShape("Pod")), result);
    assert.deepEqual(target, before, "the target is not changed");
  });
}
