import assert from "node:assert/strict";
import { givenUpOnceUp, POWERS } from "../../modes/powers.ts";

Deno.test({
  name: "once its worker is up, a starter that nothing needs has no power left",
  permissions: "none",
  fn: () => assert.deepEqual(givenUpOnceUp({ growth: "never", plugin: "none" }), POWERS),
});

Deno.test({
  name: "it keeps what a later worker would need, and what a credential plugin needs",
  permissions: "none",
  fn: () => {
    const kept = POWERS.filter((power) =>
      !givenUpOnceUp({ growth: "asked", plugin: "runs" }).includes(power)
    );
    assert.deepEqual(kept, ["env", "net", "read", "run"]);
  },
});
