import assert from "node:assert/strict";
import { codeOf, filesBelow, importsOf } from "./tree.ts";

/** A file in the repository's own tree, because that is all that `tree.ts` reads. */
const SAMPLE = "tests/repo/sample.txt";

Deno.test("every form of import is found, and whether it is erased", () => {
  assert.deepEqual(importsOf(SAMPLE), [
    { specifier: "node:assert/strict", typeOnly: false },
    { specifier: "./a.ts", file: "tests/repo/a.ts", typeOnly: true },
    { specifier: "../b.ts", file: "tests/b.ts", typeOnly: false },
    { specifier: "../c.ts", file: "tests/c.ts", typeOnly: true },
    { specifier: "./d.ts", file: "tests/repo/d.ts", typeOnly: false },
    { specifier: "../../lib/e.ts", file: "lib/e.ts", typeOnly: false },
    { specifier: "./f.ts", file: "tests/repo/f.ts", typeOnly: false },
  ]);
});

Deno.test("comments are no code", () => {
  const code = codeOf(SAMPLE);
  assert.match(code, /one/);
  assert.doesNotMatch(code, /two|three|four/);
});

Deno.test("a folder that is absent has no files", () => {
  assert.deepEqual(filesBelow("no/such/folder"), []);
  assert.ok(filesBelow("tests/repo").includes("tests/repo/tree_test.ts"));
});
