import assert from "node:assert/strict";
import { labelSelector, objectSelector, selectedName } from "../../../sim/kube/selectors.ts";

function labelled(labels: Readonly<Record<string, string>>) {
  return { metadata: { labels } };
}

const ROWS: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
  ["", {}, true],
  ["a=1", { a: "1" }, true],
  ["a==1,b=2", { a: "1", b: "2" }, true],
  ["a==1,b=2", { a: "1" }, false],
  ["a!=1", {}, true],
  ["a!=1", { a: "1" }, false],
  ["a", { a: "" }, true],
  ["!a", { a: "" }, false],
  ["!a", {}, true],
  ["a in (1, 2),b", { a: "2", b: "x" }, true],
  ["a in (1,2)", {}, false],
  ["a notin (1,2)", {}, true],
  ["a notin (1,2)", { a: "2" }, false],
  ["a=", { a: "" }, true],
  ["actions.github.com/x-y.z=a_b", { "actions.github.com/x-y.z": "a_b" }, true],
  ["n>3", { n: "4" }, true],
];

for (const [selector, labels, matches] of ROWS) {
  Deno.test(`"${selector}" ${matches ? "matches" : "does not match"} ${JSON.stringify(labels)}`, {
    permissions: "none",
  }, () => assert.equal(labelSelector(selector)(labelled(labels)), matches));
}

Deno.test("a selector that cannot be read is a bad request", { permissions: "none" }, () => {
  assert.throws(() => labelSelector("a in 1"), { code: 400 });
});

Deno.test("an object selector means what its text form means", { permissions: "none" }, () => {
  const matches = objectSelector({
    matchLabels: { a: "1" },
    matchExpressions: [
      { key: "b", operator: "In", values: ["x", "y"] },
      { key: "c", operator: "DoesNotExist" },
    ],
  });
  assert.ok(matches(labelled({ a: "1", b: "y" })));
  assert.ok(!matches(labelled({ a: "1", b: "y", c: "" })));
});

Deno.test("the one name of a field selector is found", { permissions: "none" }, () => {
  assert.equal(selectedName("status.phase=Running,metadata.name=a-b"), "a-b");
  assert.equal(selectedName("metadata.name!=a"), undefined);
});
