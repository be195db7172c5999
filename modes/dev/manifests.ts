/**
 * From manifest files to objects that can be applied, or to one sentence that says what is wrong and where. Pure: whoever
 * calls has read the files. Only what a cluster could not tell in time is checked here.
 */
import { InvalidInput } from "../../lib/errors.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import type { KubeObject } from "../../kube/types.ts";

export interface ManifestFile {
  readonly name: string;
  readonly text: string;
}

/** An object with the place it was read from. */
export interface Manifest {
  readonly object: KubeObject;
  /** `file:line`, for messages. */
  readonly at: string;
}

/** A kind that the simulated cluster stores. */
export interface KnownKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface ManifestOptions {
  /** For objects that name none. */
  readonly namespace: string;
  readonly kinds: readonly KnownKind[];
}

/**
 * The objects of all files in their order, lists opened, each with a namespace where its kind lives in one. Throws
 * {@link InvalidInput}.
 */
export function readManifests(
  files: readonly ManifestFile[],
  options: ManifestOptions,
): readonly Manifest[] {
  return files.flatMap((file) => {
    const documents = parseDocuments(file.text, file.name);
    if (documents.length === 0) {
      throw new InvalidInput(`${file.name}: no manifest in it, expected at least one object`);
    }
    return documents.flatMap(({ value, line }) =>
      opened(value, `${file.name}:${line}`).map((item) =>
        manifestOf(item, { ...options, at: `${file.name}:${line}` })
      )
    );
  });
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The items of a `List`, or the document itself. */
function opened(value: unknown, at: string): readonly Fields[] {
  if (!isFields(value)) {
    throw new InvalidInput(
      `${at}: a manifest must be a mapping with apiVersion, kind and metadata`,
    );
  }
  if (value["kind"] !== "List") return [value];
  const items = value["items"];
  if (!Array.isArray(items) || !items.every(isFields)) {
    throw new InvalidInput(`${at}: items of a List must be a list of objects`);
  }
  return items;
}

function manifestOf(
  fields: Fields,
  options: ManifestOptions & { readonly at: string },
): Manifest {
  const { at, kinds } = options;
  const { apiVersion, kind } = fields;
  if (typeof apiVersion !== "string" || typeof kind !== "string") {
    throw new InvalidInput(`${at}: apiVersion and kind are missing, expected both as text`);
  }
  const known = kinds.find((row) => row.kind === kind && apiVersion === apiVersionText(row));
  if (known === undefined) {
    throw new InvalidInput(
      `${at}: unknown kind "${kind}" in "${apiVersion}": ${hint(kind, kinds)}`,
    );
  }
  const metadata = isFields(fields["metadata"]) ? fields["metadata"] : {};
  const { name, namespace } = metadata;
  if (typeof name !== "string" || name === "") {
    throw new InvalidInput(`${at}: metadata.name of the ${kind} is missing, expected a name`);
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== "string") {
    throw new InvalidInput(`${at}: metadata.namespace of ${kind} "${name}" must be text`);
  }
  const place = known.namespaced ? { namespace: namespace || options.namespace } : {};
  return { at, object: { ...fields, metadata: { ...metadata, name, ...place } } as KubeObject };
}

function apiVersionText({ group, version }: KnownKind): string {
  return group === "" ? version : `${group}/${version}`;
}

function hint(kind: string, kinds: readonly KnownKind[]): string {
  const same = kinds.find((row) => row.kind.toLowerCase() === kind.toLowerCase());
  if (same !== undefined) return `expected ${same.kind} in "${apiVersionText(same)}"`;
  return `expected one of ${[...new Set(kinds.map((row) => row.kind))].sort().join(", ")}`;
}
