import assert from "node:assert/strict";
import { DEFAULT_SETTINGS, drawMs, withChange } from "../../../sim/github/settings.ts";

const pure = { permissions: "none" } as const;

Deno.test("a change replaces the members that it names", pure, () => {
  const changed = withChange(DEFAULT_SETTINGS, {
    pollHoldMs: 5,
    latencyMs: { fromMs: 1, toMs: 2 },
    runnerVersion: "refused",
  });
  assert.deepEqual(changed, {
    ...DEFAULT_SETTINGS,
    pollHoldMs: 5,
    latencyMs: { fromMs: 1, toMs: 2 },
    runnerVersion: "refused",
  });
});

Deno.test("a wrong change names the setting", pure, () => {
  const rows: readonly (readonly [unknown, RegExp])[] = [
    [[], /JSON object/],
    [{ pollHold: 1 }, /"pollHold": there is no such setting/],
    [{ toString: 1 }, /"toString": there is no such setting/],
    [{ pollHoldMs: -1 }, /"pollHoldMs"/],
    [{ pollHoldMs: "5" }, /"pollHoldMs"/],
    [{ latencyMs: { fromMs: 2, toMs: 1 } }, /"latencyMs"/],
    [{ serviceUrl: "none" }, /slash, no-slash/],
    [{ backend: "pipelines" }, /fixed/],
  ];
  for (const [change, message] of rows) {
    assert.throws(() => withChange(DEFAULT_SETTINGS, change), message);
  }
});

Deno.test("a range is drawn from end to end", pure, () => {
  assert.equal(drawMs(7, () => 0.5), 7);
  const range = { fromMs: 10, toMs: 20 };
  assert.deepEqual([0, 0.5, 0.99].map((x) => drawMs(range, () => x)), [10, 15, 20]);
});
