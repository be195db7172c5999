/**
 * Reads the keys of a chart's values file, those that are commented out included. Knows the comments' conventions, which
 * the head of each values file states; refuses to know what is made of the keys.
 */
import { parseDocuments } from "../../lib/yaml.ts";

/** One documented key. */
export interface ValuesKey {
  /** From the root, with dots: `flags.logLevel`. */
  readonly path: string;
  /** In words, as `@type` says it; `undefined`: the key only holds other documented ones. */
  readonly type: string | undefined;
  /** One paragraph of Markdown; empty for a key that only holds others and explains itself. */
  readonly doc: string;
  /** The value in the file; `undefined` when the key is commented out. */
  readonly value: unknown;
}

interface Line {
  readonly indent: number;
  readonly key: string;
  readonly docs: readonly string[];
}

const TYPE = /^@type (.+)$/;
const KEY = /^( *)([\w.-]+):(?: |$)/;

/** The file with the commented keys set: what a user gets who takes away every "# ". */
export function uncommented(text: string): string {
  return text.split("\n").map((line) => line.replace(/^( *)# (?!#)/, "$1")).join("\n");
}

/** The documented keys in the order of the file. `name` is for messages only. */
export function valuesKeys(text: string, name: string): readonly ValuesKey[] {
  const [document] = parseDocuments(text, name);
  const stack: Line[] = [];
  const keys: ValuesKey[] = [];
  for (const line of keyLines(uncommented(text))) {
    while ((stack.at(-1)?.indent ?? -1) >= line.indent) stack.pop();
    stack.push(line);
    const path = stack.map(({ key }) => key);
    if (line.docs.length === 0) continue;
    for (const [depth, holder] of stack.slice(0, -1).entries()) {
      const above = path.slice(0, depth + 1).join(".");
      if (holder.docs.length === 0 && !keys.some((known) => known.path === above)) {
        keys.push({ path: above, type: undefined, doc: "", value: undefined });
      }
    }
    const types = line.docs.map((doc) => TYPE.exec(doc)?.[1]).filter((type) => type !== undefined);
    keys.push({
      path: path.join("."),
      type: types[0],
      doc: line.docs.filter((doc) => !TYPE.test(doc)).join(" "),
      value: valueAt(document?.value, path),
    });
  }
  return keys;
}

/** Keys of the file that hold a value and that no comment explains. */
export function unexplained(text: string, name: string): readonly string[] {
  const keys = valuesKeys(text, name);
  const [document] = parseDocuments(text, name);
  return leaves(document?.value, "", new Set(keys.map(({ path, type }) => type ? path : "")));
}

function leaves(value: unknown, path: string, explained: ReadonlySet<string>): readonly string[] {
  if (path !== "" && explained.has(path)) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, path === "" ? key : `${path}.${key}`, explained)
  );
}

function keyLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  let docs: string[] = [];
  for (const line of text.split("\n")) {
    const doc = /^ *## ?(.*)$/.exec(line)?.[1];
    if (doc !== undefined) {
      docs.push(doc);
      continue;
    }
    const [, indent = "", key] = KEY.exec(line) ?? [];
    if (key !== undefined) lines.push({ indent: indent.length, key, docs });
    docs = [];
  }
  return lines;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Readonly<Record<string, unknown>> | null | undefined)?.[key],
    value,
  );
}
