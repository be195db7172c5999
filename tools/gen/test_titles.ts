/** The titles of the tests, read from their text. Knows how a title is spelled, not what it claims. */

export interface Title {
  readonly text: string;
  /** The file it stands in, relative to the root of the repository. */
  readonly path: string;
}

/** A string literal of one line; titles are never longer than that. */
const LITERAL = /"((?:[^"\\\n]|\\.)+)"|`([^`\n]+)`/g;

/** Every sentence below `tests/` that names an id which `id` matches, each once, in the order of files and lines. */
export async function titlesNaming(id: RegExp, root: URL): Promise<readonly Title[]> {
  const titles: Title[] = [];
  for (const path of await sources("tests/", root)) {
    const text = await Deno.readTextFile(new URL(path, root));
    for (const [, quoted, template] of text.matchAll(LITERAL)) {
      const title = (quoted ?? template ?? "").replaceAll('\\"', '"');
      if (title.includes(" ") && id.test(title)) titles.push({ text: title, path });
    }
  }
  const seen = new Set<string>();
  return titles.filter(({ text, path }) => {
    const key = `${path}\n${text}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Those that bear an id: spelled out, not as a part of another word. */
export function titlesBearing(id: string, titles: readonly Title[]): readonly Title[] {
  return titles.filter(({ text }) => new RegExp(`\\b${id}\\b`).test(text));
}

/** A Markdown list. What a title takes from its row of a table is shown as "…". */
export function titleList(titles: readonly Title[]): string {
  return titles.map(({ text, path }) => {
    const claim = text.replaceAll(/\$\{[^}]*\}/g, "…").replaceAll(/[<*_]/g, "\\$&");
    return `- ${claim} (\`${path}\`)`;
  }).join("\n");
}

/** The TypeScript files below a folder, sorted. */
async function sources(folder: string, root: URL): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) found.push(...await sources(`${folder}${name}/`, root));
    else if (name.endsWith(".ts")) found.push(`${folder}${name}`);
  }
  return found.sort();
}
