import assert from "node:assert/strict";
import { EXIT_SIGTERM, idleProgram } from "../../sim/programs.ts";

Deno.test({
  name: "a side-car does nothing until it is asked to end",
  permissions: "none",
  fn: async () => {
    const ending = new AbortController();
    const run = {
      pod: {},
      container: "c",
      env: {},
      root: "",
      files: new Map(),
      signal: ending.signal,
      killed: new AbortController().signal,
    };
    const running = idleProgram(run);
    ending.abort();
    assert.equal(await running, EXIT_SIGTERM);
    assert.equal(await idleProgram(run), EXIT_SIGTERM);
  },
});
