import assert from "node:assert/strict";
import { randomText, randomUuid, seededRandom, systemRandom } from "../../lib/random.ts";

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

function draws(seed: number, count: number): readonly number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
}

pure("a seed replays its sequence, another seed has another", () => {
  assert.deepEqual(draws(7, 100), draws(7, 100));
  assert.notDeepEqual(draws(7, 3), draws(8, 3));
});

pure("draws are spread over [0, 1)", () => {
  const tenths = Array(10).fill(0);
  for (const draw of draws(1, 10_000)) tenths[Math.floor(draw * 10)]++;
  assert.equal(tenths.length, 10);
  for (const count of tenths) assert.ok(count > 850 && count < 1_150, `${tenths}`);
  const machine = systemRandom();
  assert.ok(machine >= 0 && machine < 1);
});

pure("text is drawn from its whole alphabet", () => {
  const text = randomText(seededRandom(1), 200, "abc");
  assert.match(text, /^[abc]{200}$/);
  assert.equal(new Set(text).size, 3);
  assert.equal(randomText(() => 1 - 2 ** -32, 2, "abc"), "cc");
});

pure("a UUID is of version 4", () => {
  const random = seededRandom(1);
  const uuids = Array.from({ length: 50 }, () => randomUuid(random));
  for (const uuid of uuids) {
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assert.equal(new Set(uuids).size, 50);
});
