import assert from "node:assert/strict";
import { flagsMarkdown, helpText } from "../../lib/flag_help.ts";
import { boolean, choice, duration, repeatable, text } from "../../lib/flag_parsers.ts";
import type { FlagTable } from "../../lib/flags.ts";

interface Config {
  readonly syncPeriodMs: number;
  readonly elect: boolean;
  readonly label: readonly string[];
  readonly format: "json" | "text";
  readonly name: string;
  readonly old?: string;
}

const table: FlagTable<Config> = {
  syncPeriodMs: {
    flag: "--sync-period",
    alias: "-s",
    env: "SYNC_PERIOD",
    parser: duration(),
    default: 60_000,
    help: "How often everything is looked at even if nothing changed, which costs a pass over it.",
  },
  elect: { flag: "--elect", parser: boolean(), default: false, help: "Elect a leader." },
  label: { flag: "--label", parser: repeatable(text()), default: [], help: "A label." },
  format: {
    flag: "--a-very-long-name-of-a-flag",
    parser: choice(["json", "text"]),
    default: "json",
    help: "How lines look.",
  },
  name: { flag: "--name", parser: text(), required: true, placeholder: "NAME", help: "Who." },
  old: { flag: "--old", parser: text(), help: "Gone.", hidden: true },
};

Deno.test({
  name: "help names every flag with its value, its sentence and where a value comes from",
  permissions: "none",
  fn() {
    assert.equal(
      helpText(table, { usage: "longshore try [flags]", summary: "Tries." }),
      `Tries.

Usage: longshore try [flags]

Flags:
  -s, --sync-period DURATION  How often everything is looked at even if nothing changed, which costs
                              a pass over it. (default 1m; environment SYNC_PERIOD)
  --elect                     Elect a leader. (default false)
  --label TEXT                A label. (repeatable)
  --a-very-long-name-of-a-flag json|text
                              How lines look. (default json)
  --name NAME                 Who. (required)
  -h, --help                  Print this text and exit.`,
    );
  },
});

Deno.test({
  name: "the documentation has a row for every flag that is not hidden",
  permissions: "none",
  fn() {
    const lines = flagsMarkdown(table).split("\n");
    assert.equal(lines.length, 2 + 5);
    assert.equal(
      lines[5],
      "| `--a-very-long-name-of-a-flag` |  | `json` | one of json, text | How lines look. |",
    );
    assert.match(lines[2] as string, /^\| `-s`, `--sync-period` \| `SYNC_PERIOD` \| `1m` \|/);
    assert.match(lines[6] as string, /\| required \|/);
    assert.doesNotMatch(lines.join("\n"), /--old/);
  },
});
