import assert from "node:assert/strict";
import { Completions } from "../../listener/completions.ts";

const AT = Date.parse("2026-01-01T12:00:00Z");

function after(seconds: number): Date {
  return new Date(AT + seconds * 1000);
}

Deno.test("names are told for two minutes, and no nameless ones", { permissions: "none" }, () => {
  const completions = new Completions();
  completions.add(["a", ""], after(0));
  completions.add(["b"], after(60));
  assert.deepEqual(completions.recent(after(120)), ["a", "b"]);
  assert.deepEqual(completions.recent(after(121)), ["b"]);
  assert.deepEqual(completions.recent(after(181)), []);
});

Deno.test("of more than 500 names the newest are told", { permissions: "none" }, () => {
  const completions = new Completions();
  completions.add(Array.from({ length: 600 }, (_, i) => `r${i}`), after(0));
  const names = completions.recent(after(1));
  assert.equal(names.length, 500);
  assert.equal(names[0], "r100");
});
