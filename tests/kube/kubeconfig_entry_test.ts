import assert from "node:assert/strict";
import { Entry } from "../../kube/kubeconfig_entry.ts";

const PLACE = { path: "/k", name: "n", what: "user" };

function entry(value: unknown): Entry {
  const found = Entry.of(value, PLACE);
  assert.ok(found);
  return found;
}

Deno.test({
  name: "what is absent, null or empty says nothing",
  permissions: "none",
  fn() {
    const user = entry({ a: null, b: "", c: [], d: "x" });
    assert.deepEqual(["a", "b", "c", "d", "e"].map((field) => user.has(field)), [
      false,
      false,
      false,
      true,
      false,
    ]);
    assert.equal(user.text("a"), undefined);
    assert.equal(user.entry("a"), undefined);
    assert.deepEqual(user.items("a"), []);
  },
});

Deno.test({
  name: "what has another shape is named with its place, not quoted",
  permissions: "none",
  fn() {
    const user = entry({ a: 5, b: "text", c: {} });
    assert.throws(() => user.text("a"), /user "n" of \/k has a a that cannot be read/);
    assert.throws(() => user.entry("b"), /expected an object/);
    assert.throws(() => user.items("c"), /expected a list/);
    for (const value of [undefined, "text", [], null]) {
      assert.equal(Entry.of(value, PLACE), undefined);
    }
  },
});

Deno.test({
  name: "a named list gives entries of its own names",
  permissions: "none",
  fn() {
    const found = entry({ users: [{ name: "x", user: { a: "1" } }, { user: {} }, null] })
      .list("users", "user");
    assert.deepEqual(found.map(({ name, path }) => [name, path]), [["x", "/k"]]);
    assert.equal(found[0]?.text("a"), "1");
  },
});
