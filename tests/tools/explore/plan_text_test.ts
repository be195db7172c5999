import assert from "node:assert/strict";
import { InvalidInput } from "../../../lib/errors.ts";
import { drawPlan } from "../../../tools/explore/draw.ts";
import { planOf } from "../../../tools/explore/plan_text.ts";

Deno.test(
  "a plan is read as it was printed, with the words before it",
  { permissions: "none" },
  () => {
    const plan = drawPlan(7);
    assert.deepEqual(planOf(JSON.stringify(plan)), plan);
    assert.deepEqual(planOf(`As a regression: ${JSON.stringify(plan)}\n`), plan);
  },
);

const { setting } = drawPlan(7);
const REFUSED: readonly (readonly [text: string, why: RegExp])[] = [
  ["", /it is not JSON$/],
  ["seed 12", /it is not JSON$/],
  ["{}", /its seed is not a number$/],
  ['{"seed":1}', /it has no sets$/],
  [JSON.stringify({ seed: 1, setting: { ...setting, sets: [] }, deeds: [] }), /it has no sets$/],
  [
    JSON.stringify({ seed: 1, setting: { ...setting, stormS: "long" }, deeds: [] }),
    /its setting's stormS is not a number$/,
  ],
  [JSON.stringify({ seed: 1, setting }), /its deeds are not a list$/],
  [
    JSON.stringify({ seed: 1, setting, deeds: [{ do: "sleep", atS: 1 }] }),
    /deed 1 is none: \{"do":"sleep","atS":1\}$/,
  ],
  [JSON.stringify({ seed: 1, setting, deeds: [null] }), /deed 1 is none: null$/],
];

for (const [text, why] of REFUSED) {
  Deno.test(`no plan: ${text.slice(0, 40)} ${why}`, { permissions: "none" }, () => {
    assert.throws(() => planOf(text), (thrown) => {
      assert.ok(thrown instanceof InvalidInput);
      assert.match(thrown.message, /^This is not a plan as exploring prints it: /);
      assert.match(thrown.message, why);
      return true;
    });
  });
}
