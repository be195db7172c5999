import assert from "node:assert/strict";
import { seededRandom } from "../../../lib/random.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { MISHAP_NAMES, playChaos, playMishap } from "../../../sim/github/chaos.ts";
import { startGitHubSim } from "../../../sim/github/server.ts";

async function day(seed: number, forMs: number, stopAfterMs = forMs + 60_000) {
  const clock = new VirtualClock();
  const github = startGitHubSim({ clock, random: seededRandom(1), baseUrl: "https://sim" });
  const mishaps: string[] = [];
  const stop = new AbortController();
  let isOver = false;
  const playing = playChaos({
    control: github.control,
    clock,
    random: seededRandom(seed),
    forMs,
    onMishap: (what) => mishaps.push(what),
  }, stop.signal).then(() => isOver = true);
  await clock.advance(stopAfterMs);
  stop.abort(new Error("enough"));
  await playing;
  // Nothing goes wrong any more: a call of nobody is refused for what it is.
  const answer = await github.handle(new Request("https://sim/_sim/state"));
  await answer.body?.cancel();
  await github.stop();
  return { mishaps, isOver };
}

Deno.test("a bad day follows from its seed", async () => {
  const first = await day(1, 120_000);
  assert.deepEqual((await day(1, 120_000)).mishaps, first.mishaps);
  assert.notDeepEqual((await day(2, 120_000)).mishaps, first.mishaps);
});

Deno.test("everything that can happen happens sooner or later, a forgotten set at most twice", async () => {
  const { mishaps } = await day(3, 3_600_000);
  for (const id of ["F03", "F04", "F05", "F06", "F07", "F10", "F11", "F12", "F31"]) {
    assert.ok(mishaps.some((what) => what.startsWith(id)), id);
  }
  assert.ok(mishaps.filter((what) => what.startsWith("F31")).length <= 2);
});

Deno.test("a day without end ends when it is told to", async () => {
  const { mishaps, isOver } = await day(4, Infinity, 60_000);
  assert.ok(isOver && mishaps.length > 5);
});

Deno.test("one mishap lasts as long as it is told to, and then all is well", async () => {
  const clock = new VirtualClock();
  const github = startGitHubSim({ clock, random: seededRandom(1), baseUrl: "https://sim" });
  const ask = async () => {
    const url = "https://sim/orgs/octo/actions/runners/registration-token";
    const headers = { authorization: "Bearer ghp_example", "user-agent": "{}" };
    const answer = await github.handle(new Request(url, { method: "POST", headers }));
    await answer.body?.cancel();
    return answer.status;
  };
  const well = await ask();
  const outage = MISHAP_NAMES.find((name) => name.startsWith("F06")) ?? "";
  const { control } = github;
  const options = { control, clock, random: seededRandom(1), forMs: 5_000 };
  const playing = playMishap(outage, options, new AbortController().signal);
  assert.ok([500, 502, 503].includes(await ask()));
  await clock.advance(5_000);
  await playing;
  assert.equal(await ask(), well);
  await github.stop();
});
