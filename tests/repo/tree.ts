/** The repository as text: its files, and what a source file imports. Knows no rule about either. */

const ROOT = new URL("../../", import.meta.url);

/** Folders that are not ours: see `.gitignore`. */
const SKIPPED = new Set([".git", "node_modules", "coverage", "dist"]);

/** Paths of all files below `folder`, relative to the repository, sorted. A folder that is absent has none. */
export function filesBelow(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(new URL(folder === "" ? "." : `${folder}/`, ROOT))]
      .filter(({ name }) => !SKIPPED.has(name))
      .flatMap(({ name, isDirectory }) => {
        const path = folder === "" ? name : `${folder}/${name}`;
        return isDirectory ? filesBelow(path) : [path];
      }).sort();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
}

/** The text of a file of the repository. */
export function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The file it means, relative to the repository; `undefined` for packages. */
  readonly file?: string;
  /** Erased at compile time. */
  readonly typeOnly: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s)?(?:([^"';]*?)\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"/g;

/** The imports of a source file: static ones, re-exports and dynamic ones. */
export function importsOf(path: string): readonly Import[] {
  const text = textOf(path);
  const made = (specifier: string, typeOnly: boolean): Import => {
    if (!specifier.startsWith(".")) return { specifier, typeOnly };
    const file = new URL(specifier, new URL(path, ROOT)).pathname.slice(ROOT.pathname.length);
    return { specifier, file, typeOnly };
  };
  return [
    ...text.matchAll(STATIC).map(([, type, names = "", specifier = ""]) =>
      made(specifier, type !== undefined || hasTypesOnly(names))
    ),
    ...text.matchAll(DYNAMIC).map(([, specifier = ""]) => {
      const typeOnly = false;
      return made(specifier, typeOnly);
    }),
  ];
}

function hasTypesOnly(names: string): boolean {
  const listed = /^\{([^}]*)\}$/s.exec(names.trim())?.[1]?.split(",")
    .map((name) => name.trim()).filter((name) => name !== "");
  return listed !== undefined && listed.length > 0 &&
    listed.every((name) => name.startsWith("type "));
}

/** The text of a source file without its comments, line for line. Strings that contain one are the exception. */
export function codeOf(path: string): string {
  return textOf(path).split("\n")
    .map((line) => /^\s*(\/\/|\/\*|\*)/.test(line) ? "" : line.replace(/\s\/\/ .*$/, ""))
    .join("\n");
}
