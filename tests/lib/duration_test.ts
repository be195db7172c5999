import assert from "node:assert/strict";
import {
  formatDuration,
  formatDurationRange,
  formatRate,
  parseDuration,
  parseDurationRange,
  parseRate,
} from "../../lib/duration.ts";

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

pure("a duration is one or more numbers with units", () => {
  const rows: readonly (readonly [text: string, ms: number | undefined])[] = [
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1.5s", 1_500],
    ["1m0.25s", 60_250],
    ["0", 0],
    ["0s", 0],
    ["", undefined],
    ["30", undefined],
    ["s", undefined],
    ["30x", undefined],
    ["-5s", undefined],
    ["5 s", undefined],
    ["1h and 5m", undefined],
    ["5s!", undefined],
    ["999999999999999999d", undefined],
  ];
  for (const [text, ms] of rows) assert.equal(parseDuration(text), ms, text);
});

pure("a duration is written in the units that it is read in", () => {
  const rows: readonly (readonly [ms: number, text: string])[] = [
    [0, "0s"],
    [250, "250ms"],
    [30_000, "30s"],
    [5_400_000, "1h30m"],
    [90_500, "1m30s500ms"],
    [172_800_000, "48h"],
  ];
  for (const [ms, text] of rows) {
    assert.equal(formatDuration(ms), text);
    assert.equal(parseDuration(text), ms);
  }
});

pure("a range has two bounds in order, or is one duration", () => {
  assert.deepEqual(parseDurationRange("2s..8s"), { fromMs: 2_000, toMs: 8_000 });
  assert.deepEqual(parseDurationRange("5s"), { fromMs: 5_000, toMs: 5_000 });
  for (const text of ["8s..2s", "..", "2s..", "..2s", "1s..2s..3s", "2..8s", ""]) {
    assert.equal(parseDurationRange(text), undefined, text);
  }
  assert.equal(formatDurationRange({ fromMs: 2_000, toMs: 8_000 }), "2s..8s");
  assert.equal(formatDurationRange({ fromMs: 5_000, toMs: 5_000 }), "5s");
});

pure("a rate is a number in a unit of time", () => {
  assert.equal(parseRate("5/s"), 5);
  assert.equal(parseRate("30/m"), 0.5);
  assert.equal(parseRate("36/h"), 0.01);
  for (const text of ["5", "5/", "/s", "5/ms", "-1/s", "5/fortnight"]) {
    assert.equal(parseRate(text), undefined, text);
  }
  for (const text of ["5/s", "30/m", "100/h", "0/s"]) {
    assert.equal(formatRate(parseRate(text) as number), text);
  }
});
