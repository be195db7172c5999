/** Waiting for what the machine's time brings to a mode that really runs. */
import assert from "node:assert/strict";
import { systemClock } from "../../lib/clock.ts";
import { PATIENCE_MS } from "../patience.ts";

const LOOK_EVERY_MS = 20;

/** Fails naming `what` when it does not come to hold; a throw is a look that saw nothing yet. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = systemClock.now().getTime() + PATIENCE_MS;
  while (systemClock.now().getTime() < end) {
    try {
      if (await holds()) return;
    } catch {
      // Not yet.
    }
    await systemClock.sleep(LOOK_EVERY_MS);
  }
  assert.fail(`Not within ${PATIENCE_MS} ms: ${what}`);
}
