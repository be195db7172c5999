import assert from "node:assert/strict";
import { isStuck } from "../../modes/stuck.ts";

Deno.test("what a finalizer has held for more than five minutes is stuck, nothing else", () => {
  const deletionTimestamp = "2026-01-01T12:00:00Z";
  const held = { metadata: { name: "a", deletionTimestamp, finalizers: ["x/y"] } };
  assert.ok(isStuck(held, new Date("2026-01-01T12:05:01Z")));
  assert.ok(!isStuck(held, new Date("2026-01-01T12:05:00Z")));
  const later = new Date("2026-01-01T13:00:00Z");
  assert.ok(!isStuck({ metadata: { name: "a", finalizers: ["x/y"] } }, later));
  assert.ok(!isStuck({ metadata: { name: "a", deletionTimestamp } }, later));
});
