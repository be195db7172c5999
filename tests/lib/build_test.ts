import assert from "node:assert/strict";
import configuration from "../../deno.json" with { type: "json" };
import { BUILD } from "../../lib/build.ts";

Deno.test("the build has the version of the package", () => {
  assert.equal(BUILD.version, configuration.version);
});
