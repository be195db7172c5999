/** Which commit the sources are of, read from the repository's own files: no program is needed. */

/** Forty hexadecimal digits; `"unknown"` outside of a repository. Changes that are not committed are not told. */
export async function commitOf(root: string): Promise<string> {
  const folder = `${root}/.git`;
  const head = await textOf(`${folder}/HEAD`);
  const name = /^ref: (\S+)$/.exec(head)?.[1];
  if (name === undefined) return isCommit(head) ? head : "unknown";
  const loose = await textOf(`${folder}/${name}`);
  if (isCommit(loose)) return loose;
  const packed = await textOf(`${folder}/packed-refs`);
  const line = packed.split("\n").find((line) => line.endsWith(` ${name}`)) ?? "";
  return isCommit(line.slice(0, 40)) ? line.slice(0, 40) : "unknown";
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Without blanks at the end; empty when there is no such file. */
async function textOf(path: string): Promise<string> {
  try {
    return (await Deno.readTextFile(path)).trimEnd();
  } catch {
    return "";
  }
}
