import assert from "node:assert/strict";
import { createRateLimit } from "../../kube/rate_limit.ts";
import { VirtualClock } from "../../sim/clock.ts";

Deno.test("a burst goes at once, the rest at the pace of the limit, in order", async () => {
  const clock = new VirtualClock();
  const limit = createRateLimit({ qps: 10, burst: 3, clock });
  const startMs = clock.now().getTime();
  const went: [number, number][] = [];
  for (let i = 0; i < 6; i++) {
    limit.wait().then(() => went.push([i, clock.now().getTime() - startMs]));
  }
  await clock.advance(1_000);
  assert.deepEqual(went, [[0, 0], [1, 0], [2, 0], [3, 100], [4, 200], [5, 300]]);
});

Deno.test("a pause fills the bucket, but no further than the burst", async () => {
  const clock = new VirtualClock();
  const limit = createRateLimit({ qps: 1, burst: 2, clock });
  await clock.advance(3_600_000);
  let went = 0;
  for (let i = 0; i < 4; i++) limit.wait().then(() => went++);
  await clock.advance(0);
  assert.equal(went, 2);
  await clock.advance(2_000);
  assert.equal(went, 4);
});

Deno.test("who gives up gives the place back", async () => {
  const clock = new VirtualClock();
  const limit = createRateLimit({ qps: 1, burst: 1, clock });
  await limit.wait();
  const abort = new AbortController();
  const given = limit.wait(abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(given, /enough/);
  let went = false;
  limit.wait().then(() => went = true);
  await clock.advance(1_000);
  assert.ok(went);
});
