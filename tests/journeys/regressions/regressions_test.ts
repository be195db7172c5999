import assert from "node:assert/strict";
import { runPlan } from "../../../tools/explore/run.ts";
import { REGRESSIONS } from "./regressions.ts";

for (const { says, plan } of REGRESSIONS) {
  Deno.test(`what exploring once found holds: ${says}`, async () => {
    assert.deepEqual((await runPlan(plan)).violations, []);
  });
}
