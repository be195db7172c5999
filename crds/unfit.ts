/** The sentence about a value that does not fit, and where such sentences are kept. Pure. */
import { redacted } from "../lib/redaction.ts";

/** Where we are, and where problems are told. */
export interface Place {
  /** From the top of the object: `spec.maxRunners`. */
  readonly path: string;
  readonly problems: string[];
}

const MAX_SHOWN = 64;

/** Says that a value is left out. `wanted` is what is accepted. */
export function leaveOut(value: unknown, wanted: string, { path, problems }: Place): undefined {
  problems.push(`${path} is ${shown(value)}: it must be ${wanted}`);
  return undefined;
}

/**
 * More people read conditions and Events than the object itself, so nothing is shown that may hold a secret: what is inside
 * of objects and lists (credentials in place of the name of their Secret), and what a name is set to (`TOKEN=…`).
 */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    return Array.isArray(value) ? "a list" : "an object";
  }
  const text = redacted(JSON.stringify(value) ?? "absent").replace(/=.+(?=")/s, "=…");
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
