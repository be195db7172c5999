import assert from "node:assert/strict";
import { InvalidInput } from "../../../lib/errors.ts";
import { firstSeedOf, parseOptions } from "../../../tools/explore/options.ts";

const REFUSED: readonly (readonly [args: string, sentence: RegExp])[] = [
  ["--seeds 0", /^Invalid value "0" for --seeds: expected a whole number from 1 to/],
  ["--seeds -3", /^Invalid value "-3" for --seeds/],
  ["--seeds many", /^Invalid value "many" for --seeds/],
  ["--seed x", /^Invalid value "x" for --seed: expected a whole number/],
  ["--seed 1.5", /^Invalid value "1.5" for --seed/],
  ["--seed", /^--seed needs a value/],
  ["--from yesterday", /^Invalid value "yesterday" for --from: .*a date such as/],
  ["--from 2026-13-45", /^Invalid value "2026-13-45" for --from/],
  ["--scenario other", /^Invalid value "other" for --scenario: .*scale-down-race/],
  ["--runs 0", /^Invalid value "0" for --runs/],
  ["--runs 5", /^--runs says how often a --scenario is played, and none is named$/],
  ["--seed 1 --seeds 5", /^--seeds does not go with --seed/],
  ["--seed 1 --from 5", /^--from does not go with --seed/],
  ["--seed 1 --scenario scale-down-race", /choose one$/],
  ["--plan p --scenario scale-down-race", /^--plan replays one run.*choose one$/],
  ["--plan p --from 5", /^--from does not go with --plan/],
  ["--seed 1 --plan p", /^--plan does not go with --seed/],
  ["--workers 0", /^Invalid value "0" for --workers/],
  ["--bug other", /^Invalid value "other" for --bug/],
  ["--sedes 5", /^Unknown flag "--sedes": did you mean --seeds\?$/],
  ["12", /^Unexpected argument "12"$/],
];

for (const [args, sentence] of REFUSED) {
  Deno.test(`explore ${args} is refused in one sentence`, () => {
    assert.throws(() => parseOptions(args.split(" ")), (thrown) => {
      assert.ok(thrown instanceof InvalidInput);
      assert.match(thrown.message, sentence);
      assert.doesNotMatch(thrown.message, /\n/);
      return true;
    });
  });
}

Deno.test("without flags 300 fresh seeds of today are explored", () => {
  const { seeds, from } = parseOptions([]);
  assert.equal(seeds, 300);
  const first = firstSeedOf(from, new Date("2026-11-22T23:59:59Z"));
  assert.equal(first, firstSeedOf(parseOptions(["--from", "2026-11-22"]).from, new Date(0)));
  assert.ok(firstSeedOf(from, new Date("2026-11-23T00:00:00Z")) >= first + seeds);
});

Deno.test("a first seed may be a number", () => {
  const { from } = parseOptions(["--from=12", "--seeds", "2000"]);
  assert.equal(firstSeedOf(from, new Date(0)), 12);
});
