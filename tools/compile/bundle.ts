/**
 * From the sources to the scripts of a binary: the program, the entry of its workers, and what both load when they need
 * it, so that no mode keeps another's code in memory. Knows what has to be told to a program that is no longer made of its
 * own files: where its worker is, and which commit it is.
 */

/** What a binary embeds. */
export interface Bundle {
  /** The script that is run. */
  readonly main: string;
  /** Path → text. */
  readonly files: ReadonlyMap<string, string>;
}

export interface BundleOptions {
  /** The folder of the repository. */
  readonly root: string;
  /** The program's entry, below the root. */
  readonly entry: string;
  /** The workers' entry, below the root. */
  readonly worker: string;
  /** Of the sources; told by `longshore version`. */
  readonly commit: string;
}

const COMMIT = `commit:"unknown"`;
const EXAMPLE = "examples/runner-set.yaml";

/** Throws when the bundler fails, or when the sources are not as expected. */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const { root, entry, worker, commit } = options;
  const folder = await Deno.makeTempDir({ prefix: "longshore-bundle-" });
  try {
    await bundled([entry, worker], { out: folder, cwd: root });
    const files = new Map<string, string>();
    for (const path of await pathsBelow(folder, "")) {
      files.set(path, await Deno.readTextFile(`${folder}/${path}`));
    }
    replaceOnce(files, COMMIT, () => `commit:${JSON.stringify(commit)}`);
    replaceOnce(files, urlOf("./worker.ts"), (path) => urlOf(relative(path, scriptOf(worker))));
    replaceOnce(files, urlOf(`../../${EXAMPLE}`), (path) => urlOf(relative(path, EXAMPLE)));
    files.set(EXAMPLE, await Deno.readTextFile(`${root}/${EXAMPLE}`));
    return { main: scriptOf(entry), files };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where the bundler puts an entry. */
function scriptOf(entry: string): string {
  return entry.replace(/\.ts$/, ".js");
}

/** As the bundler writes it. */
function urlOf(path: string): string {
  return `new URL(${JSON.stringify(path)},import.meta.url)`;
}

/** The way from one file to another. */
function relative(from: string, to: string): string {
  const depth = from.split("/").length - 1;
  return depth === 0 ? `./${to}` : `${"../".repeat(depth)}${to}`;
}

async function bundled(
  entries: readonly string[],
  where: { readonly out: string; readonly cwd: string },
): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      "--platform=deno",
      "--code-splitting",
      `--outdir=${where.out}`,
      ...entries,
    ],
    cwd: where.cwd,
    stdin: "null",
    stdout: "null",
  }).output();
  if (code !== 0) {
    throw new Error(`deno bundle ended with ${code}: ${new TextDecoder().decode(stderr).trim()}`);
  }
}

async function pathsBelow(folder: string, prefix: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${folder}/${prefix}`));
  const groups = await Promise.all(
    entries.map(({ name, isDirectory }) =>
      isDirectory ? pathsBelow(folder, `${prefix}${name}/`) : [`${prefix}${name}`]
    ),
  );
  return groups.flat().sort();
}

/** Throws unless `what` is there exactly once: then the sources have changed and this file must follow. */
export function replaceOnce(
  files: Map<string, string>,
  what: string,
  by: (path: string) => string,
): void {
  const found = [...files].flatMap(([path, text]) =>
    Array.from({ length: text.split(what).length - 1 }, () => path)
  );
  const [path] = found;
  if (path === undefined || found.length > 1) {
    throw new Error(`${JSON.stringify(what)} is in the bundle ${found.length} times, wanted: once`);
  }
  files.set(path, (files.get(path) ?? "").replace(what, () => by(path)));
}
