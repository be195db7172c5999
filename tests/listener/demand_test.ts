import assert from "node:assert/strict";
import {
  believedJobs,
  type Demand,
  hearDemand,
  inheritPhantoms,
  judge,
  openDemand,
  seen,
  wantsLook,
} from "../../listener/demand.ts";
import type { Statistics } from "../../github/messages.ts";
import { aJob, aMessage, started, statistics } from "./jobs.ts";

const T0 = Date.parse("2026-01-01T12:00:00Z");
const MINUTE = 60_000;
const LIMITS = { minRunners: 0, maxRunners: 100 };
const STUCK = statistics(34, {
  running: 19,
  registeredRunners: 34,
  busyRunners: 19,
  idleRunners: 15,
});

const at = (minutes: number) => new Date(T0 + minutes * MINUTE);

function pure(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

interface Life {
  readonly demand: Demand;
  readonly advice: readonly string[];
}

/** A listener that looks and judges every minute, while nothing is heard. */
function live(
  from: Demand,
  minutes: number,
  options: { readonly startAt?: number; readonly running?: number; readonly min?: number } = {},
): Life {
  const { startAt = 0, running = 34, min = 0 } = options;
  const limits = { ...LIMITS, minRunners: min };
  const advice: string[] = [];
  let demand = from;
  for (let minute = startAt + 1; minute <= startAt + minutes; minute++) {
    const now = at(minute);
    if (wantsLook(demand, now)) demand = seen(demand, { running, isFailing: false }, now);
    const verdict = judge(demand, { now, limits });
    demand = verdict.demand;
    if (verdict.advice !== "none") advice.push(`${minute} ${verdict.advice}`);
    if (verdict.advice === "open-again") {
      demand = hearDemand(demand, { statistics: demand.statistics }, { now, limits });
    }
  }
  return { demand, advice };
}

/** The demand of a set whose session was opened with these numbers. */
function opened(numbers: Statistics): Demand {
  const demand = openDemand(numbers, at(0));
  return hearDemand(demand, { statistics: numbers }, { now: at(0), limits: LIMITS });
}

pure("F10: jobs beside idle runners: another session after 4 min, no belief after 7", () => {
  const { demand, advice } = live(opened(STUCK), 7);
  assert.deepEqual(advice, ["4 open-again"]);
  assert.equal(demand.phantom, 15);
  assert.equal(believedJobs(demand, { now: at(7), holds: "nothing" }), 19);
});

pure("nobody looks when no job waits, or none beyond the maximum", () => {
  assert.ok(!wantsLook(opened(statistics(5, { running: 5 })), at(10)));
  const full = openDemand(STUCK, at(0));
  const limits = { minRunners: 0, maxRunners: 19 };
  assert.ok(!wantsLook(hearDemand(full, { statistics: STUCK }, { now: at(0), limits }), at(10)));
});

pure("runners that have not come up, or fail, are no reason to doubt", () => {
  assert.equal(live(opened(STUCK), 60, { running: 19 }).demand.phantom, 0);
  const failing = seen(opened(STUCK), { running: 34, isFailing: true }, at(1));
  assert.equal(failing.suspicion, undefined);
});

pure("runners that GitHub does not see idle may be in trouble: the jobs are believed in", () => {
  const { demand } = live(opened({ ...STUCK, idleRunners: 0 }), 60);
  assert.equal(demand.phantom, 0);
});

pure("a busy queue is no phantom: as many begin within a minute as wait", () => {
  let demand = opened(STUCK);
  for (let minute = 1; minute <= 20; minute++) {
    const now = at(minute);
    const names = Array.from({ length: 15 }, (_, n) => started(`r-${minute}-${n}`));
    const message = aMessage(minute, STUCK, { started: names });
    demand = hearDemand(demand, { statistics: STUCK, message }, { now, limits: LIMITS });
    demand =
      judge(seen(demand, { running: 400, isFailing: false }, now), { now, limits: LIMITS }).demand;
  }
  assert.equal(demand.phantom, 0);
});

const HEALED:
  readonly (readonly [claim: string, statistics: Statistics, starts: number, left: number])[] = [
    ["true jobs come besides", statistics(40, { running: 21 }), 2, 15],
    ["some are counted no more", statistics(29, { running: 19 }), 0, 10],
    ["all are counted no more", statistics(19, { running: 19 }), 0, 0],
    ["one of them begins: the others may too", statistics(34, { running: 20 }), 1, 0],
  ];

for (const [claim, numbers, starts, left] of HEALED) {
  pure(`F10: ${claim}: ${left} phantoms are left`, () => {
    const { demand } = live(opened(STUCK), 7);
    const names = Array.from({ length: starts }, (_, n) => started(`r-${n}`));
    const message = aMessage(9, numbers, { started: names });
    const heard = hearDemand(demand, { statistics: numbers, message }, {
      now: at(8),
      limits: LIMITS,
    });
    assert.equal(heard.phantom, left);
  });
}

pure(
  "F10: phantoms are put to the test after half an hour: another session, and one runner for a while",
  () => {
    const { demand } = live(opened(STUCK), 7);
    const later = live(demand, 31, { startAt: 7, running: 19 });
    assert.deepEqual(later.advice, ["37 open-again"]);
    assert.equal(believedJobs(later.demand, { now: at(38), holds: "nothing" }), 20);
    assert.equal(believedJobs(later.demand, { now: at(41), holds: "nothing" }), 19);
    const warm = live(demand, 31, { startAt: 7, running: 20, min: 1 });
    assert.equal(
      believedJobs(warm.demand, { now: at(38), holds: "nothing" }),
      19,
      "the minimum tests",
    );
  },
);

pure("F10: what a former life found out is not forgotten", () => {
  const demand = inheritPhantoms(opened(STUCK), 15, at(0));
  assert.equal(believedJobs(demand, { now: at(0), holds: "nothing" }), 19);
  assert.equal(inheritPhantoms(opened(statistics(3, { running: 1 })), 15, at(0)).phantom, 2);
  assert.equal(inheritPhantoms(opened(statistics(3, { running: 3 })), 15, at(0)).phantom, 0);
});

pure(
  "F11: numbers that fall do not take away what messages say waits; numbers alone make it grow",
  () => {
    const numbers = statistics(10);
    const ids = Array.from({ length: 12 }, (_, n) => aJob(`job-${n}`));
    const message = aMessage(1, numbers, { assigned: ids });
    const first = hearDemand(opened(statistics(0)), { statistics: numbers, message }, {
      now: at(1),
      limits: LIMITS,
    });
    assert.equal(believedJobs(first, { now: at(1), holds: "as-messages-say" }), 10, "not 12");
    const late = hearDemand({ ...first, believed: 10 }, {
      statistics: statistics(0),
      message: aMessage(2, statistics(0)),
    }, { now: at(2), limits: LIMITS });
    assert.equal(believedJobs(late, { now: at(2), holds: "as-messages-say" }), 10);
    assert.equal(believedJobs(late, { now: at(2), holds: "nothing" }), 0);
    assert.equal(believedJobs(late, { now: at(47), holds: "as-messages-say" }), 0);
  },
);

pure("numbers that nobody confirms for half an hour are asked for again", () => {
  const { advice } = live(opened(statistics(5, { running: 5, busyRunners: 5 })), 61, {
    running: 5,
  });
  assert.deepEqual(advice, ["30 open-again", "60 open-again"]);
});
