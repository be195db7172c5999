/** A set carries its runners' spec as they will have it. */
import assert from "node:assert/strict";
import { ephemeralRunnerKind } from "../../crds/ephemeral_runner.ts";
import { ephemeralRunnerSetKind } from "../../crds/ephemeral_runner_set.ts";

Deno.test("a set's runner spec has the schema of a runner's spec", { permissions: "none" }, () => {
  const embedded = ephemeralRunnerSetKind.spec.fields?.["ephemeralRunnerSpec"];
  assert.deepEqual(embedded?.schema, ephemeralRunnerKind.spec.schema);
});
