/** The files behind a kubeconfig: which they are, and their text. Knows paths and what to say when one cannot be read. */
import { isAbsolute, join, resolve } from "node:path";
import { InvalidInput } from "../lib/errors.ts";
import type { ClusterAccess, KubeconfigText, Source } from "./kubeconfig.ts";

/** Between paths in `KUBECONFIG`. */
export const PATH_SEPARATOR: string = Deno.build.os === "windows" ? ";" : ":";

/**
 * The absolute paths that `text` lists, as `KUBECONFIG` does; without text the place where kubectl keeps its own in the
 * folder `home`. Throws {@link InvalidInput} when neither is known.
 */
export function kubeconfigPaths(
  text: string | undefined,
  home: string | undefined,
): readonly string[] {
  const paths = (text ?? "").split(PATH_SEPARATOR).filter((path) => path !== "");
  if (paths.length > 0) return paths.map((path) => isAbsolute(path) ? path : resolve(path));
  if (home) return [join(home, ".kube", "config")];
  throw new InvalidInput("No kubeconfig is named: expected --kubeconfig FILE");
}

/** Their texts. Of several, those that do not exist are left out. Throws {@link InvalidInput} when none can be read. */
export async function readKubeconfigs(
  paths: readonly string[],
): Promise<readonly KubeconfigText[]> {
  const found: KubeconfigText[] = [];
  for (const path of paths) {
    try {
      found.push({ path, text: await Deno.readTextFile(path) });
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound && paths.length > 1) continue;
      throw unreadable("kubeconfig", path, thrown);
    }
  }
  if (found.length > 0) return found;
  throw new InvalidInput(`None of the kubeconfigs is there: ${paths.join(", ")}`);
}

/** The text behind a source. Throws {@link InvalidInput}; `what` names it in a sentence: `client key`. */
export async function textOf(source: Source, what: string): Promise<string> {
  if ("text" in source) return source.text.reveal();
  try {
    return await Deno.readTextFile(source.path);
  } catch (thrown) {
    throw unreadable(what, source.path, thrown);
  }
}

/** The files that the context names: read at the start, and again when they change. */
export function filesOf({ ca, credentials }: ClusterAccess): readonly string[] {
  const { certificate, token } = credentials;
  return [ca, certificate?.cert, certificate?.key, token].flatMap((source) =>
    source !== undefined && "path" in source ? [source.path] : []
  );
}

function unreadable(what: string, path: string, cause: unknown): InvalidInput {
  const why = cause instanceof Deno.errors.NotFound
    ? "there is no such file"
    : cause instanceof Deno.errors.PermissionDenied
    ? "the system does not allow it"
    : cause instanceof Deno.errors.NotCapable
    ? "our sandbox does not allow it; a kubeconfig that now names other files needs a restart"
    : "it is no text file";
  return new InvalidInput(`Cannot read the ${what} ${path}: ${why}`, { cause });
}
