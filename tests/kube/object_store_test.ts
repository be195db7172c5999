import assert from "node:assert/strict";
import { createObjectStore } from "../../kube/object_store.ts";
import type { KubeObject } from "../../kube/types.ts";

function object(name: string, owners: readonly string[] = []): KubeObject {
  const ownerReferences = owners.map((uid) => ({ apiVersion: "v1", kind: "X", name: uid, uid }));
  return { metadata: { name, ownerReferences } };
}

function store() {
  return createObjectStore<KubeObject>({
    owner: (one) => (one.metadata?.ownerReferences ?? []).map(({ uid }) => uid),
  });
}

Deno.test("an index follows its objects as they change and go", () => {
  const objects = store();
  const [a, b] = [object("a", ["x", "y"]), object("b", ["x"])];
  objects.set("a", a);
  objects.set("b", b);
  assert.deepEqual(objects.by("owner", "x"), [a, b]);
  assert.deepEqual(objects.by("owner", "y"), [a]);

  const moved = object("a", ["y"]);
  objects.set("a", moved);
  assert.deepEqual(objects.by("owner", "x"), [b]);
  assert.deepEqual(objects.by("owner", "y"), [moved]);

  objects.set("a", undefined);
  assert.deepEqual(objects.by("owner", "y"), []);
  assert.deepEqual(objects.all(), [b]);
  assert.equal(objects.get("a"), undefined);
});

Deno.test("the lists are the same until something changes", () => {
  const objects = store();
  objects.set("a", object("a", ["x"]));
  const [all, owned] = [objects.all(), objects.by("owner", "x")];
  assert.equal(objects.all(), all);
  assert.equal(objects.by("owner", "x"), owned);
  objects.set("b", object("b", ["y"]));
  assert.notEqual(objects.all(), all);
  assert.equal(objects.by("owner", "x"), owned);
});

Deno.test("an index that was not declared is a bug", () => {
  assert.throws(() => store().by("label", "x"), TypeError);
});
