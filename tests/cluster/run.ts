/**
 * `deno task test:cluster`: has the programs built, starts control planes, runs every test that wants one, and prints the
 * counts as a last plain line. Arguments go to `deno test`; without files among them, all tests of the suite run.
 *
 * Tests of one control plane come one after the other. Most of their time is waiting, so that several planes at a time,
 * each with the next file, are done sooner.
 */
import { customResourceDefinition } from "../../crds/kind.ts";
import { KINDS } from "../../crds/kinds.ts";
import { systemClock } from "../../lib/clock.ts";
import { countTests } from "../../tools/ci/counts.ts";
import { findHelm } from "../chart/programs.ts";
import { testDefinitions } from "../conformance/kube/widgets.ts";
import { type Assets, findAssets } from "./assets.ts";
import { type ControlPlane, startControlPlane } from "./control_plane.ts";
import { ABSENT, superviseControlPlane } from "./supervisor.ts";
import { runTests, type Selection, selectTests, type TestRunResult } from "./test_runs.ts";

const INTERRUPTS = ["SIGINT", "SIGTERM"] as const;
/** One more than there are processors, because most tests wait; a plane takes half a GB. */
const MOST_PLANES = 4;

async function main(args: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new DOMException("interrupted", "AbortError"));
  for (const signal of INTERRUPTS) Deno.addSignalListener(signal, interrupt);
  try {
    const results = await testedWith(await selectTests(args), interrupted.signal);
    return interrupted.signal.aborted ? 130 : summary(results);
  } finally {
    for (const signal of INTERRUPTS) Deno.removeSignalListener(signal, interrupt);
  }
}

async function testedWith(
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly TestRunResult[]> {
  const found = await findAssets(print);
  if ("missing" in found) {
    print(`No control plane: ${found.missing}. Its tests are skipped.`);
    const nothing = { invitation: ABSENT, helm: ABSENT, programs: [] };
    return [await runTests({ ...selection, ...nothing, print, signal })];
  }
  const helm = await pathOfHelm();
  const planes = Math.min(navigator.hardwareConcurrency + 1, MOST_PLANES, selection.files.length);
  const waiting = [...selection.files];
  const { options } = selection;
  const lane = () => testedInTurn(found.assets, { waiting, helm, options, signal });
  const lanes = await Promise.allSettled(Array.from({ length: planes }, lane));
  const broken = lanes.find(({ status }) => status === "rejected");
  if (broken !== undefined) throw (broken as PromiseRejectedResult).reason;
  return lanes.flatMap((lane) => lane.status === "fulfilled" ? lane.value : []);
}

interface Lane {
  /** Files that nobody has taken yet. */
  readonly waiting: string[];
  /** Path of helm, or {@link ABSENT}. */
  readonly helm: string;
  readonly options: readonly string[];
  readonly signal: AbortSignal;
}

/** Takes file after file to a control plane of its own. Each file's lines are printed together, when it is done. */
async function testedInTurn(
  assets: Assets,
  { waiting, helm, options, signal }: Lane,
): Promise<readonly TestRunResult[]> {
  const results: TestRunResult[] = [];
  const plane = await startedPlane(assets);
  const supervision = await superviseControlPlane(plane);
  try {
    const { invitation } = supervision;
    const programs = Object.values(assets);
    for (let file = waiting.shift(); file && !signal.aborted; file = waiting.shift()) {
      const lines: string[] = [];
      const take = (line: string) => void lines.push(line);
      results.push(
        await runTests({ files: [file], options, invitation, helm, programs, print: take, signal }),
      );
      print(lines.join("\n"));
    }
  } finally {
    await supervision.stop();
    await plane.stop();
  }
  return results;
}

async function pathOfHelm(): Promise<string> {
  const found = await findHelm(print);
  if ("program" in found) return found.program;
  print(`Tests of installing are skipped: ${found.missing}.`);
  return ABSENT;
}

async function startedPlane(assets: Assets): Promise<ControlPlane> {
  const startedMs = systemClock.now().getTime();
  const plane = await startControlPlane({
    assets,
    definitions: [...KINDS.map(customResourceDefinition), ...testDefinitions()],
    keepFolder: Deno.env.get("LONGSHORE_KEEP_CLUSTER") ? "always" : "never",
  });
  print(`control plane up in ${systemClock.now().getTime() - startedMs} ms: ${plane.facts.folder}`);
  return plane;
}

/** Prints the counts of all; the exit code. A file that could not be run is one failure. */
function summary(results: readonly TestRunResult[]): number {
  const worst = Math.max(...results.map(({ code }) => code));
  const counts = countTests(results.map(({ output }) => output).join("\n"));
  const unrun = results.filter(({ output }) => countTests(output) === undefined).length;
  const { passed, skipped } = counts ?? { passed: 0, skipped: 0 };
  const failed = unrun + (counts?.failed ?? 0);
  print(`${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`);
  return worst || (failed === 0 ? 0 : 1);
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
