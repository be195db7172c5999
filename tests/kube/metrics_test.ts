import assert from "node:assert/strict";
import { KUBE_METRICS } from "../../kube/metrics.ts";

Deno.test({
  name: "every series has a name of its own and says what its labels mean",
  permissions: "none",
  fn() {
    const names = KUBE_METRICS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { help, kind, labels, name, buckets } of KUBE_METRICS) {
      for (const label of labels) assert.ok(help.includes(label), `${name}: ${label}`);
      assert.equal(buckets !== undefined, kind === "histogram", name);
    }
  },
});
