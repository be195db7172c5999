/**
 * The programs that the tests of the charts need: where they are, or how they are built. Knows a cache outside the
 * repository; refuses to know what the programs are asked.
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../lib/clock.ts";

/** Built when there is none of its major version on the path. */
const HELM = { module: "helm.sh/helm/v3", version: "v3.22.0" } as const;
/** The Kubernetes that a plain build believes in is 1.20; a release build is stamped. */
const STAMP = `-X ${HELM.module}/pkg/chartutil.k8sVersionMinor=36`;
const MODULES = fileURLToPath(new URL("assets/", import.meta.url));
const PROGRESS_EVERY_MS = 15_000;

/** A full path, or what is missing in one sentence: a machine without Go is no failure. */
export type Found = { readonly program: string } | { readonly missing: string };
type Print = (line: string) => void;

interface Recipe {
  readonly name: string;
  /** Folder in the cache; another for each version, so that a new one never meets an old program. */
  readonly folder: string;
  /** Of `go`; must write the program into the folder, whole or not at all. */
  readonly args: readonly string[];
  readonly cwd?: string;
}

/** `helm`, from the path, from the cache, or built. `print` gets a line now and then while it is built. */
export async function findHelm(print: Print): Promise<Found> {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  for (const folder of folders) {
    const program = `${folder}/helm`;
    if (await isFit(program)) return { program };
  }
  const { module, version } = HELM;
  return await cached({
    name: "helm",
    folder: `helm-${version}`,
    args: ["install", "-trimpath", "-ldflags", `-s -w ${STAMP}`, `${module}/cmd/helm@${version}`],
  }, print);
}

/** Whether it is a helm of the major version that the tests know: others word refusals otherwise. */
async function isFit(program: string): Promise<boolean> {
  const [major = ""] = HELM.version.split(".");
  return (await said(program, ["version", "--short"])).startsWith(`${major}.`);
}

/** One of our own programs, from the module of that name under `assets/`: from the cache, or built. */
export async function findOwn(name: "promql" | "lua", print: Print): Promise<Found> {
  const cwd = `${MODULES}${name}`;
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum", "main.go"]) {
    hash.update(await Deno.readTextFile(`${cwd}/${file}`));
  }
  return await cached({
    name,
    folder: `${name}-${hash.digest("hex").slice(0, 12)}`,
    args: ["install", "-trimpath", "-ldflags", "-s -w", "."],
    cwd,
  }, print);
}

async function cached(recipe: Recipe, print: Print): Promise<Found> {
  const caches = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? ""}/.cache`;
  const folder = `${caches}/longshore/assets/${recipe.folder}`;
  const program = `${folder}/${recipe.name}`;
  if (await isFile(program)) return { program };
  if (await said("go", ["version"]) === "") {
    return { missing: `no ${recipe.name} on this machine, and no Go to build it` };
  }
  print(`building ${recipe.name} into ${folder}`);
  await Deno.mkdir(folder, { recursive: true });
  await build(recipe, folder, print);
  return { program };
}

async function build({ name, args, cwd }: Recipe, folder: string, print: Print): Promise<void> {
  const child = new Deno.Command("go", {
    args: [...args],
    env: { GOBIN: folder },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...(cwd !== undefined && { cwd }),
  }).spawn();
  const over = new AbortController();
  const progress = everySoOften(() => print(`building ${name}`), over.signal);
  const { success, stderr } = await child.output();
  over.abort();
  await progress;
  if (!success) throw new Error(`Cannot build ${name}:\n${new TextDecoder().decode(stderr)}`);
}

async function everySoOften(act: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(PROGRESS_EVERY_MS, signal).then(act, () => {});
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}

/** What a program says; empty when it fails, or there is none. */
async function said(program: string, args: readonly string[]): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args: [...args] }).output();
    return success ? new TextDecoder().decode(stdout) : "";
  } catch (thrown) {
    const absent = [Deno.errors.NotFound, Deno.errors.PermissionDenied, Deno.errors.NotCapable];
    if (absent.some((kind) => thrown instanceof kind)) return "";
    throw thrown;
  }
}
