/**
 * What a failure means to the loop that meets it. Foreign errors are translated once, at the edge; a plain `TypeError`
 * is a bug of ours and has no disposition of its own.
 */

/** What a loop does about a failure. */
export type Disposition =
  | { readonly kind: "retry"; readonly withinMs?: number } // transient: exponential back-off, up to `withinMs`
  | { readonly kind: "retry-after"; readonly ms: number } // the other side told us when
  | { readonly kind: "stop" }; // retrying cannot help until something changes

/** Base of every error that the house raises on purpose. */
export abstract class HouseError extends Error {
  /** Low-cardinality word for metrics and logs, e.g. "kube_conflict". */
  abstract readonly code: string;
  abstract readonly disposition: Disposition;
}

/** Wrong input from a person: one sentence naming field, value and what is accepted. Exit code 2. */
export class InvalidInput extends HouseError {
  override readonly name = "InvalidInput";
  override readonly code = "invalid_input";
  override readonly disposition: Disposition = { kind: "stop" };
}

/** What to do about anything thrown; an unknown error is a bug and is retried with back-off. */
export function disposition(thrown: unknown): Disposition {
  return thrown instanceof HouseError ? thrown.disposition : { kind: "retry" };
}

/** The code for metrics and logs; `"bug"` for anything not raised on purpose. */
export function errorCode(thrown: unknown): string {
  return thrown instanceof HouseError ? thrown.code : "bug";
}

/** Longest error text that we pass on; servers may send pages. */
const MAX_MESSAGE = 256;

/** The message of anything thrown, cut to a length fit for logs, Events and conditions. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 1)}…` : text;
}
