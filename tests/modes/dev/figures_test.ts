import assert from "node:assert/strict";
import {
  countsPerRunner,
  type Figures,
  kubernetesFigures,
  quantile,
  quantiles,
} from "../../../modes/dev/figures.ts";
import { summaryJson, summaryText } from "../../../modes/dev/summary.ts";

Deno.test({
  name: "quantiles are samples, and none without samples",
  permissions: "none",
  fn: () => {
    const samples = Array.from({ length: 100 }, (_, at) => 100 - at);
    assert.equal(quantile(samples, 0.5), 50);
    assert.equal(quantile(samples, 0.99), 99);
    assert.equal(quantile([7], 0.99), 7);
    assert.deepEqual(quantiles([]), { p50: null, p99: null });
  },
});

Deno.test({
  name: "calls are told apart into reads and writes, per runner",
  permissions: "none",
  fn: () =>
    assert.deepEqual(
      kubernetesFigures([
        { verb: "list", resource: "pods", count: 1 },
        { verb: "create", resource: "pods", count: 4 },
        { verb: "patch", resource: "pods/status", count: 2 },
      ], 4),
      {
        writesPerRunner: 1.5,
        readsPerRunner: 0.25,
        callsPerRunner: { "create pods": 1, "patch pods/status": 0.5, "list pods": 0.25 },
      },
    ),
});

Deno.test({
  name: "equal names add up, and no runner is no division by zero",
  permissions: "none",
  fn: () => assert.deepEqual(countsPerRunner([["a", 1], ["a", 2], ["b", 0]], 0), { a: 3 }),
});

const FIGURES: Figures = {
  jobs: { queued: 5, succeeded: 4, failed: 1, canceled: 0, lost: 0 },
  runners: { hired: 6, peak: 3, left: 0, idleAtStart: 0, idleAtEnd: 0, crashed: 1 },
  latencyMs: {
    queuedToStarted: { p50: 250, p99: 1_500 },
    finishedToSlotFree: { p50: null, p99: null },
  },
  kubernetes: {
    writesPerRunner: 9,
    readsPerRunner: 0.04,
    callsPerRunner: { "create pods": 1, "list pods": 0.04 },
  },
  github: { callsPerRunner: { poll: 2 } },
  rssPeakMiB: 150,
  seconds: 4.5,
  seed: 7,
};

Deno.test({
  name: "the summary in JSON is the figures, key by key",
  permissions: "none",
  fn: () => assert.deepEqual(JSON.parse(summaryJson(FIGURES)), FIGURES),
});

Deno.test({
  name: "the summary for people leaves zeros and rare calls out",
  permissions: "none",
  fn: () => {
    const text = summaryText(FIGURES);
    assert.match(text, /^Jobs +5 queued, 4 succeeded, 1 failed, 0 lost$/m);
    assert.match(text, /^Queued → started +p50 250ms, p99 1s500ms$/m);
    assert.match(text, /^Finished → slot free +no samples$/m);
    assert.match(text, /1\.00 {2}create pods\n +0\.04 {2}all others/);
    assert.match(text, /seed 7$/);
  },
});
