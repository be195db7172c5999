/**
 * `deno task explore`: plays seeds against the rules, tells what broke, shortens it. Knows the command line and the order
 * of things; everything else is in the files beside it.
 */
import { systemClock } from "../../lib/clock.ts";
import { InvalidInput, messageOf } from "../../lib/errors.ts";
import { helpText } from "../../lib/flag_help.ts";
import { asksForHelp } from "../../lib/flags.ts";
import { REGRESSIONS } from "../../tests/journeys/regressions/regressions.ts";
import { workThrough } from "./crew.ts";
import { drawPlan } from "./draw.ts";
import { exploreFlags, type ExploreOptions, firstSeedOf, parseOptions } from "./options.ts";
import type { Plan } from "./plan.ts";
import { planOf } from "./plan_text.ts";
import type { RaceResult } from "./race.ts";
import {
  failureLines,
  joined,
  NOTHING,
  planLines,
  raceLines,
  summaryLines,
  withRun,
} from "./report.ts";
import { runPlan, type RunResult } from "./run.ts";
import { shortened } from "./shrink.ts";
import type { Task } from "./worker.ts";

const HELP = {
  usage: "deno task explore [flags]",
  summary:
    "Plays random faults against the whole product on virtual time, and checks what must hold.",
};

/** How often progress is told, in seeds. */
const PROGRESS = 250;
/** Failures that are shortened and told whole; of more only the number is told. */
const MOST_TOLD = 3;
/** Runs that shortening one failure may take. */
const SHORTENING = 60;
/** Races of one task. */
const RACES_A_TASK = 100;

/** Whether every rule held. */
export async function explore(
  options: ExploreOptions,
  say: (line: string) => void,
): Promise<boolean> {
  if (options.scenario !== undefined) return await race(options, say);
  if (options.plan !== undefined) {
    return await replay(planOf(await written(options.plan)), options, say);
  }
  if (options.seed !== undefined) return await replay(drawPlan(options.seed), options, say);
  return await exploreSeeds(options, say);
}

/** What is in a file, or comes in at "-". */
async function written(file: string): Promise<string> {
  if (file === "-") return await new Response(Deno.stdin.readable).text();
  try {
    return await Deno.readTextFile(file);
  } catch (thrown) {
    throw new InvalidInput(`Cannot read the plan "${file}": ${messageOf(thrown)}`);
  }
}

async function exploreSeeds(
  options: ExploreOptions,
  say: (line: string) => void,
): Promise<boolean> {
  const { seeds, bug, workers } = options;
  const startMs = systemClock.now().getTime();
  const first = firstSeedOf(options.from, systemClock.now());
  let summary = NOTHING;
  for (const { says, plan } of REGRESSIONS) {
    const result = await runPlan(plan, { bug });
    summary = withRun(summary, result);
    if (result.violations.length > 0) say(`The regression is back: ${says}`);
    for (const { rule, what } of result.violations) say(`VIOLATION ${rule}: ${what}`);
  }
  say(`${REGRESSIONS.length} regressions; now seeds ${first} to ${first + seeds - 1}`);
  const failed: number[] = [];
  const tasks = Array.from({ length: seeds }, (_, at): Task => ({
    do: "seed",
    seed: first + at,
    bug,
  }));
  let done = 0;
  await workThrough(tasks, {
    workers,
    onAnswer: (answer) => {
      if (answer.of !== "seed") return;
      summary = withRun(summary, answer.result);
      if (answer.result.violations.length > 0) {
        failed.push(answer.seed);
        say(`Seed ${answer.seed}: ${answer.result.violations[0]?.rule}`);
      }
      if (++done % PROGRESS === 0) say(`  ${done} of ${seeds} seeds`);
    },
  });
  const wallMs = systemClock.now().getTime() - startMs;
  for (const seed of failed.sort((a, b) => a - b).slice(0, MOST_TOLD)) {
    await tellFailure(drawPlan(seed), options, say);
  }
  if (failed.length > 0) say(`Failed seeds: ${failed.join(" ")}`);
  for (const line of summaryLines(summary, wallMs)) say(line);
  return summary.violations === 0;
}

/** One seed with everything that happens. */
async function replay(
  plan: Plan,
  options: ExploreOptions,
  say: (line: string) => void,
): Promise<boolean> {
  const result = await runPlan(plan, { bug: options.bug });
  for (const line of [...planLines(plan), ...result.trace]) say(line);
  say(`Fingerprint ${result.fingerprint}`);
  if (result.violations.length > 0) await tellFailure(plan, options, say);
  for (const line of summaryLines(withRun(NOTHING, result), 0)) say(line);
  return result.violations.length === 0;
}

/** Shortens the plan of a run that failed, and tells it. */
async function tellFailure(
  plan: Plan,
  { bug, plan: file }: ExploreOptions,
  say: (line: string) => void,
): Promise<void> {
  const rulesOf = (result: RunResult) => result.violations.map(({ rule }) => rule);
  const [rule] = rulesOf(await runPlan(plan, { bug }));
  if (rule === undefined) return say(`Seed ${plan.seed} holds when it is played again`);
  const short = await shortened(plan, {
    fails: async (candidate) => rulesOf(await runPlan(candidate, { bug })).includes(rule),
    budget: SHORTENING,
  });
  say("");
  say(
    `Seed ${plan.seed} fails; of its ${plan.deeds.length} deeds ${short.plan.deeds.length} ` +
      `suffice (${short.tried} runs tried):`,
  );
  for (const line of failureLines(short.plan, await runPlan(short.plan, { bug }))) say(line);
  const again = file === undefined ? `--seed ${plan.seed}` : `--plan ${file}`;
  say(`Replay it whole: deno task explore ${again}`);
}

async function race(options: ExploreOptions, say: (line: string) => void): Promise<boolean> {
  const { runs, workers } = options;
  const startMs = systemClock.now().getTime();
  const first = firstSeedOf(options.from, systemClock.now());
  const tasks = Array.from({ length: Math.ceil(runs / RACES_A_TASK) }, (_, at): Task => ({
    do: "race",
    seed: first + at,
    races: Math.min(RACES_A_TASK, runs - at * RACES_A_TASK),
  }));
  let sum: RaceResult = { races: 0, refused: 0, jobs: 0, killed: 0, broken: [], virtualS: 0 };
  await workThrough(tasks, {
    workers,
    onAnswer: (answer) => {
      if (answer.of === "race") sum = joined(sum, answer.result);
    },
  });
  for (const line of raceLines(sum, systemClock.now().getTime() - startMs)) say(line);
  return sum.killed === 0 && sum.broken.length === 0;
}

function toStdout(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  try {
    if (asksForHelp(Deno.args)) toStdout(helpText(exploreFlags, HELP));
    else if (!await explore(parseOptions(Deno.args), toStdout)) Deno.exitCode = 1;
  } catch (thrown) {
    if (!(thrown instanceof InvalidInput)) throw thrown;
    toStdout(thrown.message);
    Deno.exitCode = 2;
  }
}
