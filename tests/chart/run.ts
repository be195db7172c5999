/**
 * `deno task test:chart`: finds helm and the evaluators of alerts and health checks, or has them built, runs the tests of the charts with
 * them, and prints the counts as a last plain line. Arguments go to `deno test`; without files among them, the whole suite
 * runs.
 */
import { fileURLToPath } from "node:url";
import { countTests } from "../../tools/ci/counts.ts";
import { ABSENT, PROGRAM_ENV } from "./chart_test_case.ts";
import { findHelm, findOwn, type Found } from "./programs.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SUITE = ["tests/chart/"];
/** The closing line of `deno test`: left out, because ours says the same and both would be counted. */
const CLOSING = /^(?:ok|FAILED) \| \d+ passed/;

async function main(args: readonly string[]): Promise<number> {
  const helm = pathOf(await findHelm(print));
  const promql = pathOf(await findOwn("promql", print));
  const lua = pathOf(await findOwn("lua", print));
  const programs = [helm, promql, lua].filter((path) => path !== ABSENT);
  const files = args.some((arg) => !arg.startsWith("-")) ? [] : SUITE;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-net=127.0.0.1",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      ...(programs.length === 0 ? [] : [`--allow-run=${programs.join(",")}`]),
      ...args,
      ...files,
    ],
    cwd: ROOT,
    env: {
      [PROGRAM_ENV.helm]: helm,
      [PROGRAM_ENV.promql]: promql,
      [PROGRAM_ENV.lua]: lua,
      NO_COLOR: "1",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (!CLOSING.test(line)) print(line);
  }
  const { code } = await child.status;
  const counts = countTests(output);
  if (counts === undefined) return code || 1;
  print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return code;
}

function pathOf(found: Found): string {
  if ("program" in found) return found.program;
  print(`Tests are skipped: ${found.missing}.`);
  return ABSENT;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
