import { equal, ok } from "node:assert/strict";
import { GITHUB_METRICS } from "../../github/metrics.ts";

Deno.test("every row is ours by name, and says what each of its labels means", {
  permissions: "none",
}, () => {
  equal(new Set(GITHUB_METRICS.map(({ name }) => name)).size, GITHUB_METRICS.length);
  for (const { name, labels, help, kind, buckets } of GITHUB_METRICS) {
    ok(/^longshore_github_[a-z_]+$/.test(name), name);
    for (const label of labels) ok(help.includes(`${label}: `), `${name} ${label}`);
    equal(buckets !== undefined, kind === "histogram", name);
  }
});
