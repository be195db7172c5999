/** Random faults of groups A and B, then quiet: it always polls again, and no job is lost or doubled. */
import assert from "node:assert/strict";
import { seededRandom } from "../../lib/random.ts";
import { playChaos } from "../../sim/github/chaos.ts";
import { allSucceeded, hasSession, jobsOf } from "../journeys/invariants.ts";
import { conditionText, openStory, queue } from "./stories.ts";

const MINUTE = 60;
const SEEDS = 24;

for (let seed = 1; seed <= SEEDS; seed++) {
  Deno.test(`after ten bad minutes it polls again, and no job is lost or doubled (seed ${seed})`, () =>
    live(seed));
}

async function live(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const story = await openStory({
    seed,
    max: 12,
    github: { backend: seed % 2 === 0 ? "broker" : "pipelines" },
    set: { min: seed % 3 },
  });
  await using stage = story.stage;
  const { control, calls } = stage.world.github;
  const mishaps: string[] = [];
  const day = playChaos({
    control,
    clock: stage.clock,
    random,
    forMs: 10 * MINUTE * 1000,
    onMishap: (what) => mishaps.push(what),
  }, new AbortController().signal);
  for (let n = 0; n < 20; n++) {
    queue(stage, Math.floor(random() * 5), { durationMs: { fromMs: 1_000, toMs: 90_000 } });
    await stage.pass(30);
  }
  await stage.pass(10);
  await day;
  assert.ok(mishaps.length > 60, `${mishaps.length} mishaps`);
  const before = calls.poll;
  await stage.until("it polls again", () => hasSession(stage) && calls.poll > before, 2 * MINUTE);
  await stage.until("all jobs are done", () => allSucceeded(stage), 15 * MINUTE);
  const min = seed % 3;
  await stage.until("it is at its minimum", () => stage.runners().length === min, 15 * MINUTE);
  await stage.until("all is well", () => {
    return conditionText(stage, "SessionHealthy") === "True Polling";
  }, 2 * MINUTE);
  assert.ok(jobsOf(stage).length > 10);
  await stage.pass(5 * MINUTE);
  assert.equal(stage.runners().length, min);
  assert.equal(stage.world.github.control.state().scaleSets[0]?.undeletedMessages, 0);
  story.check();
}
