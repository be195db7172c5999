/**
 * The race that matters most (F23): scale-down picks a runner at the moment it gets a job. A warm set is scaled down
 * again and again while jobs come at random moments in between; not one job may be killed.
 */
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { seededRandom } from "../../lib/random.ts";
import { hasSession, openWatchedStage } from "../../tests/journeys/invariants.ts";
import type { Stage } from "../../tests/journeys/stage.ts";
import { HOME } from "./scene.ts";

export interface RaceResult {
  /** Runners that scale-down asked for while jobs were coming. */
  readonly races: number;
  /** Of these, how many GitHub refused to let go, as they had just been given a job. */
  readonly refused: number;
  /** Jobs that came meanwhile, and how many of them did not end well. */
  readonly jobs: number;
  readonly killed: number;
  /** What went wrong, in words. */
  readonly broken: readonly string[];
  readonly virtualS: number;
}

/** Runners that are scaled down at a time. */
const WARM = 20;
const KEY = { namespace: HOME, name: "linux" };
/** After so long, in seconds, a surplus runner may be asked to go, and every job is over. */
const IDLE_S = 40;
const OVER_S = 600;

/** `races` of them, or a few more, in one world. The same seed gives the same races. */
export async function runRaces(
  options: { readonly seed: number; readonly races: number },
): Promise<RaceResult> {
  const random = seededRandom(options.seed);
  const watched = await openWatchedStage({
    seed: options.seed,
    max: 2 * WARM,
    github: {
      backend: random() < 0.5 ? "broker" : "pipelines",
      latencyMs: { fromMs: 0, toMs: Math.round(random() * 200) },
    },
  });
  await using stage = watched.stage;
  const { control } = stage.world.github;
  const { clock } = stage;
  const startMs = clock.now().getTime();
  const raced = new Set<string>();
  let refused = 0;
  let jobs = 0;
  /** A job comes so many ms after now. */
  async function comeAfter(ms: number): Promise<void> {
    jobs++;
    await clock.sleep(ms);
    control.queueJobs({ scaleSet: "linux", count: 1, durationMs: { fromMs: 100, toMs: 8_000 } });
  }
  stage.taps.controller = async (request, send) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "DELETE" || !/\/agents\/\d+$/.test(pathname)) return;
    const isFirst = !raced.has(pathname);
    raced.add(pathname);
    const coming = isFirst && random() < 0.6 ? comeAfter(random() * 120) : undefined;
    await clock.sleep(random() * 100, request.signal);
    const response = await send();
    if (isFirst && !response.ok) refused++;
    await coming;
    return response;
  };
  stage.startController();
  await stage.addSet({ min: WARM, max: 2 * WARM });
  await stage.until("a session is open", () => hasSession(stage), 60);

  let races = 0;
  while (races < options.races) {
    await edit(stage, Math.min(WARM, options.races - races));
    await stage.pass(IDLE_S);
    raced.clear();
    await edit(stage, 0);
    for (let waitedS = 0; !isOver(stage) && waitedS < OVER_S; waitedS += 2) await stage.pass(2);
    races += raced.size;
  }
  const ended = control.state().jobs;
  return {
    races,
    refused,
    jobs,
    killed: ended.filter(({ result }) => result !== "succeeded").length,
    broken: watched.broken,
    virtualS: (clock.now().getTime() - startMs) / 1000,
  };
}

async function edit(stage: Stage, min: number): Promise<void> {
  await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, KEY, { spec: { minRunners: min } });
  await stage.pass(1);
}

function isOver(stage: Stage): boolean {
  if (stage.runners().length > 0) return false;
  return stage.world.github.control.state().jobs.every(({ state }) => state === "completed");
}
