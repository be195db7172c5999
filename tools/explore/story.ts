/**
 * The order of a run: the world starts, deeds are played, everything comes to rest, rest lasts, the sets are removed and
 * nothing is left. Knows the limits in time and what is counted; single rules are somebody else's.
 */
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import {
  clusterContent,
  githubLeft,
  isNothingLeft,
  type Watched,
} from "../../tests/journeys/invariants.ts";
import { EVENTS } from "../../kube/resources.ts";
import type { Event } from "../../kube/types.ts";
import { collectPods } from "./cluster_deeds.ts";
import { play } from "./deeds.ts";
import { lineOf } from "./plan.ts";
import { unrest } from "./rest.ts";
import type { Violation } from "./rules.ts";
import { HOME, type Scene } from "./scene.ts";
import { objectsOf, openJobs } from "./user_deeds.ts";

/** Until a session of every set is open. */
const START_LIMIT_S = 120;
/** Deeds that wait for others, such as a set that is made again, end within this time. */
const DEEDS_LIMIT_S = 900;
/** All jobs done, everything as users want it: GitHub is asked twice before a runner is given up. */
const REST_LIMIT_S = 900;
/** The same where it was told that a runner stays behind at GitHub: two sweeps, ten minutes apart, have to see it. */
const SWEPT_LIMIT_S = 1_500;
/**
 * Nothing is written for so long, sooner or later: longer than a poll whose answer was lost takes to be given up, and the
 * next one to end (90 and 50 s), after which the listener has its last words.
 */
const SILENT_S = 160;
const SILENCE_LIMIT_S = 1_200;
/** How long the world is watched at rest. */
const CALM_S = 120;
const REMOVAL_LIMIT_S = 120;
/** Writes for each runner, and besides: many, as every fault costs some. */
const WRITES = { each: 30, besides: 400 };

type Violated = (rule: string, what: string) => void;

/** Returns how long the world took to come to rest, in virtual seconds. */
export async function live(
  scene: Scene,
  seen: { readonly watched: Watched; readonly violations: Violation[] },
): Promise<number> {
  const violated: Violated = (rule, what) => seen.violations.push({ rule, what });
  const before = await start(scene, violated);
  await storm(scene, violated);
  const { restS, wrong } = await comeToRest(scene);
  if (wrong.length > 0) violated("rest", `after ${restS} s of peace: ${wrong.join("; ")}`);
  else await stayCalm(scene, violated);
  const left = await removeSets(scene, before);
  // What never came to rest has been told already.
  if (left !== undefined && wrong.length === 0) {
    violated("leak", `${REMOVAL_LIMIT_S} s after the sets were deleted: ${left}`);
  }
  for (const what of seen.watched.broken) violated(ruleOf(what), what);
  return restS;
}

/** Returns what the cluster holds besides the sets. */
async function start(scene: Scene, violated: Violated): Promise<readonly string[]> {
  const { stage, plan, wanted, trace } = scene;
  const objects = wanted.flatMap(objectsOf);
  const isSet = ({ kind }: { readonly kind?: string }) => kind === AUTOSCALING_RUNNER_SETS.kind;
  await stage.world.apply(objects.filter((object) => !isSet(object)));
  const before = clusterContent(stage);
  trace.restart();
  for (let n = 0; n < plan.setting.replicas; n++) scene.replicas.start();
  await stage.world.apply(objects.filter(isSet));
  const isOpen = () => {
    const { scaleSets } = githubLeft(stage);
    return scaleSets.length === wanted.length && scaleSets.every(({ session }) => session);
  };
  if (!await stage.clock.runUntil(isOpen, { limitMs: START_LIMIT_S * 1000 })) {
    violated("start", `no session within ${START_LIMIT_S} s`);
  }
  return before;
}

/** Plays the deeds at their moments, and waits for the last of them to end. */
async function storm(scene: Scene, violated: Violated): Promise<void> {
  const { stage, plan, trace } = scene;
  trace.note("story", "the storm begins");
  const failed: unknown[] = [];
  let open = 0;
  let passedS = 0;
  for (const timed of plan.deeds) {
    await stage.pass(Math.max(0, timed.atS - passedS));
    passedS = Math.max(passedS, timed.atS);
    trace.mark(lineOf(timed));
    open++;
    play(scene, timed).catch((thrown) => failed.push(thrown)).finally(() => open--);
  }
  await stage.pass(plan.setting.stormS - passedS);
  if (!await stage.clock.runUntil(() => open === 0, { limitMs: DEEDS_LIMIT_S * 1000 })) {
    violated("deeds", `a set that was deleted is still there after ${DEEDS_LIMIT_S} s`);
  }
  if (failed.length > 0) throw failed[0];
  scene.calls.disarm();
  scene.scripts.length = 0;
  await collectPods(scene);
  trace.note("story", "the storm is over");
}

interface Rest {
  readonly restS: number;
  /** What is still not as it should be. */
  readonly wrong: readonly string[];
}

async function comeToRest(scene: Scene): Promise<Rest> {
  const { stage, trace } = scene;
  const startS = trace.seconds;
  const isCalm = () => openJobs(scene).length === 0 && unrest(scene).length === 0;
  const limitS = () => isLeftBehind(scene) ? SWEPT_LIMIT_S : REST_LIMIT_S;
  while (!isCalm() && trace.seconds - startS < limitS()) await stage.pass(10);
  const wrong = unrest(scene);
  if (wrong.length === 0) trace.note("story", "the world is at rest");
  return { restS: Math.round(trace.seconds - startS), wrong };
}

/** Whether the product said so. */
function isLeftBehind({ stage }: Scene): boolean {
  return stage.stored<Event>(EVENTS).some(({ reason }) => reason === "RunnerLeftBehind");
}

/** Returns what is left on either side, if anything. */
async function removeSets(
  scene: Scene,
  before: readonly string[],
): Promise<string | undefined> {
  const { stage, trace, wanted } = scene;
  trace.note("story", "the sets are removed");
  for (const { name } of wanted) {
    await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, { namespace: HOME, name });
  }
  const isGone = () => isNothingLeft(stage, before);
  if (await stage.clock.runUntil(isGone, { limitMs: REMOVAL_LIMIT_S * 1000 })) return undefined;
  const left = clusterContent(stage).filter((name) => !before.includes(name));
  return `${left.join(", ")} ${JSON.stringify(githubLeft(stage))}`;
}

/** At rest nothing is written, and nothing changes. */
async function stayCalm(
  scene: Scene,
  violated: Violated,
): Promise<void> {
  const { stage, trace } = scene;
  const startS = trace.seconds;
  let before = writesOf(scene);
  for (let isSilent = false; !isSilent && trace.seconds - startS < SILENCE_LIMIT_S;) {
    await stage.pass(SILENT_S);
    const now = writesOf(scene);
    isSilent = JSON.stringify(now) === JSON.stringify(before);
    before = now;
  }
  await stage.pass(CALM_S);
  const wrong = unrest(scene);
  if (wrong.length > 0) violated("rest", `later: ${wrong.join("; ")}`);
  const after = writesOf(scene);
  const written = Object.entries(after).filter(([call, times]) => times !== (before[call] ?? 0));
  if (written.length > 0) {
    const words = written.map(([call, times]) => `${call} ${times - (before[call] ?? 0)} times`);
    violated("writes", `at rest, in ${CALM_S} s: ${words.join(", ")}`);
  }
  const sum = Object.values(after).reduce((sum, times) => sum + times, 0);
  const runners = after["create ephemeralrunners"] ?? 0;
  const most = WRITES.besides + WRITES.each * runners;
  if (sum > most) violated("writes", `${sum} writes for ${runners} runners, more than ${most}`);
}

/** What our processes wrote to the cluster, without leases and Events. */
function writesOf({ stage }: Scene): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(stage.calls()).filter(([call]) =>
      /^(create|update|patch|delete) /.test(call) && !/ (leases|events)$/.test(call)
    ),
  );
}

function ruleOf(broken: string): string {
  if (broken.startsWith("Job")) return "twice";
  return broken.startsWith("The pod") ? "busy" : "max";
}
