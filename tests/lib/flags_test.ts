import assert from "node:assert/strict";
import { InvalidInput } from "../../lib/errors.ts";
import { boolean, choice, duration, integer, repeatable, text } from "../../lib/flag_parsers.ts";
import { asksForHelp, type FlagInput, type FlagTable, parseFlags } from "../../lib/flags.ts";

interface Config {
  readonly logLevel: "debug" | "info";
  readonly syncPeriodMs: number;
  readonly workers: number;
  readonly elect: boolean;
  readonly namespace: string;
  readonly labels: readonly string[];
  readonly kubeconfig?: string;
}

const table: FlagTable<Config> = {
  logLevel: {
    flag: "--log-level",
    env: "LOG_LEVEL",
    parser: choice(["debug", "info"]),
    default: "info",
    help: "What is logged.",
  },
  syncPeriodMs: {
    flag: "--sync-period",
    parser: duration({ min: 1_000 }),
    default: 60_000,
    help: "How often everything is looked at.",
  },
  workers: {
    flag: "--workers",
    alias: "-w",
    parser: integer({ min: 1, max: 10 }),
    default: 2,
    help: "How many work.",
  },
  elect: { flag: "--elect", parser: boolean(), default: false, help: "Elect a leader." },
  namespace: {
    flag: "--namespace",
    env: "NAMESPACE",
    parser: text(),
    required: true,
    help: "Where.",
  },
  labels: { flag: "--label", parser: repeatable(text()), default: [], help: "Labels." },
  kubeconfig: { flag: "--kubeconfig", parser: text(), help: "The cluster.", hidden: true },
};

const defaults: Config = {
  logLevel: "info",
  syncPeriodMs: 60_000,
  workers: 2,
  elect: false,
  namespace: "ns",
  labels: [],
};

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

/** With the namespace that is required. */
function parsed(args: readonly string[], more: Omit<FlagInput, "args"> = {}): Config {
  return parseFlags(table, { args: ["--namespace", "ns", ...args], ...more }).config;
}

pure("arguments win over the environment, which wins over defaults", () => {
  assert.deepEqual(parsed([]), defaults);
  assert.equal(parsed([], { env: { LOG_LEVEL: "debug" } }).logLevel, "debug");
  assert.equal(parsed(["--log-level=info"], { env: { LOG_LEVEL: "debug" } }).logLevel, "info");
  assert.equal(parsed([], { env: { LOG_LEVEL: "" } }).logLevel, "info", "empty is unset");
});

pure("a value follows the flag or an equals sign, after one dash or two", () => {
  for (const args of [["--workers", "7"], ["--workers=7"], ["-workers=7"], ["-workers", "7"]]) {
    assert.equal(parsed(args).workers, 7, args.join(" "));
  }
  assert.equal(parsed(["-w", "7"]).workers, 7, "alias");
  assert.equal(parsed(["--kubeconfig=a=b"]).kubeconfig, "a=b");
  assert.equal(parsed(["--kubeconfig="]).kubeconfig, "");
  assert.equal(parsed(["--workers=7", "--workers=3"]).workers, 3, "the last one counts");
});

pure("a boolean flag stands alone or has a value after an equals sign", () => {
  assert.ok(parsed(["--elect"]).elect);
  assert.ok(!parsed(["--elect=false"]).elect);
  assert.equal(parsed(["--elect", "--workers=3"]).workers, 3);
});

pure("a repeatable flag collects its values in order", () => {
  assert.deepEqual(parsed(["--label=a", "--label", "b,c"]).labels, ["a", "b", "c"]);
});

pure("arguments that are no flags are kept when allowed", () => {
  const { rest } = parseFlags(table, {
    args: ["one", "--namespace=x", "--", "--two"],
    maxRest: 2,
  });
  assert.deepEqual(rest, ["one", "--two"]);
});

pure("flags of another program are accepted and have no effect", () => {
  const ignored = { "--docker-image": text(), "--old": boolean() };
  assert.deepEqual(parsed(["--docker-image", "x", "--old", "--workers=2"], { ignored }), defaults);
});

pure("what cannot be meant is refused in one sentence", () => {
  const rows: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--log-levle=info"], 'Unknown flag "--log-levle": did you mean --log-level?'],
    [["--replicas=1"], 'Unknown flag "--replicas": --help lists those there are'],
    [["--kubeconfi=x"], 'Unknown flag "--kubeconfi": --help lists those there are'],
    [
      ["--sync-period=30x"],
      'Invalid value "30x" for --sync-period: expected a duration such as 250ms, 30s or 1h30m of at least 1s',
    ],
    [
      ["--workers", "11"],
      'Invalid value "11" for --workers: expected a whole number from 1 to 10',
    ],
    [
      ["--log-level=loud"],
      'Invalid value "loud" for --log-level: expected one of debug, info',
    ],
    [["--workers"], "--workers needs a value: expected a whole number from 1 to 10"],
    [["stray"], 'Unexpected argument "stray"'],
    [["--elect", "false"], 'Unexpected argument "false"'],
  ];
  for (const [args, message] of rows) {
    assert.throws(() => parsed(args), new InvalidInput(message), args.join(" "));
  }
});

pure("a wrong value in the environment is refused with the variable's name", () => {
  assert.throws(
    () => parsed([], { env: { LOG_LEVEL: "loud" } }),
    new InvalidInput(
      'Invalid value "loud" for LOG_LEVEL (the environment\'s --log-level): expected one of debug, info',
    ),
  );
});

pure("what is required and absent is refused with both its names", () => {
  assert.throws(
    () => parseFlags(table, { args: [] }),
    new InvalidInput("--namespace or NAMESPACE is required: expected text"),
  );
  assert.equal(parseFlags(table, { args: [], env: { NAMESPACE: "e" } }).config.namespace, "e");
});

pure("help is asked for by its flag before the end of the flags", () => {
  assert.ok(asksForHelp(["--workers", "3", "--help"]));
  assert.ok(asksForHelp(["-h"]));
  assert.ok(!asksForHelp(["--", "--help"]));
  assert.ok(!asksForHelp(["--helpful"]));
});
