import assert from "node:assert/strict";
import { InvalidInput } from "../../lib/errors.ts";
import {
  boolean,
  choice,
  duration,
  durationRange,
  integer,
  list,
  listenAddress,
  number,
  rate,
  repeatable,
  secretText,
  text,
} from "../../lib/flag_parsers.ts";
import { type FlagParser, parseFlags } from "../../lib/flags.ts";

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

interface Row {
  readonly parser: FlagParser<unknown>;
  readonly accepted: Readonly<Record<string, unknown>>;
  readonly refused: readonly string[];
}

const rows: Readonly<Record<string, Row>> = {
  "text takes anything": { parser: text(), accepted: { "": "", "a b": "a b" }, refused: [] },
  "a whole number keeps within its bounds": {
    parser: integer({ min: -1, max: 3 }),
    accepted: { "-1": -1, "3": 3, "0": 0 },
    refused: ["4", "-2", "1.5", "1e3", "0x1", "", " 1", "one"],
  },
  "a number may have decimals": {
    parser: number({ min: 0 }),
    accepted: { "1.5": 1.5, "2": 2 },
    refused: ["-1", "1.", ".5", "NaN", "Infinity", "1e3"],
  },
  "a duration keeps within its bounds": {
    parser: duration({ min: 1_000, max: 60_000 }),
    accepted: { "1s": 1_000, "1m": 60_000 },
    refused: ["999ms", "61s", "30"],
  },
  "a range of durations": {
    parser: durationRange(),
    accepted: { "1s..2s": { fromMs: 1_000, toMs: 2_000 } },
    refused: ["2s..1s"],
  },
  "a rate": { parser: rate(), accepted: { "30/m": 0.5 }, refused: ["30"] },
  "a choice takes its words only": {
    parser: choice(["json", "text"]),
    accepted: { json: "json" },
    refused: ["JSON", "", "xml"],
  },
  "a boolean is written as Go does": {
    parser: boolean(),
    accepted: { true: true, "1": true, T: true, false: false, "0": false },
    refused: ["yes", "", "no"],
  },
  "a list is cut at its commas": {
    parser: list(),
    accepted: { "a, b,,c": ["a", "b", "c"], "": [] },
    refused: [],
  },
  "a repeatable value refuses what its parser refuses": {
    parser: repeatable(integer()),
    accepted: { "1,2": [1, 2] },
    refused: ["1,x"],
  },
  "an address": {
    parser: listenAddress(),
    accepted: { ":8080": { host: "", port: 8080 }, "0": "off" },
    refused: ["8080", "host"],
  },
};

for (const [claim, { parser, accepted, refused }] of Object.entries(rows)) {
  pure(claim, () => {
    for (const [written, value] of Object.entries(accepted)) {
      assert.deepEqual(parser.parse(written), value, written);
      assert.deepEqual(parser.parse(parser.format(value)), value, `${written}, formatted`);
    }
    for (const written of refused) assert.equal(parser.parse(written), undefined, written);
  });
}

pure("bounds are told in the words of the value", () => {
  assert.equal(integer({ min: 1 }).accepts, "a whole number of at least 1");
  assert.match(duration({ max: 60_000 }).accepts, /of at most 1m$/);
});

pure("a secret shows neither as a value nor in a refusal", () => {
  const parser = secretText();
  assert.equal(String(parser.parse("hush")), "[redacted]");
  assert.equal(parser.parse("hush")?.reveal(), "hush");
  const picky: FlagParser<string> = { ...text(), secret: true, parse: () => undefined };
  assert.throws(
    () =>
      parseFlags({ token: { flag: "--token", parser: picky, default: "", help: "Token." } }, {
        args: ["--token=hush"],
      }),
    new InvalidInput("Invalid value for --token: expected text"),
  );
});
