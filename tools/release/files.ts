/** Files of a folder for an archive. */
import type { ArchivedFile } from "./tar.ts";

/** Everything below `folder`, under `prefix`. Links and empty folders are left out. */
export async function filesBelow(
  folder: string,
  prefix: string,
): Promise<readonly ArchivedFile[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const groups = await Promise.all(entries.map(async ({ name, isDirectory, isFile }) => {
    const [from, path] = [`${folder}/${name}`, `${prefix}${name}`];
    if (isDirectory) return await filesBelow(from, `${path}/`);
    return isFile ? [{ path, content: await Deno.readFile(from) }] : [];
  }));
  return groups.flat();
}
