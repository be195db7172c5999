/**
 * `deno task release`: everything that a release consists of, in one folder: programs for every machine that the toolchain
 * allows, charts, definitions, a plain manifest, bills of materials, licences, checksums. Publishes nothing.
 */
import { fileURLToPath } from "node:url";
import { BUILD } from "../lib/build.ts";
import { InvalidInput } from "../lib/errors.ts";
import { list, text } from "../lib/flag_parsers.ts";
import { helpText } from "../lib/flag_help.ts";
import { asksForHelp, type FlagTable, parseFlags } from "../lib/flags.ts";
import { findHelm } from "../tests/chart/programs.ts";
import { checksums } from "./compile/checksums.ts";
import { commitOf } from "./compile/commit.ts";
import { thisMachine } from "./compile/toolchain.ts";
import { compile } from "./compile.ts";
import { cycloneDx, licenceList } from "./release/bill_of_materials.ts";
import { CHARTS, definitions, packagedChart, plainInstall } from "./release/charts.ts";
import { bundledPackages } from "./release/packages.ts";
import { runtimeOf } from "./release/runtime.ts";
import { tarGz } from "./release/tar.ts";

interface ReleaseConfig {
  readonly out: string;
  readonly targets: readonly string[];
}

const FLAGS: FlagTable<ReleaseConfig> = {
  out: { flag: "--out", parser: text(), default: "dist/release", help: "Folder for the files." },
  targets: {
    flag: "--targets",
    parser: list(),
    default: ["all"],
    help: "For which machines programs are built.",
  },
};

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** Fills a folder, from which a former release is removed. Returns the names of the files. Throws {@link InvalidInput}. */
export async function release(
  { out, targets }: ReleaseConfig,
  say: (line: string) => void,
): Promise<readonly string[]> {
  await emptied(out);
  const put = async (name: string, content: string | Uint8Array) => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${out}/${name}`, bytes);
    say(`${out}/${name}  ${(bytes.length / 1e6).toFixed(1)} MB`);
  };
  const packages = await bundledPackages(ROOT, ["main.ts", "modes/worker.ts"]);
  const commit = await commitOf(ROOT);
  const { version } = BUILD;
  const runtime = await programs({
    out,
    targets,
    licences: licenceList({ version, commit, runtime: "", packages }),
    put,
    say,
  });
  const bill = { version, commit, runtime, packages };
  await put(`longshore-${version}.sbom.cdx.json`, cycloneDx(bill));
  await put("THIRD_PARTY_LICENCES.txt", licenceList(bill));
  for (const chart of CHARTS) {
    await put(`${chart}-${version}.tgz`, await packagedChart(`${ROOT}/chart/${chart}`, chart));
  }
  await put("crds.yaml", await definitions(ROOT));
  const helm = await findHelm(say);
  if ("missing" in helm) say(`no install.yaml: ${helm.missing}`);
  else {await put(
      "install.yaml",
      await plainInstall(helm.program, { root: ROOT, crds: await definitions(ROOT) }),
    );}
  const names = (await Array.fromAsync(Deno.readDir(out))).map(({ name }) => name).sort();
  await put("SHA256SUMS", await checksums(out, names));
  return [...names, "SHA256SUMS"];
}

/** What a release consists of: nothing else is ever removed. */
const OURS = /^(longshore-|gha-runner-scale-set|(crds|install)\.yaml$|SHA256SUMS$|THIRD_PARTY_)/;

async function emptied(out: string): Promise<void> {
  await Deno.mkdir(out, { recursive: true });
  const entries = await Array.fromAsync(Deno.readDir(out));
  const other = entries.find(({ name, isFile }) => !isFile || !OURS.test(name));
  if (other !== undefined) {
    throw new InvalidInput(
      `--out is "${out}", which holds "${other.name}": expected a new folder, an empty one or that ` +
        "of a former release",
    );
  }
  for (const { name } of entries) await Deno.remove(`${out}/${name}`);
}

interface Programs {
  readonly out: string;
  readonly targets: readonly string[];
  readonly licences: string;
  readonly put: (name: string, content: Uint8Array) => Promise<void>;
  readonly say: (line: string) => void;
}

/** One archive for each machine; the image's program is in the image. Returns which Deno the programs have in them. */
async function programs({ targets, licences, put, say }: Programs): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "longshore-release-" });
  try {
    const built = await compile({ profiles: ["desktop"], targets, out: folder }, (line) => {
      if (line.startsWith("No program")) say(line);
    });
    let runtime: string | undefined;
    for (const { path } of built) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const program = name.endsWith(".exe") ? "longshore.exe" : "longshore";
      const archive = await tarGz([
        { path: program, content: await Deno.readFile(path), mode: 0o755 },
        { path: "LICENSE", content: await Deno.readFile(`${ROOT}/LICENSE`) },
        { path: "README.md", content: await Deno.readFile(`${ROOT}/README.md`) },
        { path: "THIRD_PARTY_LICENCES.txt", content: new TextEncoder().encode(licences) },
      ]);
      const target = name.replace(/^longshore-|\.exe$/g, "");
      await put(`longshore-${BUILD.version}-${target}.tar.gz`, archive);
      if (target === thisMachine()) runtime = await runtimeOf(path);
    }
    return runtime ?? Deno.version.deno;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  try {
    if (asksForHelp(Deno.args)) {
      const usage = "deno task release [flags]";
      say(helpText(FLAGS, { usage, summary: "Make every file of a release." }));
    } else await release(parseFlags(FLAGS, { args: Deno.args }).config, say);
  } catch (thrown) {
    if (!(thrown instanceof InvalidInput)) throw thrown;
    say(thrown.message);
    Deno.exitCode = 2;
  }
}
