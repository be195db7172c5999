/**
 * A plan from a seed: which world, which load, which faults, when. The same seed draws the same plan; a change of the
 * tables here changes what a seed means, which is why regressions are kept as plans. Knows how likely things are.
 */
import { type Random, seededRandom } from "../../lib/random.ts";
import { MISHAP_NAMES as GITHUB_DAYS } from "../../sim/github/chaos.ts";
import { MISHAP_NAMES } from "./mishaps.ts";
import { type Deed, DELETABLE, type Plan, type Setting, type Timed } from "./plan.ts";

/** Draws a number, an element, or a chance. */
class Dice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.whole(0, from.length - 1)] as T;
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

type Draw = (dice: Dice, setting: Setting) => Deed;

const nth = (dice: Dice) => dice.whole(0, 99);
const set = (dice: Dice, setting: Setting) => dice.whole(0, setting.sets.length - 1);
const who = (dice: Dice) => dice.pick(["controller", "listener"] as const);

/** Faults and edits, each with how often it is drawn in comparison. */
const FAULTS: readonly { readonly weight: number; readonly draw: Draw }[] = [
  {
    weight: 8,
    draw: (dice) => ({
      do: "crash",
      who: who(dice),
      call: dice.whole(1, 12),
      when: dice.pick(["before", "after"] as const),
      downS: dice.whole(0, 20),
    }),
  },
  {
    weight: 10,
    draw: (dice) => {
      const side = dice.pick(["kubernetes", "github"] as const);
      return {
        do: "spoil",
        who: who(dice),
        side,
        how: dice.pick(MISHAP_NAMES[side]),
        skip: dice.whole(0, 10),
        times: dice.whole(1, 4),
      };
    },
  },
  {
    weight: 3,
    draw: (dice) => ({ do: "stale-watches", who: who(dice), forS: dice.pick([5, 20, 45, 150]) }),
  },
  {
    weight: 4,
    draw: (dice) => ({
      do: "end-watches",
      how: dice.pick(["close", "break", "expire", "compact"] as const),
    }),
  },
  { weight: 2, draw: (dice) => ({ do: "restart", nth: nth(dice), downS: dice.whole(0, 30) }) },
  { weight: 2, draw: (dice) => ({ do: "isolate", nth: nth(dice), forS: dice.whole(5, 40) }) },
  {
    weight: 2,
    draw: (dice) => ({
      do: "lose-node",
      how: dice.pick(["silent", "removed"] as const),
      nth: nth(dice),
      forS: dice.whole(20, 120),
    }),
  },
  {
    weight: 4,
    draw: (dice) => ({
      do: "harm-pod",
      how: dice.pick(["delete", "force-delete", "evict", "kill-for-memory"] as const),
      nth: nth(dice),
    }),
  },
  { weight: 4, draw: (dice) => ({ do: "delete", what: dice.pick(DELETABLE), nth: nth(dice) }) },
  {
    weight: 1,
    draw: (dice, setting) => ({
      do: "lose-credential",
      set: set(dice, setting),
      forS: dice.whole(5, 60),
    }),
  },
  {
    weight: 5,
    draw: (dice, setting) => {
      const at = set(dice, setting);
      const { min, max } = setting.sets[at] ?? { min: 0, max: 1 };
      const edits: readonly Deed[] = [
        { do: "edit", set: at, min: dice.whole(0, Math.min(2, max)) },
        { do: "edit", set: at, max: dice.whole(Math.max(min, 2, max - 2), max + 2) },
        { do: "edit", set: at, round: dice.whole(1, 1_000) },
      ];
      return dice.pick(edits);
    },
  },
  {
    weight: 1,
    draw: (dice, setting) => ({
      do: "recreate-set",
      set: set(dice, setting),
      forS: dice.whole(60, 90),
    }),
  },
  { weight: 2, draw: (dice) => ({ do: "cancel-job", nth: nth(dice) }) },
  { weight: 2, draw: (dice) => ({ do: "forget-runner", nth: nth(dice) }) },
  {
    weight: 2,
    draw: (dice) => ({ do: "quota", pods: dice.whole(0, 2), forS: dice.whole(10, 60) }),
  },
  { weight: 2, draw: (dice) => ({ do: "bad-image", forS: dice.whole(10, 60) }) },
  {
    weight: 4,
    draw: (dice) => ({
      do: "bad-runners",
      script: dice.pick(
        [
          "fail-early",
          "outdated",
          "never-register",
          "crash",
          "hang-after-job",
          "fail-after-job",
        ] as const,
      ),
      times: dice.whole(1, 2),
    }),
  },
  {
    weight: 8,
    draw: (dice) => ({ do: "github", what: dice.pick(GITHUB_DAYS), forS: dice.whole(2, 12) }),
  },
];

const ALL_WEIGHTS = FAULTS.reduce((sum, { weight }) => sum + weight, 0);

/** What seed `seed` means. */
export function drawPlan(seed: number): Plan {
  const dice = new Dice(seededRandom(seed));
  const setting = drawSetting(dice);
  const moment = () => dice.whole(0, setting.stormS * 10 - 50) / 10;
  const deeds: Timed[] = [];
  const faults = dice.whole(3, 10);
  for (let at = 0; at < faults; at++) deeds.push({ ...drawFault(dice, setting), atS: moment() });
  const loads = dice.whole(2, 5);
  for (let at = 0; at < loads; at++) {
    const longestMs = dice.pick([2_000, 30_000, 90_000]);
    deeds.push({
      do: "jobs",
      set: set(dice, setting),
      count: dice.whole(1, 3),
      shortestMs: 500,
      longestMs,
      atS: moment(),
    });
  }
  return { seed, setting, deeds: alone(deeds.sort((a, b) => a.atS - b.atS)) };
}

function drawSetting(dice: Dice): Setting {
  const names = dice.chance(0.2) ? ["linux", "macos"] : ["linux"];
  return {
    sets: names.map((name) => ({ name, min: dice.whole(0, 2), max: dice.whole(2, 5) })),
    replicas: dice.chance(0.2) ? 2 : 1,
    backend: dice.pick(["broker", "pipelines"] as const),
    serviceTenant: dice.chance(0.1) ? "changing" : "stable",
    statisticsMessages: dice.chance(0.3) ? "when-runners-change" : "never",
    latencyMs: dice.pick([0, 0, 50, 400]),
    skewMs: dice.chance(0.1) ? dice.pick([-300_000, 300_000]) : 0,
    stormS: dice.whole(60, 180),
  };
}

function drawFault(dice: Dice, setting: Setting): Deed {
  let left = dice.whole(0, ALL_WEIGHTS - 1);
  for (const { weight, draw } of FAULTS) {
    left -= weight;
    if (left < 0) return draw(dice, setting);
  }
  throw new TypeError("The weights do not add up");
}

/** Two bad moments of GitHub never overlap, as the end of one would be that of the other. */
function alone(deeds: readonly Timed[]): readonly Timed[] {
  let freeAtS = 0;
  return deeds.filter((deed) => {
    if (deed.do !== "github") return true;
    if (deed.atS < freeAtS) return false;
    freeAtS = deed.atS + deed.forS;
    return true;
  });
}
