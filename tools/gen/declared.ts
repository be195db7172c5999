/** Finds tables by where they are declared, so that a new one needs no entry here. Reads modules; knows no table. */

/**
 * Every exported value of `module` that `is` accepts, in alphabetic order of the exports' names. Empty when there is no
 * such file.
 */
export async function declaredIn<T>(
  module: URL,
  is: (value: unknown) => value is T,
): Promise<readonly T[]> {
  if (!await exists(module)) return [];
  const exports: Readonly<Record<string, unknown>> = await import(module.href);
  return Object.keys(exports).sort().map((name) => exports[name]).filter(is);
}

async function exists(file: URL): Promise<boolean> {
  try {
    return (await Deno.stat(file)).isFile;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}
