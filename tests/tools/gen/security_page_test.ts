import assert from "node:assert/strict";
import { replacedPart } from "../../../tools/gen/security_page.ts";

const MARKS = ['<!-- part: written by "deno task gen" -->', "<!-- part: end -->"] as const;

Deno.test({
  name: "only what stands between the marks is written anew",
  permissions: "none",
  fn: () => {
    const page = `before\n\n${MARKS[0]}\n\nold\n\n${MARKS[1]}\n\nafter\n`;
    const wanted = `before\n\n${MARKS[0]}\n\nnew\n\n${MARKS[1]}\n\nafter\n`;
    assert.equal(replacedPart(page, { name: "part", part: "new" }), wanted);
    assert.equal(replacedPart(wanted, { name: "part", part: "new" }), wanted);
  },
});

Deno.test({
  name: "a page without the marks stops the generator",
  permissions: "none",
  fn: () =>
    assert.throws(
      () => replacedPart("text\n", { name: "part", part: "" }),
      /has no marks for "part"/,
    ),
});
