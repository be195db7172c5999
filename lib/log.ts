/**
 * What a line of a log is: a level, a constant sentence, fields. How it is written is the business of `logger.ts`; here is
 * only what those who log must know.
 */

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Every level, the chattiest first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const satisfies LogLevel[];

/** One JSON object a line, for machines; or a line of text, for people. */
export type LogFormat = "json" | "text";

/**
 * Identifiers of a line. Spellings are fixed across the house: `kind namespace name uid reconcileId scaleSetId
 * runnerName messageId step ms attempt`. Values are JSON; a `Secret` prints as redacted.
 */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(sentence: string, fields?: LogFields): void;
  info(sentence: string, fields?: LogFields): void;
  warn(sentence: string, fields?: LogFields): void;
  error(sentence: string, fields?: LogFields): void;
  /** The same logger with fields added to every line. */
  with(fields: LogFields): Logger;
  /** A logger of a room below this one, e.g. `child("reflector")`. */
  child(category: string): Logger;
}

/** Says nothing; the default of tests. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLogger,
  child: () => silentLogger,
};
