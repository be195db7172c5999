/** What the command line of `deno task explore` may say. Pure: the date is handed in. */
import { choice, integer, text } from "../../lib/flag_parsers.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { type FlagParser, type FlagTable, parseFlags } from "../../lib/flags.ts";
import { type Bug, BUGS } from "./bugs.ts";

export interface ExploreOptions {
  readonly seeds: number;
  readonly from: FirstSeed;
  readonly seed: number | undefined;
  /** A file with a plan; "-": the standard input. */
  readonly plan: string | undefined;
  readonly scenario: "scale-down-race" | undefined;
  readonly runs: number;
  readonly bug: Bug | undefined;
  readonly workers: number;
}

/** A number, or a day from which a number follows. */
export type FirstSeed = number | "today" | { readonly day: number };

const LARGEST = 2 ** 31 - 1;
/** Seeds that belong to one day. */
const SEEDS_A_DAY = 1_000;
const DAY_MS = 86_400_000;

export const exploreFlags: FlagTable<ExploreOptions> = {
  seeds: {
    flag: "--seeds",
    parser: integer({ min: 1, max: 1_000_000 }),
    default: 300,
    help: "How many seeds are explored.",
  },
  from: {
    flag: "--from",
    parser: firstSeed(),
    default: "today",
    help: "The first seed; a day stands for seeds of its own.",
  },
  seed: {
    flag: "--seed",
    parser: integer({ min: 0, max: LARGEST }),
    help: "Replay this one, and tell everything.",
  },
  plan: {
    flag: "--plan",
    parser: text(),
    placeholder: "FILE",
    help: "Replay the plan in this file, as it was printed; - reads it from the standard input.",
  },
  scenario: {
    flag: "--scenario",
    parser: choice(["scale-down-race"]),
    help: "One story many times over, instead of seeds.",
  },
  runs: {
    flag: "--runs",
    parser: integer({ min: 1, max: 1_000_000 }),
    default: 10_000,
    help: "How often the scenario is played.",
  },
  bug: {
    flag: "--bug",
    parser: choice(BUGS),
    help: "Put this bug in, to see that it is found.",
  },
  workers: {
    flag: "--workers",
    parser: integer({ min: 1, max: 64 }),
    default: 2,
    help: "Runs that go on at a time.",
  },
};

/** Throws {@link InvalidInput} at the first thing that cannot be meant. */
export function parseOptions(args: readonly string[]): ExploreOptions {
  const { config } = parseFlags(exploreFlags, { args });
  const has = (flag: string) => args.some((arg) => arg === flag || arg.startsWith(`${flag}=`));
  const one = ["--seed", "--plan"].filter(has);
  const clash = ["--seeds", "--from", ...one.slice(1)].find(has);
  if (one.length > 0 && clash !== undefined) {
    throw new InvalidInput(`${clash} does not go with ${one[0]}, which replays a single one`);
  }
  if (config.scenario === undefined && has("--runs")) {
    throw new InvalidInput("--runs says how often a --scenario is played, and none is named");
  }
  if (config.scenario !== undefined && one.length > 0) {
    throw new InvalidInput(`${one[0]} replays one run, --scenario plays a scenario: choose one`);
  }
  return config;
}

/** The number that a first seed stands for. */
export function firstSeedOf(from: FirstSeed, now: Date): number {
  if (typeof from === "number") return from;
  const day = from === "today" ? Math.floor(now.getTime() / DAY_MS) : from.day;
  return day * SEEDS_A_DAY;
}

function firstSeed(): FlagParser<FirstSeed> {
  return {
    accepts: "a whole number of at least 0, a date such as 2026-11-22, or today",
    placeholder: "FIRST",
    parse: (text) => {
      if (text === "today") return text;
      if (/^\d+$/.test(text)) return Number(text) <= LARGEST ? Number(text) : undefined;
      const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
      return Number.isNaN(ms) ? undefined : { day: Math.floor(ms / DAY_MS) };
    },
    format: (from) => typeof from === "object" ? `day ${from.day}` : String(from),
  };
}
