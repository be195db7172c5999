import assert from "node:assert/strict";
import { keyFromText, keyText } from "../../kube/types.ts";

Deno.test({
  name: "a key survives its text",
  permissions: "none",
  fn() {
    for (const key of [{ namespace: "a", name: "b" }, { namespace: "", name: "b" }]) {
      assert.deepEqual(keyFromText(keyText(key)), key);
    }
  },
});
