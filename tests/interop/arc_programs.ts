/**
 * ARC's own programs, built from its Go module: the newest version of it that the module proxy has is v0.27.6, the release
 * of its scale-set charts 0.6.1. Knows how they are built; refuses to know what they are tested against.
 */
import { fileURLToPath } from "node:url";
import { IDENTITY_ENV } from "./foreign_listener.ts";

const MODULE = "github.com/actions/actions-runner-controller";
/** What the programs call themselves. */
export const ARC_VERSION = "0.6.1";
const CLIENT = "k8s.io/client-go";
const FOLDER = new URL("arc/", import.meta.url);

type ArcProgram = "manager" | "listener";

const PACKAGES: Readonly<Record<ArcProgram, string>> = {
  manager: MODULE,
  listener: `${MODULE}/cmd/githubrunnerscalesetlistener`,
};

/** Where a pod's identity is, as client-go spells it; there is no pod here, so the folder comes from the environment. */
const POD_IDENTITY = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The names that release 0.6.1 has for what is called otherwise since 0.9. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  configure_url: "configureUrl",
  github_token: "token",
  ephemeral_runner_set_namespace: "ephemeralRunnerSetNamespace",
  ephemeral_runner_set_name: "ephemeralRunnerSetName",
  max_runners: "maxRunners",
  min_runners: "minRunners",
  runner_scale_set_id: "runnerScaleSetId",
  runner_scale_set_name: "runnerScaleSetName",
  server_root_ca: "serverRootCA",
  log_level: "logLevel",
  log_format: "logFormat",
  metrics_addr: "metricsAddr",
  metrics_endpoint: "metricsEndpoint",
};

/** A listener's document of today under the names of that release; what it does not know is left out. */
export function oldNames(document: string): string {
  return renamed(document, OLD_NAMES);
}

/** A listener's document of that release under the names of today. */
export function currentNames(document: string): string {
  const names = Object.entries(OLD_NAMES).map(([current, old]) => [old, current]);
  return renamed(document, Object.fromEntries(names));
}

function renamed(document: string, names: Readonly<Record<string, string>>): string {
  const members = Object.entries(JSON.parse(document))
    .flatMap(([name, value]) => names[name] === undefined ? [] : [[names[name], value]]);
  return JSON.stringify(Object.fromEntries(members));
}

/** What ARC gives to a test. */
export interface Arc {
  /** Paths of programs. */
  readonly manager: string;
  readonly listener: string;
  /** Paths of its CustomResourceDefinitions. */
  readonly definitions: readonly string[];
}

/**
 * Registers a test that wants ARC; it resolves with what it cannot have besides. Where ARC cannot be had, that is printed
 * as a skipped step; without leave to run programs there is no test: that is the run of `deno task test`.
 */
export function arcInterop(claim: string, holds: (arc: Arc) => Promise<string | void>): void {
  if (!MAY_RUN_GO) return;
  Deno.test(claim, async (context) => {
    const arc = await findArc();
    const why = typeof arc === "string" ? arc : await holds(arc);
    if (why) await context.step({ name: `skipped, ${why}`, ignore: true, fn: () => {} });
  });
}

const MAY_RUN_GO = Deno.permissions.querySync({ name: "run", command: "go" }).state ===
  "granted";

/**
 * Everything, or in one sentence why there is nothing. Built once and kept in a cache outside of the repository: a copy of
 * client-go at another place is compiled anew with all that needs it, which takes minutes.
 */
async function findArc(): Promise<Arc | string> {
  const caches = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? ""}/.cache`;
  const folder = `${caches}/longshore/arc-${ARC_VERSION}`;
  const paths = { manager: `${folder}/manager`, listener: `${folder}/listener` };
  try {
    await Deno.mkdir(folder, { recursive: true });
    const missing = await absent(Object.entries(paths));
    if (missing.length > 0) await buildAll(missing, folder);
    const crds = `${await folderOf(MODULE)}/charts/gha-runner-scale-set-controller/crds`;
    const definitions = (await Array.fromAsync(Deno.readDir(crds)))
      .map(({ name }) => `${crds}/${name}`);
    return { ...paths, definitions };
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return "there is no program go";
    return `it cannot be built: ${String(thrown).slice(0, 300)}`;
  }
}

type Wanted = readonly (readonly [program: string, path: string])[];

async function absent(wanted: Wanted): Promise<Wanted> {
  const names = new Set<string>();
  for (const [, path] of wanted) {
    const found = await Deno.stat(path).catch(() => undefined);
    if (found === undefined) names.add(path);
  }
  return wanted.filter(([, path]) => names.has(path));
}

/** Builds under another name first: a program is there whole, or not at all. */
async function buildAll(wanted: Wanted, folder: string): Promise<void> {
  const work = await Deno.makeTempDir({ dir: folder });
  try {
    const modfile = await modfileWithOwnClient(work);
    const stamp = `-X ${MODULE}/build.Version=${ARC_VERSION}`;
    for (const [program, path] of wanted) {
      const unfinished = `${work}/${program}`;
      const flags = ["-modfile", modfile, "-ldflags", stamp, "-o", unfinished];
      await go(["build", ...flags, PACKAGES[program as ArcProgram]]);
      await Deno.rename(unfinished, path);
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function folderOf(module: string): Promise<string> {
  return (await go(["list", "-m", "-f", "{{.Dir}}", module])).trim();
}

/** The module with a copy of client-go that looks for a pod's identity where we say. */
async function modfileWithOwnClient(folder: string): Promise<string> {
  await go(["mod", "download", CLIENT]);
  await copyFolder(await folderOf(CLIENT), `${folder}/client-go`);
  const file = `${folder}/client-go/rest/config.go`;
  const text = await Deno.readTextFile(file);
  const changed = text.replaceAll(`"${POD_IDENTITY}/`, `os.Getenv("${IDENTITY_ENV}") + "/`)
    .replace(/const \((\s+tokenFile )/, "var ($1");
  if (changed === text) throw new Error(`${file} does not look as expected`);
  await Deno.remove(file); // as everything from Go's cache it may not be written to
  await Deno.writeTextFile(file, changed);
  const own = new URL("go.mod", FOLDER);
  await Deno.writeTextFile(
    `${folder}/go.mod`,
    `${await Deno.readTextFile(own)}\nreplace ${CLIENT} => ${folder}/client-go\n`,
  );
  await Deno.copyFile(new URL("go.sum", FOLDER), `${folder}/go.sum`);
  return `${folder}/go.mod`;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function go(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("go", {
    args: [...args],
    cwd: fileURLToPath(FOLDER),
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
