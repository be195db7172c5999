import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { type Random, seededRandom } from "../../lib/random.ts";
import {
  allSucceeded,
  assertNothingLeft,
  clusterContent,
  githubLeft,
  hasSession,
  isNothingLeft,
  openWatchedStage,
} from "./invariants.ts";
import { setObjects, type Stage } from "./stage.ts";
import { badWeather } from "./weather.ts";

const MAX = 4;
const STORM_S = 240;

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  Deno.test(`a storm of four minutes costs no job and no runner too many (seed ${seed})`, () =>
    live(seed));
}

/** Jobs come and go while a quarter of all calls go wrong and watches and sessions are lost. */
async function live(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const backend = seed % 2 === 0 ? "broker" : "pipelines";
  const watched = await openWatchedStage({ max: MAX, seed, github: { backend } });
  await using stage = watched.stage;
  const objects = setObjects({ min: 1, max: MAX });
  await stage.world.apply(objects.filter(({ kind }) => kind !== AUTOSCALING_RUNNER_SETS.kind));
  const before = clusterContent(stage);
  stage.startController();
  await stage.world.apply(objects);
  await stage.until("a session is open", () => hasSession(stage), 60);

  const weather = badWeather({ clock: stage.clock, random, share: 0.25 });
  stage.taps.controller = stage.taps.listener = weather.tap;
  for (let passed = 0; passed < STORM_S;) {
    const seconds = 5 + Math.round(random() * 20);
    happen(stage, random);
    stage.world.github.control.queueJobs({
      scaleSet: "linux",
      count: Math.floor(random() * 3),
      durationMs: { fromMs: 1_000, toMs: 60_000 },
    });
    await stage.pass(seconds);
    passed += seconds;
  }
  assert.ok(weather.spoilt > 20, `only ${weather.spoilt} calls went wrong`);
  assert.ok(weather.calls < 5 * STORM_S, `${weather.calls} calls in ${STORM_S} s`);
  weather.clear();
  await stage.until("all jobs are done", () => allSucceeded(stage), 400);
  await stage.until("the set is at its minimum", () => {
    const { runners } = githubLeft(stage);
    return stage.runners().length === 1 && runners.length === 1 && runners[0]?.state === "online";
  }, 300);
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, {
    namespace: "arc-runners",
    name: "linux",
  });
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 90);
  assertNothingLeft(stage, before);
  watched.check();
}

/** Something that no single call is about. */
function happen(stage: Stage, random: Random): void {
  const { api, github } = stage.world;
  const events = [
    () => api.endWatches("close"),
    () => api.endWatches("break"),
    () => api.endWatches("expire"),
    () => {
      api.compact();
      api.endWatches("break");
    },
    () => github.control.loseSession(1),
    () => {},
  ];
  events[Math.floor(random() * events.length)]?.();
}
