import assert from "node:assert/strict";
import { writeLine } from "../../modes/output.ts";

Deno.test({
  name: "a line is written whole, however little is taken at a time",
  permissions: "none",
  fn: () => {
    let text = "";
    writeLine({
      writeSync: (bytes) => {
        text += new TextDecoder().decode(bytes.subarray(0, 2));
        return Math.min(2, bytes.length);
      },
    }, "hello");
    assert.equal(text, "hello\n");
  },
});

Deno.test({
  name: "a reader that has gone is no failure",
  permissions: "none",
  fn: () =>
    writeLine({
      writeSync: () => {
        throw new Error("broken pipe");
      },
    }, "hello"),
});
