/** How the bench is told what to do: its flags, and what they mean together. Pure. */
import { InvalidInput } from "../lib/errors.ts";
import { boolean, choice, duration, repeatable, text } from "../lib/flag_parsers.ts";
import { type FlagTable, parseFlags } from "../lib/flags.ts";
import { V8_FLAGS } from "../tools/compile/profiles.ts";

export const SCENARIO_NAMES = [
  "limit",
  "latency",
  "burst-50",
  "burst-200",
  "burst-500",
  "burst-1000",
  "churn",
  "fleet",
  "idle-1",
  "idle-100",
  "scale-1x1000",
  "scale-100x10",
  "soak",
] as const;

export type ScenarioName = typeof SCENARIO_NAMES[number];

/** What runs when no scenario is named: all but the hour. */
export const DEFAULT_SCENARIOS: readonly ScenarioName[] = SCENARIO_NAMES.filter((name) =>
  name !== "soak"
);

/** Ways to run this product, by name. A compiled program is as old as its file: nobody compiles it anew. */
export const PROGRAMS = {
  source: `deno run -A ${V8_FLAGS} main.ts`,
  compiled: "dist/longshore",
} as const;

/**
 * What is measured, as lines for a shell; `$LONGSHORE` is one of {@link PROGRAMS}. Each finds what it must know in its
 * environment (docs/performance.md tells which).
 */
export const CONTROLLER_COMMAND =
  'exec $LONGSHORE controller-manager --namespace="$CONTROLLER_NAMESPACE" --image=longshore:bench ' +
  "--metrics-addr=0 --listener-metrics-addr=0 --log-level=warn " +
  '--health-probe-bind-address="$HEALTH_ADDRESS" ' +
  '--github-hosts="github.com=$GITHUB_URL"';
export const LISTENER_COMMAND =
  'exec $LONGSHORE listener "--config=$POD_ROOT$LISTENER_CONFIG_PATH" ' +
  '"--service-account-dir=$POD_ROOT/var/run/secrets/kubernetes.io/serviceaccount"';

export interface BenchOptions {
  readonly scenarios: readonly ScenarioName[];
  readonly program: keyof typeof PROGRAMS;
  readonly controller: string;
  readonly listener: string;
  /** Of the runner sets; `$GITHUB_URL` in it is where the simulated GitHub listens. */
  readonly configUrl: string;
  readonly githubDelayMs: number;
  /** Each level of the limit, in ms. */
  readonly limitMs: number;
  readonly churnMs: number;
  readonly idleMs: number;
  readonly soakMs: number;
  readonly out: string;
  /** Also the pages of the repository are written. */
  readonly record: boolean;
  /** A file with the facts of a control plane that runs already. */
  readonly cluster: string | undefined;
  readonly iKnow: boolean;
  readonly help: boolean;
}

export const BENCH_FLAGS: FlagTable<BenchOptions> = {
  scenarios: {
    flag: "--scenario",
    parser: repeatable(choice(SCENARIO_NAMES)),
    default: [],
    help: "What to measure; may be repeated. Default: all but the soak.",
  },
  program: {
    flag: "--program",
    parser: choice(["source", "compiled"]),
    default: "source",
    help: "Which $LONGSHORE is measured: the source, or dist/longshore as it was compiled last.",
  },
  controller: {
    flag: "--controller",
    parser: text(),
    default: CONTROLLER_COMMAND,
    placeholder: "CMD",
    help: "The controller to measure, as a line for a shell.",
  },
  listener: {
    flag: "--listener",
    parser: text(),
    default: LISTENER_COMMAND,
    placeholder: "CMD",
    help: "The listener to measure, as a line for a shell.",
  },
  configUrl: {
    flag: "--config-url",
    parser: text(),
    default: "https://github.com/acme",
    help: "githubConfigUrl of the runner sets; $GITHUB_URL in it is the simulated GitHub.",
  },
  githubDelayMs: {
    flag: "--github-delay",
    parser: duration(),
    default: 50,
    help: "How long GitHub takes for each call.",
  },
  limitMs: {
    flag: "--limit-time",
    parser: duration({ min: 1_000 }),
    default: 15_000,
    help: "How long each level of the bare calls is measured.",
  },
  churnMs: {
    flag: "--churn-time",
    parser: duration({ min: 1_000 }),
    default: 120_000,
    help: "How long new jobs come in the churn.",
  },
  idleMs: {
    flag: "--idle-time",
    parser: duration({ min: 1_000 }),
    default: 120_000,
    help: "How long nothing is watched.",
  },
  soakMs: {
    flag: "--soak-time",
    parser: duration({ min: 1_000 }),
    default: 3_600_000,
    help: "How long the soak takes.",
  },
  out: {
    flag: "--out",
    parser: text(),
    default: "bench/out",
    placeholder: "DIR",
    help: "Folder for the table, the JSON and the page.",
  },
  record: {
    flag: "--record",
    parser: boolean(),
    default: false,
    help: "Write bench/RESULTS.md too, and docs/scale.md when scale was measured.",
  },
  cluster: {
    flag: "--cluster",
    parser: text(),
    placeholder: "FILE",
    help: "Facts of a control plane that the bench did not start, as JSON. It is emptied!",
  },
  iKnow: {
    flag: "--i-know",
    parser: boolean(),
    default: false,
    help: "Yes, everything of runner sets in that cluster may be deleted.",
  },
  help: { flag: "--help", parser: boolean(), default: false, help: "This text." },
};

/** Throws {@link InvalidInput} for what makes no sense. */
export function benchOptions(args: readonly string[]): BenchOptions {
  const { config } = parseFlags(BENCH_FLAGS, { args });
  if (config.cluster !== undefined && !config.iKnow) {
    throw new InvalidInput(
      `--cluster "${config.cluster}": the bench did not start that cluster and deletes every runner set in it; ` +
        "expected --i-know beside it",
    );
  }
  return {
    ...config,
    scenarios: config.scenarios.length === 0 ? DEFAULT_SCENARIOS : config.scenarios,
  };
}
