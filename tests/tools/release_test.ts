import assert from "node:assert/strict";
import { release } from "../../tools/release.ts";

Deno.test("a release is put into no folder that holds anything else", async () => {
  const out = await Deno.makeTempDir({ prefix: "longshore-not-a-release-" });
  try {
    await Deno.writeTextFile(`${out}/mine.txt`, "precious");
    await assert.rejects(
      release({ out, targets: ["all"] }, () => {}),
      /^InvalidInput: --out is ".*", which holds "mine\.txt": expected a new folder, an empty one or that of a former release/,
    );
    assert.equal(await Deno.readTextFile(`${out}/mine.txt`), "precious");
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});
