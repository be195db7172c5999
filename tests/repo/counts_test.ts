import assert from "node:assert/strict";
import { countTests } from "../../tools/ci/counts.ts";

const rows: Readonly<Record<string, readonly [output: string, counts: unknown]>> = {
  "the closing line of a good run": [
    "a ... ok (1ms)\n\nok | 77 passed | 0 failed (1s)\n",
    { passed: 77, failed: 0, skipped: 0 },
  ],
  "steps, ignored and filtered ones": [
    "FAILED | 72 passed (4 steps) | 6 failed (1 step) | 2 ignored (3 steps) | 9 filtered out (1m2s)",
    { passed: 72, failed: 6, skipped: 2 },
  ],
  "colours and carriage returns": [
    "\u001b[0m\u001b[32mok\u001b[0m | 1 passed | 0 failed | 1 ignored \u001b[0m(2ms)\u001b[0m\r\n",
    { passed: 1, failed: 0, skipped: 1 },
  ],
  "several runs are added": [
    "ok | 1 passed | 0 failed (1s)\nmore\nok | 2 passed | 0 failed (1s)\n3 passed, 1 failed, 1 skipped\n",
    { passed: 6, failed: 1, skipped: 1 },
  ],
  "a word may stand before a plain line": [
    "cluster: 3 passed, 0 failed",
    { passed: 3, failed: 0, skipped: 0 },
  ],
  "a run that broke off counts nothing": ["running 3 tests\nthe ok | 1 passed one", undefined],
};

for (const [claim, [output, counts]] of Object.entries(rows)) {
  Deno.test({
    name: `counted: ${claim}`,
    permissions: "none",
    fn() {
      assert.deepEqual(countTests(output), counts);
    },
  });
}
