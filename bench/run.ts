/**
 * `deno task bench`: starts a control plane, plays scenarios against a controller and listeners that are processes of
 * their own, and writes what they cost as a table, JSON and a page with plots. `--help` lists its flags.
 */
import { systemClock } from "../lib/clock.ts";
import { InvalidInput, messageOf } from "../lib/errors.ts";
import { helpText } from "../lib/flag_help.ts";
import { type LimitFigures, REFERENCE_PARALLEL, type RunFigures } from "./figures.ts";
import { htmlPage } from "./html_page.ts";
import type { LimitOptions } from "./limit.ts";
import { jsonLines, writeLine } from "./lines.ts";
import { BENCH_FLAGS, type BenchOptions, benchOptions, PROGRAMS } from "./options.ts";
import { fileText } from "./processes.ts";
import { HOME, openRig, type Rig } from "./rig.ts";
import { scalePage } from "./scale_page.ts";
import { SCENARIOS } from "./scenarios.ts";
import { openStage } from "./stage.ts";
import { noiseSentence, resultsPage } from "./table.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const LEVELS = [1, 8, REFERENCE_PARALLEL, 64];
const INTERRUPTS = ["SIGINT", "SIGTERM"] as const;
const SAME_INTERRUPT_MS = 2_000;
const EXIT = { invalid: 2, failed: 1, interrupted: 130 } as const;

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = benchOptions(args);
  } catch (thrown) {
    if (!(thrown instanceof InvalidInput)) throw thrown;
    complain(thrown.message);
    return EXIT.invalid;
  }
  if (options.help) {
    writeLine(helpText(BENCH_FLAGS, {
      usage: "deno task bench [flags]",
      summary: "Measure a controller and its listeners on a real control plane.",
    }));
    return 0;
  }
  const interrupted = new AbortController();
  let interruptedMs = 0;
  const onSignal = () => {
    const nowMs = systemClock.now().getTime();
    if (interrupted.signal.aborted) {
      // A terminal and whoever runs the task may pass on the same one.
      if (nowMs - interruptedMs > SAME_INTERRUPT_MS) Deno.exit(EXIT.interrupted);
      return;
    }
    interruptedMs = nowMs;
    writeLine("Interrupted: cleaning up (once more to leave everything as it is)");
    interrupted.abort(new DOMException("Interrupted", "AbortError"));
  };
  for (const name of INTERRUPTS) Deno.addSignalListener(name, onSignal);
  try {
    return await measured(options, args, interrupted.signal);
  } catch (thrown) {
    if (interrupted.signal.aborted) return EXIT.interrupted;
    complain(messageOf(thrown));
    return EXIT.failed;
  } finally {
    for (const name of INTERRUPTS) Deno.removeSignalListener(name, onSignal);
  }
}

async function measured(
  options: BenchOptions,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const startedAt = systemClock.now().toISOString();
  await using rig = await openRig(options, writeLine);
  signal.throwIfAborted();
  const wanted = SCENARIOS.filter(({ name }) => options.scenarios.includes(name));
  const levels = options.scenarios.includes("limit") ? LEVELS : [REFERENCE_PARALLEL];
  const limits: LimitFigures[] = [];
  for (const parallel of levels) limits.push(await limitOf(rig, { parallel, options, signal }));
  const base: Omit<RunFigures, "scenarios" | "limitAtEnd"> = {
    command: ["deno task bench", ...args].join(" "),
    startedAt,
    machine: machine(),
    versions: await versions(rig),
    controller: options.controller.replaceAll("$LONGSHORE", PROGRAMS[options.program]),
    listener: options.listener.replaceAll("$LONGSHORE", PROGRAMS[options.program]),
    githubDelayMs: options.githubDelayMs,
    limits,
  };
  let run: RunFigures = { ...base, scenarios: [], limitAtEnd: undefined };
  let failures = 0;
  for (const scenario of wanted) {
    writeLine(`${scenario.name}: ${scenario.what}`);
    try {
      await using stage = await openStage(rig, options, signal);
      const figures = await scenario.run(stage, options);
      run = { ...run, scenarios: [...run.scenarios, figures] };
    } catch (thrown) {
      signal.throwIfAborted();
      failures++;
      complain(`${scenario.name} failed: ${messageOf(thrown)}`);
    }
    await written(run, options);
  }
  const limitAtEnd = await limitOf(rig, { parallel: REFERENCE_PARALLEL, options, signal });
  run = { ...run, limitAtEnd };
  await written(run, options);
  if (options.record) await recorded(run);
  writeLine(resultsPage(run));
  writeLine(noiseSentence(run));
  return failures === 0 ? 0 : EXIT.failed;
}

async function limitOf(
  rig: Rig,
  how: {
    readonly parallel: number;
    readonly options: BenchOptions;
    readonly signal: AbortSignal;
  },
): Promise<LimitFigures> {
  how.signal.throwIfAborted();
  const told: LimitOptions = {
    facts: rig.facts,
    token: await rig.controllerToken(),
    namespace: HOME,
    parallel: how.parallel,
    ms: how.options.limitMs,
  };
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-net=${new URL(rig.facts.server).host}`,
      "--v8-flags=--max-semi-space-size=4",
      "bench/limit.ts",
    ],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${JSON.stringify(told)}\n`));
  const { value } = await jsonLines(child.stdout).next();
  await writer.close().catch(() => {}); // it has ended
  await child.status;
  if (value === undefined) throw new Error("The bare calls failed");
  const figures = value as LimitFigures;
  writeLine(`limit, ${figures.parallel} at a time: ${figures.livesPerS.toFixed(1)} lives/s`);
  await rig.empty();
  return figures;
}

/** After every scenario, so that an hour is not lost with the next. */
async function written(run: RunFigures, { out }: BenchOptions): Promise<void> {
  await Deno.mkdir(out, { recursive: true });
  await Deno.writeTextFile(`${out}/results.json`, `${JSON.stringify(run)}\n`);
  await Deno.writeTextFile(`${out}/results.md`, resultsPage(run));
  await Deno.writeTextFile(`${out}/results.html`, htmlPage(run));
}

async function recorded(run: RunFigures): Promise<void> {
  const scale = scalePage(run);
  if (scale !== undefined) await Deno.writeTextFile(`${ROOT}/docs/scale.md`, scale);
  await Deno.writeTextFile(`${ROOT}/bench/RESULTS.md`, resultsPage(run));
}

function complain(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function machine(): string {
  const gib = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  const model = /model name\s*:\s*(.*)/.exec(fileText("/proc/cpuinfo"))?.[1] ?? "";
  const load = Deno.loadavg()[0]?.toFixed(1);
  return `${navigator.hardwareConcurrency} cores (${model.trim()}), ${gib} GiB, ${Deno.build.target}, load ${load} after the limit`;
}

async function versions({ facts }: Rig): Promise<Readonly<Record<string, string>>> {
  const of = async (path: string, arg = "--version") => {
    const { stdout } = await new Deno.Command(path, { args: [arg] }).output();
    return /v?(\d+\.\d+\.\S+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? "unknown";
  };
  return {
    deno: Deno.version.deno,
    "kube-apiserver": await of(facts.assets["kube-apiserver"]),
    etcd: await of(facts.assets.etcd),
  };
}

if (import.meta.main) Deno.exit(await main(Deno.args));
