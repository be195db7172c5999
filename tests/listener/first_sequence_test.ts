import assert from "node:assert/strict";
import { firstSequence } from "../../listener/first_sequence.ts";

const PURE = { permissions: "none" } as const;

Deno.test("a later life of a listener begins with a higher number", PURE, () => {
  const first = firstSequence(new Date("2026-11-22T00:00:00Z"));
  assert.ok(firstSequence(new Date("2026-11-22T00:00:05Z")) === first + 5);
});

Deno.test("a number is never beyond what a patchID may be, however wrong the clock", PURE, () => {
  assert.equal(firstSequence(new Date("1970-01-01T00:00:00Z")), 0);
  assert.equal(firstSequence(new Date("2200-01-01T00:00:00Z")), 2147483646);
});
