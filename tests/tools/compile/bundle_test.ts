import assert from "node:assert/strict";
import { replaceOnce } from "../../../tools/compile/bundle.ts";

Deno.test({
  name: "what must be told to a bundle is told in the one place where it is asked",
  permissions: "none",
  fn: () => {
    const files = new Map([["a.js", "1"], ["b/c.js", "x WHERE y"]]);
    replaceOnce(files, "WHERE", (path) => `$& in ${path}`);
    assert.equal(files.get("b/c.js"), "x $& in b/c.js y");
  },
});

for (const [how, text] of [["nowhere", "x"], ["twice", "WHERE WHERE"]] as const) {
  Deno.test({
    name: `a place that is there ${how} stops the build`,
    permissions: "none",
    fn: () =>
      assert.throws(
        () => replaceOnce(new Map([["a.js", text]]), "WHERE", () => ""),
        /is in the bundle \d times, wanted: once/,
      ),
  });
}
