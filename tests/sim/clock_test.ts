import assert from "node:assert/strict";
import { settle, VirtualClock } from "../../sim/clock.ts";

Deno.test("time stands still until it is driven", async () => {
  const clock = new VirtualClock("2026-01-01T00:00:00Z");
  let woken = false;
  void clock.sleep(1_000).then(() => woken = true);
  await settle();
  assert.deepEqual([woken, clock.now().toISOString()], [false, "2026-01-01T00:00:00.000Z"]);
  await clock.advance(999);
  assert.ok(!woken);
  await clock.advance(1);
  assert.deepEqual([woken, clock.now().toISOString()], [true, "2026-01-01T00:00:01.000Z"]);
});

Deno.test("sleepers wake by their time, and in order of arrival at one time", async () => {
  const clock = new VirtualClock();
  const woken: string[] = [];
  const delays = [30, 10, 20, 10, 0, 30, -5];
  for (const [at, ms] of delays.entries()) {
    void clock.sleep(ms).then(() => woken.push(`${ms}#${at}`));
  }
  await clock.advance(30);
  assert.deepEqual(woken, ["0#4", "-5#6", "10#1", "10#3", "20#2", "30#0", "30#5"]);
});

Deno.test("what a wake-up causes is done before the next one", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  void clock.sleep(10).then(async () => {
    for (let step = 0; step < 50; step++) await Promise.resolve();
    seen.push("all of the first");
    await clock.sleep(5);
    seen.push("what it slept for");
  });
  void clock.sleep(20).then(() => seen.push("the second"));
  await clock.advance(20);
  assert.deepEqual(seen, ["all of the first", "what it slept for", "the second"]);
});

Deno.test("a sleep that is aborted rejects with the reason, and wakes nobody", async () => {
  const clock = new VirtualClock();
  const reason = new Error("enough");
  const stop = new AbortController();
  const sleeping = assert.rejects(clock.sleep(10, stop.signal), reason);
  stop.abort(reason);
  await sleeping;
  await assert.rejects(clock.sleep(10, stop.signal), reason);
  assert.ok(!await clock.runUntil(() => false, { limitMs: 100 }));
});

Deno.test("runUntil stops at the moment that it waits for, or at its limit", async () => {
  const clock = new VirtualClock("2026-01-01T00:00:00Z");
  let count = 0;
  void (async () => {
    for (;;) {
      await clock.sleep(1_000);
      count++;
    }
  })();
  assert.ok(await clock.runUntil(() => count === 3, { limitMs: 60_000 }));
  assert.equal(clock.now().toISOString(), "2026-01-01T00:00:03.000Z");
  assert.ok(!await clock.runUntil(() => count === 100, { limitMs: 2_500 }));
  assert.equal(clock.now().toISOString(), "2026-01-01T00:00:05.500Z");
});

Deno.test("with nobody asleep the clock jumps to the limit", async () => {
  const clock = new VirtualClock("2026-01-01T00:00:00Z");
  assert.ok(!await clock.runUntil(() => false, { limitMs: 3_600_000 }));
  assert.equal(clock.now().toISOString(), "2026-01-01T01:00:00.000Z");
});
