import assert from "node:assert/strict";
import { benchOptions, DEFAULT_SCENARIOS } from "../../bench/options.ts";
import { SCENARIOS } from "../../bench/scenarios.ts";
import { SCENARIO_NAMES } from "../../bench/options.ts";
import { InvalidInput } from "../../lib/errors.ts";

Deno.test("all but the hour runs when nothing is named", () => {
  assert.deepEqual(benchOptions([]).scenarios, DEFAULT_SCENARIOS);
  assert.ok(!DEFAULT_SCENARIOS.includes("soak"));
});

Deno.test("scenarios that are named run, and no others", () => {
  const { scenarios } = benchOptions(["--scenario", "latency", "--scenario=soak"]);
  assert.deepEqual(scenarios, ["latency", "soak"]);
});

Deno.test("a cluster that the bench did not start is refused unless one says that one knows", () => {
  assert.throws(() => benchOptions(["--cluster", "facts.json"]), (thrown) => {
    assert.ok(thrown instanceof InvalidInput);
    assert.match(thrown.message, /--cluster "facts.json".*--i-know/);
    return true;
  });
  assert.equal(benchOptions(["--cluster", "facts.json", "--i-know"]).cluster, "facts.json");
});

Deno.test("an unknown scenario is refused with those that there are", () => {
  assert.throws(() => benchOptions(["--scenario", "brust-50"]), /brust-50.*burst-50/);
});

Deno.test("every name but the limit has a scenario", () => {
  const played = SCENARIOS.map(({ name }) => name);
  assert.deepEqual(["limit", ...played].sort(), [...SCENARIO_NAMES].sort());
});
