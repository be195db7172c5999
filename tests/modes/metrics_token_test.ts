import assert from "node:assert/strict";
import { folderOf, metricsTokenFolders } from "../../modes/metrics_token.ts";

Deno.test({
  name: "the folder of a mounted token may be read, and nothing when there is none",
  permissions: "none",
  fn: () => {
    assert.deepEqual(metricsTokenFolders({ metricsTokenFile: "/etc/token/value" }), ["/etc/token"]);
    assert.deepEqual(metricsTokenFolders({ metricsTokenFile: "" }), []);
    assert.equal(folderOf("/file"), "/file");
    assert.equal(folderOf("file"), "file");
    assert.equal(folderOf("./file"), ".");
  },
});
