/** Which Deno a binary has in it. */

/** Asks the binary itself. Throws when it does not say. */
export async function runtimeOf(binary: string): Promise<string> {
  const path = binary.startsWith("/") ? binary : `./${binary}`;
  const { stdout } = await new Deno.Command(path, { args: ["version"], stdin: "null" }).output();
  const version = /, Deno ([\d.]+)\)/.exec(new TextDecoder().decode(stdout))?.[1];
  if (version === undefined) throw new Error(`${binary} does not say which Deno it has`);
  return version;
}
