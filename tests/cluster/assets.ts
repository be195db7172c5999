/**
 * The programs of a real control plane: where they are, or how they are built. Knows the modules under `assets/` and a
 * cache outside the repository; refuses to know how the programs are started.
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../lib/clock.ts";

export type Program = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kubectl";

/** Full paths of all programs. */
export type Assets = Readonly<Record<Program, string>>;

/** `assets`, or what is missing in one sentence: a machine without Go and without assets is no failure. */
export type Found =
  | { readonly assets: Assets }
  | { readonly missing: string };

interface Recipe {
  /** Folder under `assets/`, with its own `go.mod`. */
  readonly module: string;
  readonly source: string;
}

const RECIPES: Readonly<Record<Program, Recipe>> = {
  etcd: { module: "etcd", source: "." },
  "kube-apiserver": { module: "kubernetes", source: "k8s.io/kubernetes/cmd/kube-apiserver" },
  "kube-controller-manager": {
    module: "kubernetes",
    source: "k8s.io/kubernetes/cmd/kube-controller-manager",
  },
  kubectl: { module: "kubernetes", source: "k8s.io/kubernetes/cmd/kubectl" },
};

const PROGRAMS = Object.keys(RECIPES) as readonly Program[];
const FOLDER = fileURLToPath(new URL("assets", import.meta.url));
const PROGRESS_EVERY_MS = 15_000;

/**
 * Looks in the folder that `KUBEBUILDER_ASSETS` names, then in the cache, then builds what the cache lacks. `print` gets
 * a line for each program that is built, and one every 15 s while it is. Throws when a build fails.
 */
export async function findAssets(print: (line: string) => void): Promise<Found> {
  const given = Deno.env.get("KUBEBUILDER_ASSETS");
  if (given) {
    const lacking = await absentIn(given);
    if (lacking.length === 0) return { assets: assetsIn(given) };
    print(`KUBEBUILDER_ASSETS lacks ${lacking.join(", ")}: looking elsewhere`);
  }
  const cache = await cacheFolder();
  const lacking = await absentIn(cache);
  const problem = lacking.length > 0 ? await goProblem() : undefined;
  if (problem !== undefined) {
    const programs = lacking.join(", ");
    return {
      missing: `${problem} to build ${programs}, and no folder with them in KUBEBUILDER_ASSETS`,
    };
  }
  for (const [index, program] of lacking.entries()) {
    print(`building ${program} (${index + 1} of ${lacking.length}) into ${cache}`);
    await build(program, cache, print);
  }
  return { assets: assetsIn(cache) };
}

function assetsIn(folder: string): Assets {
  return Object.fromEntries(PROGRAMS.map((one) => [one, `${folder}/${one}`])) as Assets;
}

async function absentIn(folder: string): Promise<readonly Program[]> {
  const there = await Promise.all(PROGRAMS.map(async (program) => {
    try {
      return (await Deno.stat(`${folder}/${program}`)).isFile;
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) return false;
      throw thrown;
    }
  }));
  return PROGRAMS.filter((_program, index) => !there[index]);
}

/** One folder for each content of the modules, so that a new version never meets an old program. */
async function cacheFolder(): Promise<string> {
  const hash = createHash("sha256");
  for (const module of ["etcd", "kubernetes"]) {
    for (const file of ["go.mod", "go.sum"]) {
      hash.update(await Deno.readTextFile(`${FOLDER}/${module}/${file}`));
    }
  }
  const caches = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? ""}/.cache`;
  return `${caches}/longshore/assets/${hash.digest("hex").slice(0, 12)}`;
}

/** Why Go cannot build our modules; `undefined` when it can. A Go that is too old may fetch the one that a module wants. */
async function goProblem(): Promise<string | undefined> {
  for (const module of ["etcd", "kubernetes"]) {
    try {
      const { success, stderr } = await new Deno.Command("go", {
        args: ["list", "-m"],
        cwd: `${FOLDER}/${module}`,
      }).output();
      if (!success) return `no fit Go (${new TextDecoder().decode(stderr).trim()})`;
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) return "no Go";
      throw thrown;
    }
  }
  return undefined;
}

/** Builds under another name first: a program is there whole, or not at all. */
async function build(program: Program, folder: string, print: (line: string) => void) {
  await Deno.mkdir(folder, { recursive: true });
  const { module, source } = RECIPES[program];
  const started = systemClock.now().getTime();
  const seconds = () => Math.round((systemClock.now().getTime() - started) / 1000);
  const unfinished = `${folder}/${program}.${Deno.pid}`;
  const flags = `-s -w ${await versionFlags(module)}`.trim();
  const child = new Deno.Command("go", {
    args: ["build", "-trimpath", "-ldflags", flags, "-o", unfinished, source],
    cwd: `${FOLDER}/${module}`,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const over = new AbortController();
  const progress = everySoOften(() => print(`building ${program}: ${seconds()} s`), over.signal);
  const { success, stderr } = await child.output();
  over.abort();
  await progress;
  if (!success) {
    throw new Error(`Cannot build ${program}:\n${new TextDecoder().decode(stderr)}`);
  }
  await Deno.rename(unfinished, `${folder}/${program}`);
  print(`built ${program} in ${seconds()} s`);
}

async function everySoOften(act: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(PROGRESS_EVERY_MS, signal).then(act, () => {});
  }
}

/** What a release build stamps into the programs of Kubernetes, so that they say which version they are. */
async function versionFlags(module: string): Promise<string> {
  if (module !== "kubernetes") return "";
  const required = /^require k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\S+)/m
    .exec(await Deno.readTextFile(`${FOLDER}/${module}/go.mod`));
  if (required === null) throw new Error("assets/kubernetes/go.mod requires no k8s.io/kubernetes");
  const [, version, major, minor] = required;
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
    Object.entries(stamps).map(([name, value]) => `-X ${path}.${name}=${value}`)
  ).join(" ");
}
