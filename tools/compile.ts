/**
 * `deno task compile`: the product as one file for each profile and machine, as far as the toolchain allows, with
 * checksums. Knows the command line and the folder; how a binary is made is told in `compile/`.
 */
import { fileURLToPath } from "node:url";
import { InvalidInput, messageOf } from "../lib/errors.ts";
import { list, text } from "../lib/flag_parsers.ts";
import { helpText } from "../lib/flag_help.ts";
import { asksForHelp, type FlagTable, parseFlags } from "../lib/flags.ts";
import { writeBinary } from "./compile/binary.ts";
import { bundle } from "./compile/bundle.ts";
import { checksums } from "./compile/checksums.ts";
import { commitOf } from "./compile/commit.ts";
import { binaryName, profiles, type Target, TARGETS } from "./compile/profiles.ts";
import { thisMachine, type Toolchain, toolchain } from "./compile/toolchain.ts";

interface CompileConfig {
  readonly profiles: readonly string[];
  readonly targets: readonly string[];
  readonly out: string;
  readonly commit?: string | undefined;
}

const FLAGS: FlagTable<CompileConfig> = {
  profiles: {
    flag: "--profiles",
    parser: list(),
    default: ["desktop", "image"],
    help: "What to build: desktop, image.",
  },
  targets: {
    flag: "--targets",
    parser: list(),
    default: [],
    help: `For which machines: ${TARGETS.map(({ name }) => name).join(", ")}, or all; ` +
      "without it for this one, and the files have plain names.",
  },
  out: { flag: "--out", parser: text(), default: "dist", help: "Folder for the files." },
  commit: {
    flag: "--commit",
    parser: text(),
    help: "What the binaries say of their origin; without it the commit that is checked out.",
  },
};

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** A binary that was written. */
export interface Built {
  readonly path: string;
  readonly bytes: number;
}

/** Writes the binaries and `SHA256SUMS`. Throws {@link InvalidInput} for what cannot be asked. */
export async function compile(
  config: CompileConfig,
  say: (line: string) => void,
): Promise<readonly Built[]> {
  const wanted = config.profiles.map(profileOf);
  const tools = await toolchain(ROOT);
  const { targets, without } = targetsOf(config.targets, tools);
  for (const { name } of without) {
    say(`No program for ${name}: ${tools.whence} are for ${thisMachine()} only`);
  }
  await Deno.mkdir(config.out, { recursive: true });
  const commit = config.commit ?? await commitOf(ROOT);
  say(`Compiling commit ${commit} with ${tools.whence}`);
  const made = await bundle({ root: ROOT, entry: "main.ts", worker: "modes/worker.ts", commit });
  const built: Built[] = [];
  const names: string[] = [];
  for (const target of targets) {
    for (const profile of wanted) {
      const name = binaryName(profile.name, config.targets.length === 0 ? undefined : target);
      const path = `${config.out}/${name}`;
      const { permissions } = profile;
      const { triple } = target;
      try {
        await writeBinary({ bundle: made, permissions, triple, toolchain: tools, out: path });
      } catch (thrown) {
        if (!config.targets.includes("all") || target.name === thisMachine()) throw thrown;
        say(`No program for ${target.name}: ${messageOf(thrown).split("\n")[0]}`);
        break;
      }
      const { size: bytes } = await Deno.stat(path);
      say(`${path}  ${(bytes / 1e6).toFixed(1)} MB`);
      built.push({ path, bytes });
      names.push(name);
    }
  }
  await Deno.writeTextFile(`${config.out}/SHA256SUMS`, await checksums(config.out, names));
  return built;
}

function profileOf(name: string) {
  const found = Object.values(profiles()).find((profile) => profile.name === name);
  if (found !== undefined) return found;
  throw new InvalidInput(`--profiles names "${name}": expected desktop, image or both`);
}

interface WantedTargets {
  readonly targets: readonly Target[];
  /** Of all, those for which the toolchain has no runtime. */
  readonly without: readonly Target[];
}

function targetsOf(names: readonly string[], tools: Toolchain): WantedTargets {
  if (names.includes("all")) {
    return {
      targets: tools.targets,
      without: TARGETS.filter((one) => !tools.targets.includes(one)),
    };
  }
  const asked = names.length === 0 ? [thisMachine()] : names;
  const targets = asked.map((name) => {
    const found = tools.targets.find((target) => target.name === name);
    if (found !== undefined) return found;
    const possible = tools.targets.map((target) => target.name).join(", ");
    throw new InvalidInput(
      `--targets names "${name}": with ${tools.whence} expected ${possible || "nothing"}`,
    );
  });
  return { targets, without: [] };
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  try {
    if (asksForHelp(Deno.args)) {
      const usage = "deno task compile [flags]";
      say(helpText(FLAGS, { usage, summary: "Compile the product to one file." }));
    } else {
      await compile(parseFlags(FLAGS, { args: Deno.args }).config, say);
    }
  } catch (thrown) {
    if (!(thrown instanceof InvalidInput)) throw thrown;
    say(thrown.message);
    Deno.exitCode = 2;
  }
}
