/** How values are written on a command line: each parser reads one shape of text and says what it accepts. */
import {
  type DurationRange,
  formatDuration,
  formatDurationRange,
  formatRate,
  parseDuration,
  parseDurationRange,
  parseRate,
} from "./duration.ts";
import type { FlagParser } from "./flags.ts";
import { formatListenAddress, type ListenAddress, parseListenAddress } from "./listen_address.ts";
import { Secret } from "./secret.ts";

/** Bounds of a number, both included. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** Any text, the empty one included. */
export function text(): FlagParser<string> {
  return { accepts: "text", placeholder: "TEXT", parse: (text) => text, format: (value) => value };
}

/** The name of something; not empty, no blanks. */
export function word(): FlagParser<string> {
  return {
    ...text(),
    accepts: "a word without blanks",
    parse: (text) => /^\S+$/.test(text) ? text : undefined,
  };
}

/** Where a file or a folder is; not empty. */
export function path(): FlagParser<string> {
  return {
    ...text(),
    accepts: "a path",
    placeholder: "PATH",
    parse: (text) => text === "" ? undefined : text,
  };
}

/** Source: RFC 1123 labels, as the API server checks them. */
export function namespaceName(): FlagParser<string> {
  return {
    ...text(),
    accepts: "the name of a namespace",
    parse: (text) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text) ? text : undefined,
  };
}

/** Text that nobody may see again; not empty. */
export function secretText(): FlagParser<Secret<string>> {
  return {
    accepts: "text",
    placeholder: "SECRET",
    secret: true,
    parse: (text) => text === "" ? undefined : new Secret(text),
    format: String,
  };
}

/** A whole number. */
export function integer(bounds: Bounds = {}): FlagParser<number> {
  return {
    accepts: `a whole number${boundsText(bounds)}`,
    placeholder: "N",
    parse: (text) => /^-?\d+$/.test(text) ? within(Number(text), bounds) : undefined,
    format: String,
  };
}

/** A decimal number. */
export function number(bounds: Bounds = {}): FlagParser<number> {
  return {
    accepts: `a number${boundsText(bounds)}`,
    placeholder: "NUMBER",
    parse: (text) => /^-?\d+(\.\d+)?$/.test(text) ? within(Number(text), bounds) : undefined,
    format: String,
  };
}

/** A span of time, held in ms; `bounds` are in ms too. */
export function duration(bounds: Bounds = {}): FlagParser<number> {
  const { min, max } = bounds;
  const limits = boundsText({
    ...(min === undefined ? {} : { min: formatDuration(min) }),
    ...(max === undefined ? {} : { max: formatDuration(max) }),
  });
  return {
    accepts: `a duration such as 250ms, 30s or 1h30m${limits}`,
    placeholder: "DURATION",
    parse: (text) => within(parseDuration(text), bounds),
    format: formatDuration,
  };
}

/** A span of time between two bounds. */
export function durationRange(): FlagParser<DurationRange> {
  return {
    accepts: "a duration or a range of them such as 2s..8s",
    placeholder: "RANGE",
    parse: parseDurationRange,
    format: formatDurationRange,
  };
}

/** So many in a unit of time, held as a number per second. */
export function rate(): FlagParser<number> {
  return {
    accepts: "a rate such as 5/s, 30/m or 100/h",
    placeholder: "RATE",
    parse: parseRate,
    format: formatRate,
  };
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): FlagParser<Word> {
  return {
    accepts: `one of ${words.join(", ")}`,
    placeholder: words.join("|"),
    parse: (text) => words.find((word) => word === text),
    format: (value) => value,
  };
}

const TRUE = new Set(["true", "1", "t", "T", "TRUE", "True"]);
const FALSE = new Set(["false", "0", "f", "F", "FALSE", "False"]);

/** On or off; the flag alone means on. Go's spellings are accepted, as charts pass them. */
export function boolean(): FlagParser<boolean> {
  return {
    accepts: "true or false",
    placeholder: "true|false",
    alone: "true",
    parse: (text) => TRUE.has(text) ? true : FALSE.has(text) ? false : undefined,
    format: String,
  };
}

/** Words with commas between them; an empty text is an empty list. Lists that are given one after the other are joined. */
export function list(): FlagParser<readonly string[]> {
  return {
    accepts: "words with commas between them (repeatable)",
    placeholder: "A,B",
    parse: (text) => text.split(",").map((word) => word.trim()).filter((word) => word !== ""),
    format: (value) => value.join(","),
    join: (earlier, later) => [...earlier, ...later],
  };
}

/** As many values as the flag is given; one occurrence, as the environment, may carry several with commas between. */
export function repeatable<T>(of: FlagParser<T>): FlagParser<readonly T[]> {
  return {
    accepts: `${of.accepts} (repeatable)`,
    placeholder: of.placeholder,
    ...(of.secret ? { secret: true } : {}),
    parse: (text) => {
      const values = text.split(",").map((part) => of.parse(part.trim()));
      return values.every((value) => value !== undefined) ? values : undefined;
    },
    format: (values) => values.map((value) => of.format(value)).join(","),
    join: (earlier, later) => [...earlier, ...later],
  };
}

/** Where a server listens, as Go programs write it; `0` is `"off"`. */
export function listenAddress(): FlagParser<ListenAddress | "off"> {
  return {
    accepts: "an address such as :8080 or 127.0.0.1:0, or 0 for none",
    placeholder: "ADDRESS",
    parse: parseListenAddress,
    format: formatListenAddress,
  };
}

function within(value: number | undefined, { min = -Infinity, max = Infinity }: Bounds) {
  return value === undefined || !Number.isFinite(value) || value < min || value > max
    ? undefined
    : value;
}

function boundsText(
  { min, max }: { readonly min?: number | string; readonly max?: number | string },
) {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}
