/** The comparison with ARC's manifests, held against cases of its own: it must be able to fail. */
import assert from "node:assert/strict";
import { plainTest } from "./chart_test_case.ts";
import { differencesBetween, explains, purposes } from "./difference.ts";

const ROLE = { kind: "Role", metadata: { name: "a" } };

plainTest("what is nothing to Kubernetes is no difference", () => {
  const arc = { ...ROLE, metadata: { ...ROLE.metadata, annotations: null, labels: {} } };
  assert.deepEqual(differencesBetween([arc], [ROLE]), []);
});

plainTest("differences are named by object and path", () => {
  const arc = {
    ...ROLE,
    rules: [{ verbs: ["get"] }],
    metadata: { name: "a", labels: { "x/y": "1" } },
  };
  const ours = { ...ROLE, rules: [{ verbs: ["get", "list"] }] };
  assert.deepEqual(differencesBetween([arc], [ours]), [
    { object: "Role a", path: "metadata.labels", arc: { "x/y": "1" }, ours: undefined },
    { object: "Role a", path: "rules[0].verbs", arc: ["get"], ours: ["get", "list"] },
  ]);
});

plainTest("an object that only one has is a difference as a whole", () => {
  assert.deepEqual(differencesBetween([ROLE], []), [
    { object: "Role a", path: "", arc: "present", ours: undefined },
  ]);
});

plainTest("a row explains its path on its objects and nothing else", () => {
  const page =
    "<!-- compared with ARC's rendered manifests -->\n\n| object | path |\n| --- | --- |\n" +
    '| `Role *-x` | `metadata.labels."a.b/c"` | |\n| `Role *` | (all) | |\n\nMore.';
  const [labels, whole] = purposes(page);
  assert.ok(labels && whole);
  const found = { object: "Role a-x", path: 'metadata.labels."a.b/c"', arc: 1, ours: 2 };
  assert.ok(explains(labels, found));
  assert.ok(!explains(labels, { ...found, object: "RoleBinding a-x" }));
  assert.ok(!explains(labels, { ...found, path: "metadata.labels" }));
  assert.ok(!explains(whole, found));
  assert.ok(explains(whole, { ...found, path: "" }));
});
