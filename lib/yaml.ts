/**
 * YAML in and out, the door of the package `yaml`. Plain scalars mean what they mean to kubectl (YAML 1.1: `on` is true,
 * `0644` is octal), except that dates and times stay text; knows nothing of what a document is about.
 */
import process from "node:process";
import { LineCounter, parseAllDocuments, stringify as stringifyDocument, type Tags } from "yaml";
import { InvalidInput } from "./errors.ts";

/** One document of a file. */
export interface YamlDocument {
  /** Plain JSON values. */
  readonly value: unknown;
  /** The line where its content begins, counted from 1. */
  readonly line: number;
}

/**
 * The documents of a text, empty ones left out. Throws {@link InvalidInput} with file and line at the first mistake;
 * the message quotes nothing of the text, which may hold secrets. `fileName` is for messages only.
 */
export function parseDocuments(text: string, fileName: string): readonly YamlDocument[] {
  return withoutEnvironment(() => {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      logLevel: "silent",
      prettyErrors: false,
      version: "1.1",
      customTags: kubernetesTags,
      merge: true,
    });
    const found: YamlDocument[] = [];
    for (const document of documents) {
      const mistake = document.errors[0];
      if (mistake !== undefined) {
        const { line, col } = lines.linePos(mistake.pos[0]);
        throw new InvalidInput(
          `${fileName}:${line}:${col}: ${unquoted(mistake.message)}`,
        );
      }
      const { line } = lines.linePos(document.contents?.range?.[0] ?? 0);
      const value = plainValue(() => document.toJS(), `${fileName}:${line}`);
      if (value !== null) found.push({ value, line });
    }
    return found;
  });
}

/** One document as YAML text with a final line break; what YAML 1.1 would read as something else is quoted. */
export function stringify(value: unknown): string {
  return stringifyDocument(value, {
    lineWidth: 0,
    compat: "yaml-1.1",
    aliasDuplicateObjects: false,
  });
}

/** YAML 1.1 as Kubernetes reads it: no dates, no times counted in sixties, none of the rarer collections. */
function kubernetesTags(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === "string") return true;
    const kind = tag.tag.replace("tag:yaml.org,2002:", "");
    return tag.format !== "TIME" &&
      !["timestamp", "binary", "omap", "pairs", "set"].includes(kind);
  });
}

/** The library's own words: what follows a colon is quoted from the text. */
function unquoted(message: string): string {
  return message.replace(/: .*$/s, "");
}

/** Aliases are resolved here: one without an anchor, or one that grows beyond all bounds, is a mistake too. */
function plainValue(read: () => unknown, where: string): unknown {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof ReferenceError)) throw thrown;
    throw new InvalidInput(`${where}: ${unquoted(thrown.message)}`);
  }
}

/**
 * The library asks the environment for debugging switches at every token, which needs a permission that we do not have.
 * It sees an empty one while it works; nothing else runs meanwhile, because `work` is synchronous.
 */
function withoutEnvironment<T>(work: () => T): T {
  const environment = process.env;
  process.env = {};
  try {
    return work();
  } finally {
    process.env = environment;
  }
}
