import assert from "node:assert/strict";
import { nearest } from "../../lib/nearest.ts";

const WORDS = ["set", "runner", "job"];

const ROWS: readonly (readonly [word: string, wanted: string | undefined])[] = [
  ["set", "set"],
  ["st", "set"],
  ["SET", "set"],
  ["runer", "runner"],
  ["ruiner", "runner"],
  ["deployment", undefined],
  ["", undefined],
];

for (const [word, wanted] of ROWS) {
  Deno.test({
    name: `nearest to "${word}" is ${wanted ?? "nothing"}`,
    permissions: "none",
    fn: () => assert.equal(nearest(word, WORDS), wanted),
  });
}
