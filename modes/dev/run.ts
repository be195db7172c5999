/**
 * `longshore dev` from its config to its exit code: reads manifests, opens the stage, queues jobs, watches until nothing
 * is left to do, sums up. Knows the order of things, not how any of them is done.
 */
import { type Clock, systemClock } from "../../lib/clock.ts";
import { InvalidInput, messageOf } from "../../lib/errors.ts";
import { seededRandom, systemRandom } from "../../lib/random.ts";
import { playChaos } from "../../sim/github/chaos.ts";
import { knownTypes } from "../../sim/world.ts";
import { accessText, kubeconfigText } from "./access.ts";
import { type ArrivalOptions, queueBurst, queueStream } from "./arrivals.ts";
import { type TextSink, writeLine } from "../output.ts";
import { type Display, liveDisplay, plainDisplay } from "./display.ts";
import { type Manifest, readManifests } from "./manifests.ts";
import { runOnlyGitHub } from "./only_github.ts";
import { type DevConfig, jobsAtOnce } from "./options.ts";
import { temporaryFolder } from "./folder.ts";
import { isIdle, isReady } from "./outlook.ts";
import { type RunnerSetFacts, runnerSetsOf } from "./runner_sets.ts";
import { Stage } from "./stage.ts";
import { summaryJson, summaryText } from "./summary.ts";
import { type Outcome, Watch } from "./watch.ts";

export interface DevRun {
  /** Ctrl-C: ends the run cleanly. */
  readonly signal: AbortSignal;
  /** Ctrl-C again: only what must not stay behind is removed. */
  readonly killed: AbortSignal;
  readonly out: TextSink;
  readonly err: TextSink;
  /** In place of the one that fits `out`. */
  readonly display?: Display;
}

const EXAMPLE = new URL("../../examples/runner-set.yaml", import.meta.url);

/** Exit code 0, or 1 with the reason on standard error. Throws {@link InvalidInput} before anything has started. */
export async function runDev(config: DevConfig, run: DevRun): Promise<number> {
  if (config.only === "github") return await runOnlyGitHub(config, run);
  const manifests = readManifests(await filesOf(config.files), {
    namespace: config.namespace,
    kinds: knownTypes(),
  });
  const sets = runnerSetsOf(manifests);
  const folder = await Deno.realPath(await temporaryFolder());
  const remove = () => Deno.removeSync(folder, { recursive: true });
  run.killed.addEventListener("abort", remove, { once: true });
  try {
    return await play({ config, manifests, sets, folder, ...run });
  } finally {
    run.killed.removeEventListener("abort", remove);
    remove();
  }
}

async function filesOf(names: readonly string[]) {
  if (names.length === 0) {
    return [{ name: "examples/runner-set.yaml", text: await Deno.readTextFile(EXAMPLE) }];
  }
  return await Promise.all(names.map(async (name) => {
    try {
      return { name, text: await Deno.readTextFile(name) };
    } catch (cause) {
      throw new InvalidInput(`Cannot read ${name}: ${reasonOf(cause)}`, { cause });
    }
  }));
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof Deno.errors.NotFound) return "there is no such file";
  if (thrown instanceof Deno.errors.PermissionDenied) return "it may not be read";
  if (thrown instanceof Deno.errors.IsADirectory) return "it is a folder, expected a file";
  return messageOf(thrown);
}

interface Play extends DevRun {
  readonly config: DevConfig;
  readonly manifests: readonly Manifest[];
  readonly sets: readonly RunnerSetFacts[];
  readonly folder: string;
}

async function play(of: Play): Promise<number> {
  const { config } = of;
  const clock = systemClock;
  const startMs = clock.now().getTime();
  const display = await displayFor(of, clock);
  const seed = config.seed ?? Math.floor(systemRandom() * 2 ** 32);
  const stage = await Stage.open({
    manifests: of.manifests,
    sets: of.sets,
    failRate: config.failRate,
    seed,
    folder: of.folder,
    clock,
    killed: of.killed,
    takeLog: (line) => display.event(readable(line)),
    tell: (event) => display.event(event),
  });
  const watch = new Watch({ stage, display, clock, startMs, signal: of.signal });
  const outcome = await acts({ ...of, stage, watch, clock, display, seed });
  watch.show();
  display.end();
  const figures = stage.figures({
    seconds: Math.round((clock.now().getTime() - startMs) / 100) / 10,
    rssPeakMiB: watch.rssPeakMiB,
  });
  await stage.close();
  writeLine(of.out, config.output === "json" ? summaryJson(figures) : summaryText(figures));
  if (outcome.is === "reached") return 0;
  if (outcome.is === "stopped" && (config.keep || !config.untilIdle)) return 0;
  const why = outcome.is === "failed" ? outcome.why : "it was stopped before all jobs were done";
  writeLine(of.err, `Not idle: ${why}`);
  return 1;
}

interface Acts extends Play {
  readonly stage: Stage;
  readonly watch: Watch;
  readonly clock: Clock;
  readonly display: Display;
  readonly seed: number;
}

/** How long things go wrong, and how long one may wait for something to move then and afterwards, in ms. */
const CHAOS_MS = { lasts: 30_000, patience: 300_000 };

/** Ready, jobs, rest: in this order. */
async function acts(of: Acts): Promise<Outcome> {
  const { config, sets, stage, watch, display, signal } = of;
  const isPatient = config.keep || !config.untilIdle;
  if (config.keep) display.print(await accessTo(of));
  const ready = await watch.until(() => isReady(stage.states()), { isPatient });
  if (ready.is !== "reached") return ready;
  stage.noteWarmth();
  display.event(`${sets.length === 1 ? "The set is" : "All sets are"} registered and listening`);
  const arrivals: ArrivalOptions = {
    sets,
    control: stage.world.github.control,
    duration: config.jobDuration,
  };
  const burst = jobsAtOnce(config);
  if (burst > 0) {
    queueBurst(burst, arrivals);
    display.event(`${burst} jobs queued`);
  }
  const ending = new AbortController();
  const stopStream = AbortSignal.any([signal, ending.signal]);
  const streaming = stream(of, { ...arrivals, signal: stopStream });
  const badDay = chaos(of, stopStream);
  watch.expectJobs(config, burst);
  const outcome = await watch.until(
    () =>
      !isPatient && stage.excess === 0 && isIdle(stage.states(), {
        open: stage.jobs.queued - stage.jobs.done,
        isMoreToCome: watch.isMoreToCome,
      }),
    { isPatient, ...(config.chaos !== undefined && { patienceMs: CHAOS_MS.patience }) },
  );
  ending.abort(new DOMException("The run is over", "AbortError"));
  await streaming;
  await badDay;
  return outcome;
}

async function stream(
  of: Acts,
  arrivals: ArrivalOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { config: { rate, forMs }, watch, clock } = of;
  if (rate === undefined || forMs === undefined) return;
  watch.isMoreToCome = true;
  try {
    await queueStream({ perSecond: rate, forMs }, { ...arrivals, clock });
  } catch (thrown) {
    if (!arrivals.signal.aborted) throw thrown;
  }
  watch.isMoreToCome = false;
}

async function chaos(of: Acts, signal: AbortSignal): Promise<void> {
  const { config, stage, clock, display, seed } = of;
  if (config.chaos === undefined) return;
  display.event(`GitHub has a bad day of ${CHAOS_MS.lasts / 1_000} s (--seed ${seed})`);
  await playChaos({
    control: stage.world.github.control,
    clock,
    random: seededRandom(seed + 1),
    forMs: CHAOS_MS.lasts,
    onMishap: (what) => display.event(`GitHub: ${what}`),
  }, signal);
  display.event("GitHub is well again");
}

async function accessTo({ stage, sets, folder }: Acts): Promise<string> {
  const { world } = stage;
  const kubeconfig = `${folder}/kubeconfig`;
  const token = world.api.tokenFor("admin");
  await Deno.writeTextFile(kubeconfig, kubeconfigText({ ...world, token }), { mode: 0o600 });
  const scaleSet = sets[0]?.scaleSetName ?? "";
  return accessText({ kubeconfig, githubUrl: world.githubUrl, scaleSet });
}

async function displayFor(of: Play, clock: Clock): Promise<Display> {
  const { config, out, err } = of;
  if (of.display !== undefined) return of.display;
  const now = () => clock.now();
  if (config.output === "json") return plainDisplay(err, { now });
  const isTerminal = out === Deno.stdout && Deno.stdout.isTerminal();
  return isTerminal ? await liveDisplay() : plainDisplay(out, { now });
}

/** A log line of the product as a person reads it; anything that is not one of its JSON lines stays as it is. */
function readable(line: string): string {
  try {
    const { severity, message, error, logger } = JSON.parse(line);
    const what = error === undefined ? "" : `: ${error}`;
    return `${severity} ${logger} ${message}${what}`;
  } catch {
    return line;
  }
}
