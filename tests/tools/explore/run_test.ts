import assert from "node:assert/strict";
import { type Bug, BUGS } from "../../../tools/explore/bugs.ts";
import { drawPlan } from "../../../tools/explore/draw.ts";
import type { Plan, Setting } from "../../../tools/explore/plan.ts";
import { runPlan } from "../../../tools/explore/run.ts";
import { workThrough } from "../../../tools/explore/crew.ts";

const SETTING: Setting = {
  sets: [{ name: "linux", min: 1, max: 3 }],
  replicas: 1,
  backend: "broker",
  serviceTenant: "stable",
  statisticsMessages: "never",
  latencyMs: 50,
  skewMs: 0,
  stormS: 90,
};

const JOBS = { do: "jobs", set: 0, count: 2, shortestMs: 500, longestMs: 30_000 } as const;

Deno.test("the same seed gives the same trace twice", async () => {
  for (const seed of [3, 13]) {
    const [first, second] = [await runPlan(drawPlan(seed)), await runPlan(drawPlan(seed))];
    assert.deepEqual(second.trace, first.trace);
    assert.equal(second.fingerprint, first.fingerprint);
    assert.deepEqual(second.counts, first.counts);
  }
});

Deno.test("a worker sees what the main thread sees", async () => {
  const fingerprints: string[] = [];
  await workThrough([{ do: "seed", seed: 4 }], {
    workers: 1,
    onAnswer: (answer) => {
      if (answer.of === "seed") fingerprints.push(answer.result.fingerprint);
    },
  });
  assert.deepEqual(fingerprints, [(await runPlan(drawPlan(4))).fingerprint]);
});

Deno.test("another seed gives another trace", async () => {
  const plan: Plan = { seed: 1, setting: SETTING, deeds: [{ ...JOBS, atS: 5 }] };
  const [first, second] = [await runPlan(plan), await runPlan({ ...plan, seed: 2 })];
  assert.notEqual(second.fingerprint, first.fingerprint);
  assert.deepEqual(first.violations, []);
  assert.deepEqual(second.violations, []);
});

Deno.test("a fault is counted when it comes to pass, not when it is planned", async () => {
  const result = await runPlan({
    seed: 1,
    setting: SETTING,
    deeds: [
      { do: "crash", who: "controller", call: 2, when: "after", downS: 3, atS: 4 },
      { do: "crash", who: "listener", call: 9_999, when: "before", downS: 3, atS: 4 },
      { ...JOBS, atS: 5 },
    ],
  });
  assert.deepEqual(result.counts, { "crash of a controller after a write": 1 });
  assert.deepEqual(result.violations, []);
});

Deno.test("a job that dies with its runner counts against us only if nobody else brought it down", async () => {
  const result = await runPlan({
    seed: 1,
    setting: SETTING,
    deeds: [{ ...JOBS, atS: 5 }, { do: "harm-pod", how: "force-delete", nth: 0, atS: 6 }],
  });
  assert.equal(result.counts["runner pod: force-delete"], 1);
  assert.deepEqual(result.violations, []);
});

/** What first breaks, of 200 seeds. */
const FOUND_BY: Readonly<Record<Bug, readonly string[]>> = {
  "delete-unasked": ["lost", "busy"],
  "acknowledge-first": ["acknowledged"],
  "count-failed": ["rest"],
};

for (const bug of BUGS) {
  Deno.test(`the bug ${bug} is found within 200 seeds`, async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { violations } = await runPlan(drawPlan(seed), { bug });
      const [first] = violations;
      if (first === undefined) continue;
      assert.ok(FOUND_BY[bug].includes(first.rule), `seed ${seed}: ${first.rule}: ${first.what}`);
      return;
    }
    assert.fail("200 seeds did not find it");
  });
}
