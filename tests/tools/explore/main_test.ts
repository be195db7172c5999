import assert from "node:assert/strict";
import { explore } from "../../../tools/explore/main.ts";
import { REGRESSIONS } from "../../journeys/regressions/regressions.ts";
import { parseOptions } from "../../../tools/explore/options.ts";

async function told(
  ...args: readonly string[]
): Promise<{ readonly holds: boolean; readonly text: string }> {
  const lines: string[] = [];
  const holds = await explore(parseOptions(args), (line) => lines.push(line));
  return { holds, text: lines.join("\n") };
}

Deno.test("what holds is told with its faults, its virtual hours and 0 violations", async () => {
  const { holds, text } = await told("--seeds", "2", "--from", "1");
  assert.ok(holds, text);
  assert.match(text, /\n +\d+ {2}\S.*\n/);
  assert.match(text, /\n\d+ faults of \d+ kinds, \d+\.\d virtual hours in \d+ s\n/);
  assert.match(text, /\n\d+ runs, 0 violations$/);
});

Deno.test("a seed that fails is told with its number, a short plan, a trace and how to replay it", async () => {
  const { holds, text } = await told("--seeds", "1", "--from", "1", "--bug", "acknowledge-first");
  assert.ok(!holds);
  assert.match(text, /^Seed 1: acknowledged$/m);
  const [, all = "", few = ""] = /^Seed 1 fails; of its (\d+) deeds (\d+) suffice/m.exec(text) ??
    [];
  assert.ok(Number(few) < Number(all) && Number(few) > 0, `${few} of ${all}`);
  assert.match(text, /^VIOLATION acknowledged: message \d+, and runner \S+ is not marked$/m);
  assert.match(text, /^ +\d+\.\d{3} github {5}job \S+ running/m);
  assert.match(text, /^As a regression: \{"seed":1,/m);
  assert.match(text, /^Replay it whole: deno task explore --seed 1$/m);
  assert.match(text, /, [1-9]\d* violations$/);
});

Deno.test("one seed alone is told with everything that happens", async () => {
  const { holds, text } = await told("--seed", "1");
  assert.ok(holds, text);
  assert.match(text, /^Seed 1 in the world \{/m);
  assert.match(text, /the storm is over[^]*the world is at rest[^]*the sets are removed/);
  assert.match(text, /^Fingerprint [0-9a-f]{8}$/m);
});

Deno.test("a plan is played as it was printed", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, `As a regression: ${JSON.stringify(REGRESSIONS[0]?.plan)}\n`);
    const { holds, text } = await told("--plan", file);
    assert.ok(holds, text);
    assert.match(text, /^ {2}19\.6 s {2}delete, what ephemeral runner set, nth 79$/m);
    assert.match(text, /^1 runs, 0 violations$/m);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a plan that cannot be read is refused in one sentence", async () => {
  await assert.rejects(
    told("--plan", "no/such/file"),
    /^InvalidInput: Cannot read the plan "no\/such/,
  );
});

Deno.test("the scenario tells how many jobs were killed", async () => {
  const { holds, text } = await told(
    "--scenario",
    "scale-down-race",
    "--runs",
    "20",
    "--workers",
    "1",
  );
  assert.ok(holds, text);
  assert.match(text, /^\d+ races; in \d+ of them/m);
  assert.match(text, /^0 jobs killed$/m);
});
