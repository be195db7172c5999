/** Structured logs: a constant sentence and fields, one JSON object (or one line of text) each, secrets redacted. */

export type LogLevel = "debug" | "info" | "warn" | "error";

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
