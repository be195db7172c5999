import assert from "node:assert/strict";
import { drawPlan } from "../../../tools/explore/draw.ts";
import { labelOf, lineOf } from "../../../tools/explore/plan.ts";

Deno.test("a seed always means the same plan, which survives JSON", () => {
  for (let seed = 0; seed < 50; seed++) {
    assert.deepEqual(JSON.parse(JSON.stringify(drawPlan(seed))), drawPlan(seed));
  }
});

Deno.test("plans keep the order of time and stay within their storm", () => {
  for (let seed = 0; seed < 200; seed++) {
    const { deeds, setting } = drawPlan(seed);
    const moments = deeds.map(({ atS }) => atS);
    assert.deepEqual(moments, moments.toSorted((a, b) => a - b));
    assert.ok(moments.every((atS) => atS >= 0 && atS < setting.stormS));
  }
});

Deno.test("a minimum never exceeds a maximum, whatever the order of edits", () => {
  for (let seed = 0; seed < 500; seed++) {
    const { deeds, setting } = drawPlan(seed);
    setting.sets.forEach((set, at) => {
      const edits = deeds.filter((deed) => deed.do === "edit").filter((deed) => deed.set === at);
      const mins = [set.min, ...edits.flatMap(({ min }) => min ?? [])];
      const maxes = [set.max, ...edits.flatMap(({ max }) => max ?? [])];
      assert.ok(Math.max(...mins) <= Math.min(...maxes), `seed ${seed}`);
    });
  }
});

Deno.test("a few hundred seeds hold every kind of fault, and a line for each", () => {
  const kinds = new Set<string>();
  for (let seed = 0; seed < 2_000; seed++) {
    for (const timed of drawPlan(seed).deeds) {
      kinds.add(labelOf(timed));
      assert.match(lineOf(timed), /^ *[\d.]+ s {2}[a-z-]+/);
    }
  }
  const wanted = [
    "crash of a controller before a write",
    "crash of a controller after a write",
    "crash of a listener before a write",
    "crash of a listener after a write",
    "kubernetes, asked by a controller: conflict",
    "kubernetes, asked by a listener: 429 with Retry-After",
    "github, asked by a controller: done twice",
    "stale watches of a controller",
    "watches: expire",
    "node silent",
    "edit of template",
    "deleted by somebody: ephemeral runner set",
    "deleted by somebody: listener pod",
    "lose-credential",
    "isolate",
    "quota",
    "bad-image",
    "runners: never-register",
    "runners: hang-after-job",
    "github: F31 a forgotten scale set",
  ];
  assert.deepEqual(wanted.filter((kind) => !kinds.has(kind)), []);
});
