import assert from "node:assert/strict";
import { dueEffect, type Fault, parseFaults } from "../../sim/faults.ts";

const pure = { permissions: "none" } as const;

/** Which of `count` calls of `operation` are hit. */
function hits(faults: readonly Fault[], operation: string, count: number, draw = () => 0): string {
  let left = faults;
  return Array.from({ length: count }, () => {
    const due = dueEffect(left, operation, draw);
    left = due.left;
    return due.effect ? "x" : ".";
  }).join("");
}

Deno.test("a fault hits the calls that it names", pure, () => {
  const drop = { do: "drop" } as const;
  const rows: readonly (readonly [readonly Fault[], string, string])[] = [
    [[], "poll", "...."],
    [[{ operation: "poll", effect: drop }], "poll", "xxxx"],
    [[{ operation: "poll", effect: drop }], "ack", "...."],
    [[{ operation: "*", effect: drop, times: 2 }], "ack", "xx.."],
    [[{ operation: "poll", effect: drop, times: 1, after: 2 }], "poll", "..x."],
    [[{ operation: "poll", effect: drop, times: 0 }], "poll", "...."],
    [
      [
        { operation: "poll", effect: drop, times: 1 },
        { operation: "poll", effect: drop, times: 1 },
      ],
      "poll",
      "xx..",
    ],
  ];
  for (const [faults, operation, expected] of rows) {
    assert.equal(hits(faults, operation, 4), expected, JSON.stringify(faults));
  }
});

Deno.test("a fault with a probability spares calls, and those do not count", pure, () => {
  const draws = [0.9, 0.1, 0.9, 0.1];
  const faults = [{
    operation: "poll",
    effect: { do: "drop" },
    times: 2,
    probability: 0.5,
  }] as const;
  assert.equal(hits(faults, "poll", 4, () => draws.shift() ?? 0), ".x.x");
});

Deno.test("faults from outside are checked", pure, () => {
  const good = [{ operation: "poll", effect: { do: "answer", status: 500 } }];
  assert.deepEqual(parseFaults(good, ["poll"]), good);
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{}, /array/],
    [[null], /operation/],
    [[{ operation: "pol", effect: { do: "drop" } }], /unknown operation "pol"/],
    [[{ operation: "poll", effect: { do: "explode" } }], /effect\.do/],
    [[{ operation: "poll", effect: { do: "answer" } }], /status/],
    [[{ operation: "poll", effect: { do: "drop" }, times: "2" }], /times/],
    [[{ operation: "poll", effect: { do: "rewrite" } }], /effect\.mergePatch/],
    [[{ operation: "poll", effect: { do: "spoil", how: "badly" } }], /effect\.how/],
  ];
  for (const [value, message] of wrong) {
    assert.throws(() => parseFaults(value, ["poll"]), message);
  }
});
