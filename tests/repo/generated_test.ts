/** What is stored equals what the tables say: `deno task gen` would change nothing. */
import assert from "node:assert/strict";
import { differences, generatedFiles, ROOT } from "../../tools/gen.ts";

Deno.test("generated files are up to date (else: deno task gen)", async () => {
  assert.deepEqual(await differences(ROOT, await generatedFiles(ROOT)), []);
});
