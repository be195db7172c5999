/** What a person may ask of `longshore dev`. Pure: the flags, and which of them do not go together. */
import { type DurationRange } from "../../lib/duration.ts";
import { InvalidInput } from "../../lib/errors.ts";
import {
  boolean,
  choice,
  duration,
  durationRange,
  integer,
  listenAddress,
  namespaceName,
  number,
  rate,
  repeatable,
  text,
} from "../../lib/flag_parsers.ts";
import type { FlagTable } from "../../lib/flags.ts";
import type { ListenAddress } from "../../lib/listen_address.ts";
import { checkClusterDev, type ClusterDevConfig, clusterDevFlags } from "./cluster_options.ts";

export interface DevConfig extends ClusterDevConfig {
  /** Manifest files; empty: the example. */
  readonly files: readonly string[];
  /** Jobs that are queued at once. `undefined`: as {@link jobsAtOnce} says. */
  readonly jobs?: number | undefined;
  /** Jobs per second. */
  readonly rate?: number | undefined;
  /** How long jobs keep coming at that rate, in ms. */
  readonly forMs?: number | undefined;
  readonly jobDuration: DurationRange;
  /** Share of runner pods that fail, 0 to 1. */
  readonly failRate: number;
  /** `undefined`: a new one for each run. */
  readonly seed?: number | undefined;
  readonly namespace: string;
  readonly untilIdle: boolean;
  readonly output: "text" | "json";
  readonly keep: boolean;
  /** What has a bad day. */
  readonly chaos?: "github" | undefined;
  /** What alone is started. `undefined`: the whole world and the product. */
  readonly only?: "github" | undefined;
  /** Where that listens. */
  readonly listen?: ListenAddress | "off" | undefined;
}

/** More than this the simulated world does not hold. */
const MAX_JOBS = 100_000;

export const devFlags: FlagTable<DevConfig> = {
  ...clusterDevFlags,
  files: {
    flag: "--filename",
    alias: "-f",
    parser: repeatable(text()),
    placeholder: "FILE",
    default: [],
    help: "Manifests to apply; the example runner set when there are none.",
  },
  jobs: {
    flag: "--jobs",
    parser: integer({ min: 0, max: MAX_JOBS }),
    help: "Jobs to queue at once, spread over the runner sets; 10 unless there is a rate.",
  },
  rate: {
    flag: "--rate",
    parser: rate(),
    help: "Jobs to queue as a stream, for the time of --for.",
  },
  forMs: {
    flag: "--for",
    parser: duration({ min: 1 }),
    help: "How long the stream of --rate lasts.",
  },
  jobDuration: {
    flag: "--job-duration",
    parser: durationRange(),
    default: { fromMs: 2_000, toMs: 5_000 },
    help: "How long a job takes, fixed or drawn from a range.",
  },
  failRate: {
    flag: "--fail-rate",
    parser: number({ min: 0, max: 1 }),
    default: 0,
    help: "Share of runner pods that crash: most before their job, some during it, some after it.",
  },
  seed: {
    flag: "--seed",
    parser: integer({ min: 0, max: 2 ** 32 - 1 }),
    help: "Makes what is drawn at random the same again; the summary names the seed of each run.",
  },
  namespace: {
    flag: "--namespace",
    alias: "-n",
    parser: namespaceName(),
    placeholder: "NAMESPACE",
    default: "default",
    help: "Namespace of manifests that name none; with --context: of the runner sets to serve.",
  },
  untilIdle: {
    flag: "--until-idle",
    parser: boolean(),
    default: true,
    help:
      "End when all jobs are done and the sets are back at their minimum, with exit code 1 when " +
      "that does not come; false: go on until Ctrl-C.",
  },
  output: {
    flag: "--output",
    alias: "-o",
    parser: choice(["text", "json"]),
    default: "text",
    help: "How the summary is printed.",
  },
  keep: {
    flag: "--keep",
    parser: boolean(),
    default: false,
    help: "Stay up until Ctrl-C and print how kubectl and other clients get in.",
  },
  chaos: {
    flag: "--chaos",
    parser: choice(["github"]),
    help: "What goes wrong at random for half a minute: sessions, tokens, answers, statistics.",
  },
  only: {
    flag: "--only",
    parser: choice(["github"]),
    help: "Start the simulated GitHub alone and serve its protocol to other clients.",
  },
  listen: {
    flag: "--listen",
    parser: listenAddress(),
    help: "Where --only serves, on this machine; 127.0.0.1:8088 unless given.",
  },
};

/** Throws {@link InvalidInput} for flags that do not go together. */
export function checkDevConfig(config: DevConfig): void {
  if (config.rate !== undefined && config.forMs === undefined) {
    throw new InvalidInput(
      "--rate needs --for: expected how long the jobs keep coming, such as 30s",
    );
  }
  if (config.forMs !== undefined && config.rate === undefined) {
    throw new InvalidInput("--for needs --rate: expected how many jobs come, such as 2/s");
  }
  const streamed = Math.floor((config.rate ?? 0) * (config.forMs ?? 0) / 1_000);
  if (streamed > MAX_JOBS) {
    throw new InvalidInput(
      `--rate and --for make ${streamed} jobs, expected at most ${MAX_JOBS}: a slower rate or a ` +
        "shorter time",
    );
  }
  if (config.listen !== undefined && config.only === undefined) {
    throw new InvalidInput(
      "--listen needs --only: expected what is to listen there, such as github",
    );
  }
  checkClusterDev(config, {
    "--filename": config.files,
    "--jobs": config.jobs,
    "--rate": config.rate,
    "--fail-rate": config.failRate,
    "--seed": config.seed,
    "--keep": config.keep,
    "--chaos": config.chaos,
    "--only": config.only,
  });
}

const JOBS = 10;

/** How many jobs are queued at the start: what was asked for, else a few, but none beside a stream or with `--keep`. */
export function jobsAtOnce(config: DevConfig): number {
  return config.jobs ?? (config.rate !== undefined || config.keep ? 0 : JOBS);
}
