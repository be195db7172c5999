/** The page of faults: each has tests, and no test bears an id that is none. */
import assert from "node:assert/strict";
import { FAULTS, faultSection } from "../../../tools/gen/faults_page.ts";
import { titlesBearing, titlesNaming } from "../../../tools/gen/test_titles.ts";
import { ROOT } from "../../../tools/gen.ts";

const ids = Object.values(FAULTS).flatMap((faults) => Object.keys(faults));
// Spelled in two parts, so that these rows do not stand on the page themselves.
const ID = "F" + "01";

Deno.test("every fault is made to happen by a test", async () => {
  const titles = await titlesNaming(/\bF\d\d\b/, ROOT);
  assert.deepEqual(ids.filter((id) => titlesBearing(id, titles).length === 0), []);
});

Deno.test("no test bears the id of a fault that is not told", async () => {
  const titles = await titlesNaming(/\bF\d\d\b/, ROOT);
  const borne = titles.flatMap(({ text }) => text.match(/\bF\d\d\b/g) ?? []);
  assert.deepEqual([...new Set(borne)].filter((id) => !ids.includes(id)), []);
});

Deno.test("a fault lists the titles that bear its id", () => {
  const titles = [{ text: `${ID}: is heard again`, path: "tests/a_test.ts" }];
  assert.deepEqual(faultSection([ID, "It dies."], titles), [
    `### ${ID}`,
    "It dies.",
    `- ${ID}: is heard again (\`tests/a_test.ts\`)`,
  ]);
});

Deno.test("a fault without a test says so", () => {
  assert.equal(faultSection([ID, "It dies."], []).at(-1), "No test yet.");
});
