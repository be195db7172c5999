import assert from "node:assert/strict";
import { seededRandom } from "../../../lib/random.ts";
import { nextScript } from "../../../modes/dev/crashes.ts";

function drawn(failRate: number): ReadonlyMap<string, number> {
  const random = seededRandom(11);
  const counts = new Map<string, number>();
  for (let i = 0; i < 10_000; i++) {
    const script = nextScript(failRate, random);
    counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  return counts;
}

Deno.test({
  name: "nobody fails at 0, nobody works at 1",
  permissions: "none",
  fn: () => {
    assert.deepEqual([...drawn(0).keys()], ["run"]);
    assert.ok(!drawn(1).has("run"));
  },
});

Deno.test({
  name: "the share that fails is the one asked for, most of it before the job",
  permissions: "none",
  fn: () => {
    const counts = drawn(0.1);
    const failed = 10_000 - (counts.get("run") ?? 0);
    assert.ok(failed > 900 && failed < 1_100);
    assert.ok((counts.get("fail-early") ?? 0) > failed * 0.7);
    assert.ok((counts.get("crash") ?? 0) > 0);
    assert.ok((counts.get("fail-after-job") ?? 0) > 0);
  },
});
