/** What each scenario does on its stage, and from when on it is measured. Knows stories, no figures. */
import type { ScenarioFigures } from "./figures.ts";
import { Measurement } from "./measurement.ts";
import type { BenchOptions, ScenarioName } from "./options.ts";
import { systemClock } from "../lib/clock.ts";
import type { Stage } from "./stage.ts";

export interface Scenario {
  readonly name: ScenarioName;
  /** For a person. */
  readonly what: string;
  run(stage: Stage, options: BenchOptions): Promise<ScenarioFigures>;
}

/** Bookkeeping of a scene that was just set up has to be over before it is measured. */
const SETTLE_MS = 5_000;
/** Between lone jobs, so that what is written late is written for one job. */
const BETWEEN_JOBS_MS = 2_500;
const JOB_MS = 5_000;
/** Nobody looks at runners one by one while thousands come and go. */
const LOOK_EVERY_MS = 250;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "latency",
    what: "20 jobs of 1 s, one after the other, one set",
    run: (stage) => {
      const jobs = async () => {
        for (let number = 0; number < 20; number++) {
          await stage.queue({ set: "set-1", count: 1, durationMs: 1_000 });
          await atRest(stage);
          await stage.pause(BETWEEN_JOBS_MS);
        }
      };
      return onSets(stage, { count: 1, max: 10 }, named("latency"), jobs);
    },
  },
  ...[50, 200, 500, 1_000].map((count): Scenario => {
    const name = `burst-${count}` as ScenarioName;
    return {
      name,
      what: `${count} jobs of 5 s at once, one set`,
      run: (stage) => {
        const burst = async () => {
          await stage.queue({ set: "set-1", count, durationMs: JOB_MS });
          await atRest(stage);
        };
        return onSets(stage, { count: 1, max: 2 * count }, named(name), burst);
      },
    };
  }),
  {
    name: "churn",
    what: "100 jobs of 3 s at a time, one set",
    run: (stage, { churnMs }) => {
      const churn = async () => {
        await stage.churn({ set: "set-1", count: 100, durationMs: 3_000, forMs: churnMs });
        await atRest(stage);
      };
      return onSets(stage, { count: 1, max: 200 }, named("churn"), churn);
    },
  },
  {
    name: "fleet",
    what: "100 sets, then 2 jobs of 5 s each at once",
    run: (stage) => {
      const jobs = async () => {
        for (const set of stage.sets) await stage.queue({ set, count: 2, durationMs: JOB_MS });
        await atRest(stage);
      };
      return onSets(stage, { count: 100, max: 10 }, named("fleet"), jobs);
    },
  },
  ...[1, 100].map((count): Scenario => {
    const name = `idle-${count}` as ScenarioName;
    return {
      name,
      what: `${count} set${count === 1 ? "" : "s"} without jobs`,
      run: (stage, { idleMs }) =>
        onSets(stage, { count, max: 10 }, named(name), () => stage.pause(idleMs)),
    };
  }),
  {
    name: "soak",
    what: "20 jobs of 3 s at a time, one set, for long",
    run: (stage, { soakMs }) => {
      const churn = async () => {
        await stage.churn({ set: "set-1", count: 20, durationMs: 3_000, forMs: soakMs });
        await atRest(stage);
      };
      return onSets(stage, { count: 1, max: 50 }, named("soak"), churn);
    },
  },
  ...[{ count: 1, runnersEach: 1_000 }, { count: 100, runnersEach: 10 }].map(
    ({ count, runnersEach }): Scenario => {
      const name = `scale-${count}x${runnersEach}` as ScenarioName;
      return {
        name,
        what: `minRunners of ${count} set${
          count === 1 ? "" : "s"
        } from 0 to ${runnersEach} and back`,
        run: (stage) =>
          onSets(
            stage,
            { count, max: runnersEach },
            named(name),
            () => upAndDown(stage, runnersEach),
          ),
      };
    },
  ),
];

function named(name: ScenarioName): Pick<ScenarioFigures, "name" | "what"> {
  const scenario = SCENARIOS.find((one) => one.name === name);
  return { name, what: scenario?.what ?? "" };
}

async function onSets(
  stage: Stage,
  sets: { readonly count: number; readonly max: number },
  what: Pick<ScenarioFigures, "name" | "what">,
  work: () => Promise<Pick<ScenarioFigures, "notes" | "scale"> | void>,
): Promise<ScenarioFigures> {
  await stage.addSets(sets);
  await stage.pause(SETTLE_MS);
  return await Measurement.of(stage, what, async () => await work() ?? { notes: [] });
}

/** No job is open and no runner is left. */
async function atRest(stage: Stage): Promise<void> {
  const looks = { everyMs: LOOK_EVERY_MS };
  await stage.until("all jobs are over", async () => (await stage.state()).open === 0, looks);
  await stage.until("all runners are gone", async () => await stage.runners() === 0, looks);
}

async function upAndDown(
  stage: Stage,
  runnersEach: number,
): Promise<Pick<ScenarioFigures, "notes" | "scale">> {
  const wanted = stage.sets.length * runnersEach;
  const createS = await timed(async () => {
    await stage.setMinimum(runnersEach);
    await stage.until("all are online", async () => (await stage.state()).online === wanted);
  });
  const cleanS = await timed(async () => {
    await stage.setMinimum(0);
    await stage.until("all are gone", async () => await stage.runners() === 0);
  });
  return { notes: [], scale: { runnersEach, createS, cleanS } };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = systemClock.now().getTime();
  await work();
  return (systemClock.now().getTime() - startMs) / 1_000;
}
