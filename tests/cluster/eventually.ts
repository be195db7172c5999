/** Waiting for a condition of the real world, with an end. For what no watch tells. */
import { systemClock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import { PATIENCE_MS } from "../patience.ts";

const LOOK_EVERY_MS = 50;

/**
 * The first answer of `look` that is not `undefined`; a throw is a look that saw nothing yet. Throws, with what the last
 * look threw, when `withinMs` (default {@link PATIENCE_MS}) are over.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { withinMs = PATIENCE_MS }: { readonly withinMs?: number } = {},
): Promise<T> {
  const end = systemClock.now().getTime() + withinMs;
  for (;;) {
    let why = "it did not happen";
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (thrown) {
      why = messageOf(thrown);
    }
    if (systemClock.now().getTime() >= end) {
      throw new Error(`Waited ${withinMs} ms for ${what}: ${why}`);
    }
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}
