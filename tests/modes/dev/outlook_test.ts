import assert from "node:assert/strict";
import {
  isIdle,
  isReady,
  readiness,
  type SetState,
  whatIsMissing,
} from "../../../modes/dev/outlook.ts";

const AT_REST: SetState = {
  name: "set",
  min: 0,
  isRegistered: true,
  isListening: true,
  total: 0,
  idle: 0,
  pending: 0,
  waitingJobs: 0,
  complaints: [],
};
const NO_JOBS = { open: 0, isMoreToCome: false };

const ROWS: readonly (readonly [
  claim: string,
  change: Partial<SetState>,
  idle: boolean,
  missing: string | undefined,
])[] = [
  ["nothing to do", {}, true, undefined],
  ["a warm set with its runners", { min: 3, total: 3, idle: 3 }, true, undefined],
  [
    "a warm set still hiring",
    { min: 3, total: 3, idle: 1 },
    false,
    "has 1 idle runners, its minimum is 3",
  ],
  ["runners too many", { total: 2 }, false, "still has 2 runners, its minimum is 0"],
  [
    "jobs that wait",
    { total: 2, pending: 2, waitingJobs: 5 },
    false,
    "has 5 jobs that wait for a runner; of its 2 runners 2 are pending",
  ],
];

for (const [claim, change, idle, missing] of ROWS) {
  Deno.test({
    name: `outlook: ${claim}`,
    permissions: "none",
    fn: () => {
      const sets = [{ ...AT_REST, ...change }];
      assert.equal(isIdle(sets, NO_JOBS), idle);
      assert.deepEqual(whatIsMissing(sets), missing === undefined ? [] : [`set "set" ${missing}`]);
    },
  });
}

Deno.test({
  name: "jobs that are open or still to come are no rest",
  permissions: "none",
  fn: () => {
    assert.ok(!isIdle([AT_REST], { open: 1, isMoreToCome: false }));
    assert.ok(!isIdle([AT_REST], { open: 0, isMoreToCome: true }));
  },
});

Deno.test({
  name:
    "a set is ready when it is registered, listened to and warm; what keeps it from that is told",
  permissions: "none",
  fn: () => {
    const dark = { ...AT_REST, isRegistered: false, complaints: ["Bad credentials"] };
    const deaf = { ...AT_REST, name: "other", isListening: false };
    assert.ok(isReady([AT_REST]));
    assert.ok(!isReady([AT_REST, dark]));
    assert.ok(!isReady([deaf]));
    assert.ok(!isReady([{ ...AT_REST, min: 3, total: 3, idle: 2 }]));
    assert.ok(readiness([AT_REST]) > readiness([deaf]));
    assert.deepEqual(whatIsMissing([AT_REST, dark, deaf]), [
      'set "set" is not registered at GitHub (Bad credentials)',
      'set "other" has no listener with a session',
    ]);
  },
});
