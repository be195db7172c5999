/**
 * The packages of npm that a binary holds: which, from which archive, under which licence. Read from the lock file, from what
 * the bundler really took, and from the packages themselves in Deno's cache.
 */

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** As the lock file has it: `sha512-…`, in base64. */
  readonly integrity: string;
  /** The licence's SPDX expression, as the package says. */
  readonly licence: string;
  /** The text that goes with it; absent where the package has none. */
  readonly licenceText: string | undefined;
}

interface LockFile {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

const LICENCE_FILE = /^(licen[cs]e|copying)([.-].*)?$/i;

/** The packages of which the scripts at `entries` (below `root`) hold anything, in the order of their names. */
export async function bundledPackages(
  root: string,
  entries: readonly string[],
): Promise<readonly NpmPackage[]> {
  const lock = JSON.parse(await Deno.readTextFile(`${root}/deno.lock`)) as LockFile;
  const integrities = new Map(
    Object.entries(lock.npm).map(([key, { integrity }]) => [withoutPeers(key), integrity]),
  );
  const found = new Map<string, string>();
  for (const entry of entries) {
    for (const [id, folder] of await packagesIn(`${root}/${entry}`, root)) found.set(id, folder);
  }
  return await Promise.all(
    [...found].toSorted(([a], [b]) => a < b ? -1 : 1).map(async ([id, folder]) => {
      const integrity = integrities.get(id);
      if (integrity === undefined) throw new Error(`deno.lock does not know ${id}`);
      const at = id.lastIndexOf("@");
      return {
        name: id.slice(0, at),
        version: id.slice(at + 1),
        integrity,
        licence: await licenceOf(folder),
        licenceText: await licenceTextIn(folder),
      };
    }),
  );
}

/** A key of the lock file may name the versions of a package's peers. */
function withoutPeers(key: string): string {
  return /^(?:@[^/]+\/)?[^@_]+@[^_]+/.exec(key)?.[0] ?? key;
}

/** `name@version` → its folder in the cache, from the comments that an unminified bundle has. */
async function packagesIn(
  entry: string,
  root: string,
): Promise<readonly (readonly [string, string])[]> {
  const out = await Deno.makeTempFile({ prefix: "longshore-sbom-", suffix: ".js" });
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform=deno", "--output", out, entry],
      cwd: root,
      stdin: "null",
      stdout: "null",
    }).output();
    if (code !== 0) throw new Error(`deno bundle ended with ${code}: ${decoded(stderr)}`);
    const cache = await cacheFolder();
    const text = await Deno.readTextFile(out);
    return [
      ...text.matchAll(/^\s*\/\/ .*?\/npm\/([^/\s]+)\/((?:@[^/\s]+\/)?[^/\s]+)\/([^/\s]+)\//gm),
    ]
      .map(([, registry, name, version]) =>
        [`${name}@${version}`, `${cache}/${registry}/${name}/${version}`] as const
      );
  } finally {
    await Deno.remove(out);
  }
}

async function cacheFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
    stdin: "null",
  }).output();
  return JSON.parse(decoded(stdout)).npmCache;
}

async function licenceOf(folder: string): Promise<string> {
  const { license } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`)) as {
    readonly license?: string | { readonly type?: string };
  };
  return (typeof license === "string" ? license : license?.type) ?? "NOASSERTION";
}

async function licenceTextIn(folder: string): Promise<string | undefined> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  const name = names.find((name) => LICENCE_FILE.test(name));
  return name === undefined ? undefined : (await Deno.readTextFile(`${folder}/${name}`)).trim();
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim();
}
