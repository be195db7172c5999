import assert from "node:assert/strict";
import { backoffMs } from "../../lib/backoff.ts";

const limits = { baseMs: 100, capMs: 1_000 };

Deno.test({
  name: "a wait lies between half of its ceiling and the ceiling, which doubles up to the cap",
  permissions: "none",
  fn() {
    const rows: readonly (readonly [attempt: number, least: number, most: number])[] = [
      [0, 50, 100],
      [1, 100, 200],
      [3, 400, 800],
      [4, 500, 1_000],
      [10_000, 500, 1_000],
    ];
    for (const [attempt, least, most] of rows) {
      assert.equal(backoffMs(attempt, limits, () => 0), least);
      assert.equal(backoffMs(attempt, limits, () => 1 - 1e-9), most);
    }
  },
});
