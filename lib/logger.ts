/**
 * Lines of a log: one JSON object each, or one line of text, secrets redacted. The door of logtape, of which we use the
 * text formatter: its loggers are configured once for a whole process, ours not.
 */
import { getTextFormatter, type LogLevel as TapeLevel } from "@logtape/logtape";
import type { Clock } from "./clock.ts";
import { HouseError, messageOf } from "./errors.ts";
import { LOG_LEVELS, type LogFields, type LogFormat, type Logger, type LogLevel } from "./log.ts";
import { redacted } from "./redaction.ts";

export interface LoggerOptions {
  /** The lowest level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  /** Takes a line without its line break. Default: standard output, written before the call returns. */
  readonly write?: (line: string) => void;
}

/** The top of a tree of loggers; trees know nothing of each other. */
export interface RootLogger extends Logger {
  /** Changes the level of the whole tree, from the next line on. */
  setLevel(level: LogLevel): void;
}

/**
 * Logging never throws: what cannot be printed is replaced by a word, a line that cannot be written is lost. A field
 * called like one of the line's own (`time severity logger message`) gives way.
 */
export function createLogger(options: LoggerOptions): RootLogger {
  let lowest = LOG_LEVELS.indexOf(options.level);
  const write = options.write ?? writeToStdout;
  const format = options.format === "json" ? jsonLine : textLine();
  const logger = (path: readonly string[], bound: LogFields): Logger => {
    const at = (level: LogLevel) => (sentence: string, fields?: LogFields) => {
      if (LOG_LEVELS.indexOf(level) < lowest) return;
      const line = format({
        time: options.clock.now(),
        level,
        path,
        sentence,
        fields: fields === undefined ? bound : { ...bound, ...fields },
      });
      write(redacted(line));
    };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      with: (fields) => logger(path, { ...bound, ...fields }),
      child: (category) => logger([...path, category], bound),
    };
  };
  return {
    ...logger([], {}),
    setLevel(level) {
      lowest = LOG_LEVELS.indexOf(level);
    },
  };
}

interface Entry {
  readonly time: Date;
  readonly level: LogLevel;
  readonly path: readonly string[];
  readonly sentence: string;
  readonly fields: LogFields;
}

function jsonLine(entry: Entry): string {
  const own = {
    time: entry.time.toISOString(),
    severity: entry.level,
    logger: entry.path.join("/"),
    message: entry.sentence,
  };
  return jsonText({ ...own, ...entry.fields, ...own });
}

const TAPE_LEVELS: Readonly<Record<LogLevel, TapeLevel>> = {
  debug: "debug",
  info: "info",
  warn: "warning",
  error: "error",
};

/** Lines such as `2026-01-01T12:00:00.000Z INFO kube/cache List complete count=3`, control characters escaped. */
function textLine(): (entry: Entry) => string {
  const formatter = getTextFormatter({
    timestamp: "rfc3339",
    level: (level) => level === "warning" ? "WARN" : level.toUpperCase(),
    category: "/",
    lineEnding: "lf",
    sanitize: { sgr: "escape", newlines: "escape" },
    format: ({ timestamp, level, category, message, record }) =>
      [timestamp, level, category, message, ...pairs(record.properties)]
        .filter((part) => part !== "").join(" "),
  });
  return (entry) =>
    formatter({
      category: entry.path,
      level: TAPE_LEVELS[entry.level],
      message: [entry.sentence],
      rawMessage: entry.sentence,
      timestamp: entry.time.getTime(),
      properties: entry.fields,
    }).trimEnd();
}

function pairs(fields: LogFields): readonly string[] {
  return Object.entries(fields).filter(([, value]) => value !== undefined).map(([key, value]) => {
    const text = jsonText(value);
    const plain = /^"([^\s"\\=\p{Cc}]+)"$/u.exec(text);
    return `${key}=${plain?.[1] ?? text}`;
  });
}

/** JSON of anything at all. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value, printable()) ?? "null";
  } catch {
    return '"[unprintable]"';
  }
}

/** A replacer for what JSON has no words for. */
function printable(): (this: unknown, key: string, value: unknown) => unknown {
  const above: unknown[] = [];
  return function (_key, value) {
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Error) return errorText(value);
    if (value instanceof Uint8Array) return `[${value.length} bytes]`;
    if (typeof value !== "object" || value === null) return value;
    if (above.includes(value)) return "[circular]";
    above.push(value);
    return value;
  };
}

/** The message of what was raised on purpose, the stack of a bug; of both, what caused it. */
function errorText(error: Error): string {
  const text = error instanceof HouseError ? messageOf(error) : error.stack ?? messageOf(error);
  return error.cause === undefined ? text : `${text} (cause: ${messageOf(error.cause)})`;
}

const encoder = new TextEncoder();

function writeToStdout(line: string): void {
  let rest = encoder.encode(`${line}\n`);
  try {
    while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
  } catch {
    // Nobody reads it; there is no other place to say so.
  }
}
