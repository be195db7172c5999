/** A table of flags, shown: as help on a terminal and as a page of the documentation. */
import { type AnyFlagRow, flagRows, type FlagTable } from "./flags.ts";

export interface HelpWords {
  /** How the program is called, e.g. `longshore listener [flags]`. */
  readonly usage: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  readonly examples?: readonly Example[];
}

/** A command line, and what it is good for. */
export interface Example {
  readonly command: string;
  /** A few words. */
  readonly does: string;
}

/** No line of help is longer, when its words allow. */
const WIDTH = 100;
/** Flags that are wider than this have their sentence on the next line. */
const MAX_COLUMN = 36;

/** What `--help` prints, without a final line break. Hidden rows are left out. */
export function helpText<Config>(table: FlagTable<Config>, words: HelpWords): string {
  const entries = visible(table).map((row) => ({ left: leftOf(row), right: sentenceOf(row) }));
  entries.push({ left: "-h, --help", right: "Print this text and exit." });
  const fitting = entries.map(({ left }) => left.length).filter((width) => width <= MAX_COLUMN);
  const column = Math.max(...fitting) + 4;
  const lines = entries.flatMap(({ left, right }) => {
    const [first = "", ...more] = wrapped(right, WIDTH - column);
    const indented = more.map((line) => " ".repeat(column) + line);
    if (left.length > MAX_COLUMN) {
      return [`  ${left}`, " ".repeat(column) + first, ...indented];
    }
    return [`  ${left}`.padEnd(column) + first, ...indented];
  });
  return [
    words.summary,
    "",
    `Usage: ${words.usage}`,
    "",
    "Flags:",
    ...lines,
    ...examplesText(words.examples ?? []),
  ].join("\n");
}

function examplesText(examples: readonly Example[]): readonly string[] {
  if (examples.length === 0) return [];
  const lines = examples.map(({ command, does }) => `  # ${does}\n  ${command}`);
  return ["", "Examples:", ...lines];
}

/** The rows as a Markdown table, for the documentation. Hidden rows are left out. */
export function flagsMarkdown<Config>(table: FlagTable<Config>): string {
  const lines = visible(table).map((row) => {
    const names = [row.alias, row.flag].filter((name) => name !== undefined);
    const cells = [
      names.map((name) => `\`${name}\``).join(", "),
      row.env === undefined ? "" : `\`${row.env}\``,
      defaultOf(row) === undefined ? (row.required ? "required" : "") : `\`${defaultOf(row)}\``,
      row.parser.accepts,
      row.help,
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [
    "| flag | environment | default | accepts | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function visible<Config>(table: FlagTable<Config>): readonly AnyFlagRow[] {
  return flagRows(table).map(([, row]) => row).filter((row) => !row.hidden);
}

function leftOf(row: AnyFlagRow): string {
  const name = row.alias === undefined ? row.flag : `${row.alias}, ${row.flag}`;
  if (row.parser.alone !== undefined) return name;
  return `${name} ${row.placeholder ?? row.parser.placeholder}`;
}

/** The default as it would be written; an empty one is not worth showing. */
function defaultOf(row: AnyFlagRow): string | undefined {
  return row.default === undefined ? undefined : row.parser.format(row.default) || undefined;
}

function sentenceOf(row: AnyFlagRow): string {
  const notes = [
    ...(row.required ? ["required"] : []),
    ...(row.parser.join === undefined ? [] : ["repeatable"]),
    ...(defaultOf(row) === undefined ? [] : [`default ${defaultOf(row)}`]),
    ...(row.env === undefined ? [] : [`environment ${row.env}`]),
  ];
  return notes.length === 0 ? row.help : `${row.help} (${notes.join("; ")})`;
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
