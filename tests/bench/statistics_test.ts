import assert from "node:assert/strict";
import { difference, quantilesOf, slopePerHour } from "../../bench/statistics.ts";

Deno.test("quantiles are samples that were there, the next larger one in doubt", () => {
  const samples = Array.from({ length: 100 }, (_, at) => 100 - at);
  assert.deepEqual(quantilesOf(samples), { count: 100, p50: 50, p95: 95, p99: 99 });
  assert.deepEqual(quantilesOf([7]), { count: 1, p50: 7, p95: 7, p99: 7 });
});

Deno.test("nothing has no quantiles", () => {
  assert.deepEqual(quantilesOf([]), {
    count: 0,
    p50: undefined,
    p95: undefined,
    p99: undefined,
  });
});

Deno.test("a line has its slope, and what does not grow has none", () => {
  const line = [0, 1, 2, 3].map((minute) => ({ atMs: minute * 60_000, value: 10 + minute }));
  assert.equal(Math.round(slopePerHour(line) ?? NaN), 60);
  assert.equal(slopePerHour(line.map(({ atMs }) => ({ atMs, value: 5 }))), 0);
});

Deno.test("one moment has no slope", () => {
  assert.equal(slopePerHour([{ atMs: 1, value: 1 }]), undefined);
  assert.equal(slopePerHour([]), undefined);
});

Deno.test("a difference is a share of the larger one, whichever comes first", () => {
  assert.equal(difference(30, 40), 0.25);
  assert.equal(difference(40, 30), 0.25);
  assert.equal(difference(0, 0), 0);
});
