import assert from "node:assert/strict";
import { drawPlan } from "../../../tools/explore/draw.ts";
import type { Plan, Timed } from "../../../tools/explore/plan.ts";
import { shortened } from "../../../tools/explore/shrink.ts";

const WORLD = drawPlan(1).setting;

function planOf(count: number): Plan {
  const deeds: readonly Timed[] = Array.from(
    { length: count },
    (_, at) => ({ do: "cancel-job", nth: at, atS: at }),
  );
  return { seed: 1, setting: { ...WORLD, replicas: 2, latencyMs: 50 }, deeds };
}

const hasAll = (plan: Plan, wanted: readonly number[]) =>
  wanted.every((nth) => plan.deeds.some((deed) => deed.do === "cancel-job" && deed.nth === nth));

Deno.test("only what it takes is left, wherever it stands", async () => {
  for (const wanted of [[0], [15], [3, 4], [0, 7, 15], []]) {
    const { plan } = await shortened(planOf(16), {
      fails: (plan) => Promise.resolve(hasAll(plan, wanted)),
      budget: 500,
    });
    assert.deepEqual(plan.deeds.map((deed) => deed.atS), wanted);
  }
});

Deno.test("the world becomes as plain as the failure allows", async () => {
  const { plan } = await shortened(planOf(1), {
    fails: (plan) => Promise.resolve(plan.setting.replicas === 2),
    budget: 500,
  });
  assert.equal(plan.setting.replicas, 2);
  assert.equal(plan.setting.latencyMs, 0);
});

Deno.test("no more plans are tried than the budget allows", async () => {
  let tried = 0;
  const short = await shortened(planOf(16), {
    fails: (plan) => {
      tried++;
      return Promise.resolve(hasAll(plan, [3, 12]));
    },
    budget: 4,
  });
  assert.equal(tried, 4);
  assert.equal(short.tried, 4);
  assert.ok(hasAll(short.plan, [3, 12]));
});
