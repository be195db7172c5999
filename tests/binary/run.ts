/**
 * `deno task test:binary`: compiles the product and the probes of its sandbox, and runs the tests that want them. Where
 * nothing can be compiled it says why, and the tests are skipped by name. Arguments go to `deno test`.
 */
import { fileURLToPath } from "node:url";
import { messageOf } from "../../lib/errors.ts";
import { writeBinary } from "../../tools/compile/binary.ts";
import { bundle } from "../../tools/compile/bundle.ts";
import { commitOf } from "../../tools/compile/commit.ts";
import { profiles, TARGETS } from "../../tools/compile/profiles.ts";
import { thisMachine, type Toolchain, toolchain } from "../../tools/compile/toolchain.ts";
import { ABSENT, BINARIES, BINARIES_ENV } from "./binary_test_case.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

const WORKER = "modes/worker.ts";
const PROBE = "tests/binary/probe_worker.ts";

/** What the probes are made of, besides the product. */
const PLANS = [
  { name: BINARIES.desktop, entry: "main.ts", worker: WORKER, profile: "desktop" },
  { name: BINARIES.image, entry: "main.ts", worker: WORKER, profile: "image" },
  { name: BINARIES.probeDesktop, entry: "main.ts", worker: PROBE, profile: "desktop" },
  { name: BINARIES.probeImage, entry: "main.ts", worker: PROBE, profile: "image" },
  {
    name: BINARIES.probeMain,
    entry: "tests/binary/probe_main.ts",
    worker: WORKER,
    profile: "desktop",
  },
] as const;

async function main(args: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "longshore-binaries-" });
  try {
    const built = await tried(() => build(folder));
    if (built !== undefined) print(`No binary can be compiled: ${built}. Its tests are skipped.`);
    return await test(built === undefined ? folder : ABSENT, args);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Why it did not work; `undefined` when it did. A bundle that cannot be made is a mistake of ours, and thrown. */
async function tried(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    if (
      /^deno compile/.test(messageOf(thrown)) &&
      /download|error sending|dl\.deno/i.test(String(thrown))
    ) {
      return messageOf(thrown);
    }
    throw thrown;
  }
}

async function build(folder: string): Promise<void> {
  const tools = await toolchain(ROOT);
  print(`Compiling with ${tools.whence}`);
  const commit = await commitOf(ROOT);
  for (const plan of PLANS) await buildOne(plan, { folder, tools, commit });
}

async function buildOne(
  plan: typeof PLANS[number],
  to: { readonly folder: string; readonly tools: Toolchain; readonly commit: string },
): Promise<void> {
  const { entry, worker, profile, name } = plan;
  const target = TARGETS.find((target) => target.name === thisMachine());
  if (target === undefined) throw new Error(`No binary is made for ${thisMachine()}`);
  await writeBinary({
    bundle: await bundle({ root: ROOT, entry, worker, commit: to.commit }),
    permissions: profiles()[profile].permissions,
    triple: target.triple,
    toolchain: to.tools,
    out: `${to.folder}/${name}`,
  });
}

async function test(binaries: string, args: readonly string[]): Promise<number> {
  const files = args.filter((arg) => !arg.startsWith("-"));
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-net=127.0.0.1,0.0.0.0",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-run",
      "--allow-sys",
      ...args.filter((arg) => arg.startsWith("-")),
      ...(files.length === 0 ? ["tests/binary"] : files),
    ],
    cwd: ROOT,
    env: { [BINARIES_ENV]: binaries },
    stdin: "null",
  }).spawn().status;
  return code;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
