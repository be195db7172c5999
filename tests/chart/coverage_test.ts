/** No key of a values file without a test that names it, and no test of a key that is not there. */
import assert from "node:assert/strict";
import { CHARTS, CONTROLLER_CHART } from "../../tools/gen/charts.ts";
import { uncommented, unexplained, valuesKeys } from "../../tools/gen/chart_values.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { plainTest } from "./chart_test_case.ts";
import { CONTROLLER_CASES } from "./controller_cases.ts";
import { RUNNER_SET_CASES } from "./runner_set_cases.ts";

for (const chart of CHARTS) {
  const cases = chart === CONTROLLER_CHART ? CONTROLLER_CASES : RUNNER_SET_CASES;
  const text = Deno.readTextFileSync(new URL(`../../chart/${chart}/values.yaml`, import.meta.url));
  const keys = valuesKeys(text, chart).filter(({ type }) => type !== undefined)
    .map(({ path }) => path);
  const covered = new Set(cases.flatMap(({ covers }) => covers));

  plainTest(`${chart}: every key of values.yaml is covered by a test`, () => {
    assert.ok(keys.length > 20);
    assert.deepEqual(keys.filter((key) => !covered.has(key)), []);
  });

  plainTest(`${chart}: no test covers a key that values.yaml does not have`, () => {
    assert.deepEqual([...covered].filter((key) => !keys.includes(key)), []);
  });

  plainTest(`${chart}: every value of values.yaml is explained above it`, () => {
    assert.deepEqual(unexplained(text, chart), []);
  });

  plainTest(`${chart}: values.yaml is valid with every key set, each in its place`, () => {
    assert.equal(parseDocuments(uncommented(text), chart).length, 1);
  });
}
