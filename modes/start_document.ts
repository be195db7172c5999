/** A sandbox with what a mode's document asks for besides. Reads one file, in the thread that starts the mode. */
import type { Sandbox, SandboxDocument } from "./mode.ts";

/** A document that cannot be read or understood allows nothing: the worker tells why. */
export async function withDocument<Config>(
  sandbox: Sandbox,
  of: { readonly document: SandboxDocument<Config> | undefined; readonly config: Config },
): Promise<Sandbox> {
  const { document, config } = of;
  if (document === undefined || sandbox.net === "any") return sandbox;
  try {
    const more = document.allows(await Deno.readTextFile(document.path(config)), config);
    return {
      ...sandbox,
      net: [...new Set([...sandbox.net, ...more.net])],
      read: [...sandbox.read, ...more.read],
    };
  } catch {
    return sandbox;
  }
}
