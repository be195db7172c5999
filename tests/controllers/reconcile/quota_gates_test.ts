import assert from "node:assert/strict";
import { QuotaGates } from "../../../controllers/reconcile/quota_gates.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { CREATED } from "../../times.ts";

function gates() {
  const clock = new VirtualClock(CREATED);
  return { clock, gates: new QuotaGates(clock) };
}

Deno.test("while nothing was refused nobody waits", () => {
  assert.equal(gates().gates.waitMs("s", "a"), 0);
});

Deno.test("F22: while a quota is full one of a set tries each ten seconds", async () => {
  const { clock, gates: of } = gates();
  of.refused("s");
  assert.deepEqual([of.waitMs("s", "a"), of.waitMs("other", "x")], [2_000, 0]);
  await clock.advance(9_500);
  assert.equal(of.waitMs("s", "a"), 500);
  await clock.advance(500);
  assert.deepEqual([of.waitMs("s", "b"), of.waitMs("s", "a"), of.waitMs("s", "b")], [0, 2_000, 0]);
  of.refused("s");
  assert.equal(of.waitMs("s", "b"), 2_000, "it has tried");
});

Deno.test("F22: when one found room all may go", async () => {
  const { clock, gates: of } = gates();
  of.refused("s");
  await clock.advance(10_000);
  of.waitMs("s", "a");
  of.passed("s");
  assert.deepEqual([of.waitMs("s", "a"), of.waitMs("s", "b")], [0, 0]);
});

Deno.test("one that never came back from trying gives its turn away", async () => {
  const { clock, gates: of } = gates();
  of.refused("s");
  await clock.advance(10_000);
  assert.equal(of.waitMs("s", "a"), 0);
  await clock.advance(10_000);
  assert.equal(of.waitMs("s", "b"), 0);
  assert.equal(of.waitMs("s", "a"), 2_000);
});
