/**
 * Which Deno compiles, and for which machines. A Deno downloads the runtime that it puts in front of a program; where that
 * cannot be reached, `../shared/tools/denort` brings another Deno with a runtime of its own, for this machine only.
 */
import { type Target, TARGETS } from "./profiles.ts";

export interface Toolchain {
  /** The Deno that compiles. */
  readonly deno: string;
  /** Variables that it needs. */
  readonly env: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
  /** Where it comes from, for people. */
  readonly whence: string;
}

/** Below the repository's folder. */
const DENORT_SCRIPT = "../shared/tools/denort";
const SCRIPT_MACHINE = "linux-x64";

/**
 * The environment's (`DENORT_BIN` with `DENO_2_7`, as that script prints them), else that script's, else the Deno that
 * runs this. Throws when the script is there and fails.
 */
export async function toolchain(root: string): Promise<Toolchain> {
  const given = pairOf(Deno.env.toObject());
  if (given !== undefined) return fromPair(given, "the environment");
  const script = `${root}/${DENORT_SCRIPT}`;
  if (await exists(script) && thisMachine() === SCRIPT_MACHINE) {
    const { code, stdout, stderr } = await new Deno.Command(script, { stdin: "null" }).output();
    const said = new TextDecoder().decode(stdout);
    const pair = pairOf(
      Object.fromEntries(
        said.matchAll(/^export (\w+)=(.*)$/gm).map(([, name, value]) => [name, value]),
      ),
    );
    if (code === 0 && pair !== undefined) return fromPair(pair, DENORT_SCRIPT);
    throw new Error(
      `${DENORT_SCRIPT} ended with ${code}: ${new TextDecoder().decode(stderr).trim()}`,
    );
  }
  return {
    deno: Deno.execPath(),
    env: {},
    targets: TARGETS,
    whence: `Deno ${Deno.version.deno} with the runtime that it downloads`,
  };
}

/** The machine that this runs on, as {@link Target.name} spells it. */
export function thisMachine(): string {
  const { os, arch } = Deno.build;
  return `${os}-${arch === "x86_64" ? "x64" : "arm64"}`;
}

interface Pair {
  readonly runtime: string;
  readonly deno: string;
}

function pairOf(env: Readonly<Record<string, string | undefined>>): Pair | undefined {
  const { DENORT_BIN: runtime, DENO_2_7: deno } = env;
  return runtime && deno ? { runtime, deno } : undefined;
}

function fromPair({ runtime, deno }: Pair, whence: string): Toolchain {
  return {
    deno,
    env: { DENORT_BIN: runtime },
    targets: TARGETS.filter(({ name }) => name === thisMachine()),
    whence: `the Deno and the runtime of ${whence}`,
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}
