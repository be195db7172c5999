/** The same sources give the same bytes, so that others can tell what a release was made of. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { writeBinary } from "../../tools/compile/binary.ts";
import { bundle } from "../../tools/compile/bundle.ts";
import { sha256 } from "../../tools/compile/checksums.ts";
import { commitOf } from "../../tools/compile/commit.ts";
import { profiles, TARGETS } from "../../tools/compile/profiles.ts";
import { thisMachine, toolchain } from "../../tools/compile/toolchain.ts";
import { binaryTest } from "./binary_test_case.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

binaryTest("compiled again, the image's program is the same to the byte", async (path) => {
  const target = TARGETS.find(({ name }) => name === thisMachine());
  assert.ok(target);
  const out = await Deno.makeTempFile({ prefix: "longshore-again-" });
  await writeBinary({
    bundle: await bundle({
      root: ROOT,
      entry: "main.ts",
      worker: "modes/worker.ts",
      commit: await commitOf(ROOT),
    }),
    permissions: profiles().image.permissions,
    triple: target.triple,
    toolchain: await toolchain(ROOT),
    out,
  });
  const [first, second] = [path("image"), out].map((file) => Deno.readFile(file));
  assert.equal(
    await sha256(await second as Uint8Array<ArrayBuffer>),
    await sha256(await first as Uint8Array<ArrayBuffer>),
  );
  await Deno.remove(out);
});
