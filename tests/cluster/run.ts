/**
 * `deno task test:cluster`: has the programs built, starts one control plane, runs every test that wants one, and prints
 * the counts as a last plain line. Arguments go to `deno test`; without files among them, all tests of the suite run.
 */
import { fileURLToPath } from "node:url";
import { customResourceDefinition } from "../../crds/kind.ts";
import { KINDS } from "../../crds/kinds.ts";
import { systemClock } from "../../lib/clock.ts";
import { countTests } from "../../tools/ci/counts.ts";
import { testDefinitions } from "../conformance/kube/widgets.ts";
import { findAssets } from "./assets.ts";
import { type ControlPlane, startControlPlane } from "./control_plane.ts";
import { ABSENT, CLUSTER_ENV, superviseControlPlane } from "./supervisor.ts";

const INTERRUPTS = ["SIGINT", "SIGTERM"] as const;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SUITE = ["tests/conformance/kube/", "tests/cluster/"];
/** The closing line of `deno test`: left out, because ours says the same and both would be counted. */
const CLOSING = /^(?:ok|FAILED) \| \d+ passed/;

async function main(args: readonly string[]): Promise<number> {
  const found = await findAssets(print);
  if ("missing" in found) {
    print(`No control plane: ${found.missing}. Its tests are skipped.`);
    return await runTests(args, { invitation: ABSENT, programs: [] });
  }
  const { assets } = found;
  const startedMs = systemClock.now().getTime();
  const plane = await startControlPlane({
    assets,
    definitions: [...KINDS.map(customResourceDefinition), ...testDefinitions()],
    keepFolder: Deno.env.get("LONGSHORE_KEEP_CLUSTER") ? "always" : "never",
  });
  print(`control plane up in ${systemClock.now().getTime() - startedMs} ms: ${plane.facts.folder}`);
  const interrupted = () => void plane.stop().then(() => Deno.exit(130));
  for (const signal of INTERRUPTS) Deno.addSignalListener(signal, interrupted);
  try {
    return await supervised(
      plane,
      (invitation) => runTests(args, { invitation, programs: Object.values(assets) }),
    );
  } finally {
    await plane.stop();
    for (const signal of INTERRUPTS) Deno.removeSignalListener(signal, interrupted);
  }
}

async function supervised(
  plane: ControlPlane,
  work: (invitation: string) => Promise<number>,
): Promise<number> {
  const supervision = await superviseControlPlane(plane);
  try {
    return await work(supervision.invitation);
  } finally {
    await supervision.stop();
  }
}

/** Runs the tests, one file after the other, and prints the counts. */
async function runTests(
  args: readonly string[],
  { invitation, programs }: { readonly invitation: string; readonly programs: readonly string[] },
): Promise<number> {
  const files = args.some((arg) => !arg.startsWith("-")) ? [] : SUITE;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-net=127.0.0.1",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      `--allow-run=${[Deno.execPath(), "sh", ...programs].join(",")}`,
      ...args,
      ...files,
    ],
    cwd: ROOT,
    env: { [CLUSTER_ENV]: invitation, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const interrupted = () => child.kill("SIGKILL");
  for (const signal of INTERRUPTS) Deno.addSignalListener(signal, interrupted);
  let output = "";
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (!CLOSING.test(line)) print(line);
  }
  const { code } = await child.status;
  for (const signal of INTERRUPTS) Deno.removeSignalListener(signal, interrupted);
  const counts = countTests(output);
  if (counts === undefined) return code || 1;
  const { passed, failed, skipped } = counts;
  print(`${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`);
  return code;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
