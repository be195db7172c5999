import assert from "node:assert/strict";
import { runRaces } from "../../../tools/explore/race.ts";

Deno.test("F23: of 100 runners that are scaled down while jobs come, none dies with a job", async () => {
  const result = await runRaces({ seed: 2, races: 100 });
  assert.ok(result.races >= 100, `${result.races} races`);
  assert.ok(result.refused >= 5, `only ${result.refused} came at the very moment`);
  assert.equal(result.killed, 0);
  assert.deepEqual(result.broken, []);
});

Deno.test("F23: the same seed gives the same races", async () => {
  const races = { seed: 5, races: 20 };
  assert.deepEqual(await runRaces(races), await runRaces(races));
});
