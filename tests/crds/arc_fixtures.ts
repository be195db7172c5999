/**
 * ARC's own manifests, where they lie beside the repository. A clone without them can still run every test: those that
 * need ARC's files say so in their name and are ignored.
 */
import { parseDocuments } from "../../lib/yaml.ts";

const FOLDER = new URL("../../../shared/fixtures/", import.meta.url);

/** The reason that an ignored test carries in its name. */
export const NEEDS_ARC = "(needs ARC's manifests in ../shared/fixtures)";

/** Whether the tests that need ARC's manifests cannot run here. */
export function arcIsAbsent(): boolean {
  try {
    return !Deno.statSync(FOLDER).isDirectory;
  } catch {
    return true;
  }
}

/** The documents of one of ARC's files, e.g. `runner-set.yaml`. */
export async function arcDocuments(name: string): Promise<readonly Document[]> {
  const text = await Deno.readTextFile(new URL(name, FOLDER));
  return parseDocuments(text, name).map(({ value }) => value as Document);
}

export type Document = Readonly<Record<string, unknown>>;

/** The names of ARC's rendered manifests. */
export const ARC_RUNNER_SETS = [
  "runner-set.yaml",
  "runner-set-warm.yaml",
  "runner-set-dind.yaml",
  "runner-set-kubernetes.yaml",
] as const;
