import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Secret } from "../../lib/secret.ts";

Deno.test({
  name: "a secret shows in no way but one",
  permissions: "none",
  fn() {
    const secret = new Secret("hush");
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      Deno.inspect({ secret }),
      inspect({ secret }, { showHidden: true }),
      JSON.stringify(structuredClone(secret)),
      Object.entries(secret).join(),
      new Error("x", { cause: secret }).stack ?? "",
    ];
    for (const text of shown) assert.doesNotMatch(text, /hush/);
    assert.equal(secret.reveal(), "hush");
  },
});
