/**
 * One table of flags gives a typed, readonly config from the command line and the environment. Pure: whoever calls
 * hands in both. How a value is written is the parsers' business, how the table is shown that of `flag_help.ts`.
 */
import { InvalidInput } from "./errors.ts";
import { nearest } from "./nearest.ts";

/** How a value is written on the command line. */
export interface FlagParser<T> {
  /** What is accepted, to follow "expected", e.g. `a duration such as 30s`. */
  readonly accepts: string;
  /** Stands for the value in the help text, e.g. `DURATION`. */
  readonly placeholder: string;
  /** The value; `undefined` when the text is not accepted. */
  parse(text: string): T | undefined;
  /** The text for a value, as the help shows a default. */
  format(value: T): string;
  /** The text that a flag without a value stands for. Such a flag takes a value only after `=`. */
  readonly alone?: string;
  /** Present on flags that may be repeated: joins the values in their order. Otherwise the last one counts. */
  join?(earlier: T, later: T): T;
  /** The text is never repeated in a message. */
  readonly secret?: true;
}

/** A row without its rule about absence. */
interface FlagWords<T> {
  /** The flag with its dashes, e.g. `--log-level`. One dash instead of two is accepted too, as in Go. */
  readonly flag: string;
  /** A second spelling, e.g. `-n`. */
  readonly alias?: string;
  /** The environment variable that counts when the flag is absent. An empty one counts as unset. */
  readonly env?: string;
  /** Present: an empty variable counts too, as its presence is what matters. */
  readonly emptyCounts?: true;
  readonly parser: FlagParser<T>;
  /** One sentence. */
  readonly help: string;
  /** Instead of the parser's own. */
  readonly placeholder?: string;
  /** Accepted, but left out of the help. */
  readonly hidden?: true;
}

/** One flag. A property that must have a value names its default, or is `required`. */
export type FlagRow<T> =
  & FlagWords<Exclude<T, undefined>>
  & (undefined extends T ? { readonly default?: Exclude<T, undefined>; readonly required?: never }
    :
      | { readonly default: T; readonly required?: never }
      | { readonly required: true; readonly default?: never });

/** A row for every property of the config. */
export type FlagTable<Config> = { readonly [Name in keyof Config]-?: FlagRow<Config[Name]> };

/** Any row, for code that walks a table. */
export interface AnyFlagRow extends FlagWords<unknown> {
  readonly default?: unknown;
  readonly required?: true;
}

/** The rows of a table in their order, each with its property. */
export function flagRows<Config>(
  table: FlagTable<Config>,
): readonly (readonly [property: string, row: AnyFlagRow])[] {
  return Object.entries(table) as [string, AnyFlagRow][];
}

export interface FlagInput {
  /** The arguments after the mode word. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How many arguments that are no flags may follow; 0 unless said. */
  readonly maxRest?: number;
  /** Flags of another program that are accepted and have no effect, each with the parser that tells its shape. */
  readonly ignored?: Readonly<Record<string, FlagParser<unknown>>>;
}

export interface ParsedFlags<Config> {
  /** Properties without flag, environment and default are absent. */
  readonly config: Config;
  /** The arguments that are no flags, in order. */
  readonly rest: readonly string[];
  /** Flags that were given and have no effect, each once. */
  readonly ignored: readonly string[];
}

/** Whether the arguments ask for help, anywhere before `--`. Ask this first: help never fails. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((arg) => /^(-h|--?help)$/.test(arg));
}

/**
 * Reads arguments (`--flag value`, `--flag=value`, `-flag value`), then the environment, then the defaults. `--` ends
 * the flags. Throws {@link InvalidInput} at the first thing that cannot be meant.
 */
export function parseFlags<Config>(
  table: FlagTable<Config>,
  input: FlagInput,
): ParsedFlags<Config> {
  const rows = flagRows(table);
  const known = knownFlags(rows, input.ignored ?? {});
  const values = new Map<string, unknown>();
  const rest: string[] = [];
  const ignored = new Set<string>();
  for (let at = 0; at < input.args.length; at++) {
    const arg = input.args[at] as string;
    if (arg === "--") {
      rest.push(...input.args.slice(at + 1));
      break;
    }
    const match = /^--?([A-Za-z][^=]*)(?:=(.*))?$/s.exec(arg);
    if (match === null) {
      rest.push(arg);
      continue;
    }
    const flag = known.get(match[1] as string);
    if (flag === undefined) throw unknownFlag(match[1] as string, rows, input.ignored);
    let text = match[2] ?? flag.parser.alone;
    if (text === undefined) {
      text = input.args[++at];
      if (text === undefined) {
        throw new InvalidInput(
          `${flag.flag} needs a value: expected ${flag.parser.accepts}`,
        );
      }
    }
    const value = valueOf(flag.parser, text, flag.flag);
    if (flag.property === undefined) ignored.add(flag.flag);
    else {
      values.set(flag.property, joined(flag.parser, values.get(flag.property), value));
    }
  }
  if (rest.length > (input.maxRest ?? 0)) {
    throw new InvalidInput(`Unexpected argument "${rest[input.maxRest ?? 0]}"`);
  }
  const config = completed(rows, values, input.env ?? {}) as Config;
  return { config, rest, ignored: [...ignored] };
}

interface KnownFlag {
  readonly flag: string;
  readonly parser: FlagParser<unknown>;
  /** Absent on ignored flags. */
  readonly property?: string;
}

function knownFlags(
  rows: readonly (readonly [string, AnyFlagRow])[],
  ignored: Readonly<Record<string, FlagParser<unknown>>>,
): ReadonlyMap<string, KnownFlag> {
  const known = new Map<string, KnownFlag>();
  for (const [flag, parser] of Object.entries(ignored)) known.set(bareName(flag), { flag, parser });
  for (const [property, { flag, alias, parser }] of rows) {
    known.set(bareName(flag), { flag, parser, property });
    if (alias !== undefined) known.set(bareName(alias), { flag: alias, parser, property });
  }
  return known;
}

function bareName(flag: string): string {
  return flag.replace(/^--?/, "");
}

function valueOf(parser: FlagParser<unknown>, text: string, where: string): unknown {
  const value = parser.parse(text);
  if (value !== undefined) return value;
  const shown = parser.secret ? "" : ` "${text}"`;
  throw new InvalidInput(`Invalid value${shown} for ${where}: expected ${parser.accepts}`);
}

function joined(parser: FlagParser<unknown>, earlier: unknown, later: unknown): unknown {
  return earlier === undefined || parser.join === undefined ? later : parser.join(earlier, later);
}

/** Fills in what the arguments left open, in the order of the table. */
function completed(
  rows: readonly (readonly [string, AnyFlagRow])[],
  given: ReadonlyMap<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, unknown>> {
  const config: Record<string, unknown> = {};
  for (const [property, row] of rows) {
    const text = row.env === undefined ? undefined : env[row.env];
    let value = given.get(property);
    if (value === undefined && text !== undefined && (text !== "" || row.emptyCounts)) {
      value = valueOf(row.parser, text, `${row.env} (the environment's ${row.flag})`);
    }
    value ??= row.default;
    if (value !== undefined) config[property] = value;
    else if (row.required) {
      const or = row.env === undefined ? "" : ` or ${row.env}`;
      throw new InvalidInput(`${row.flag}${or} is required: expected ${row.parser.accepts}`);
    }
  }
  return config;
}

function unknownFlag(
  name: string,
  rows: readonly (readonly [string, AnyFlagRow])[],
  ignored: FlagInput["ignored"] = {},
): InvalidInput {
  const shown = rows.filter(([, { hidden }]) => !hidden).map(([, { flag }]) => flag);
  const meant = nearest(name, [...shown, ...Object.keys(ignored)].map(bareName));
  const hint = meant === undefined ? "--help lists those there are" : `did you mean --${meant}?`;
  return new InvalidInput(`Unknown flag "--${name}": ${hint}`);
}
