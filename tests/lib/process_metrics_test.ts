import assert from "node:assert/strict";
import { declareMetrics } from "../../lib/metrics.ts";
import { processMetrics } from "../../lib/process_metrics.ts";

Deno.test({
  name: "CPU time, memory and start are told without any permission",
  permissions: "none",
  async fn() {
    const metrics = declareMetrics([], {
      computed: processMetrics(new Date("2026-01-01T12:00:00Z")),
    });
    const text = await metrics.render();
    const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
    assert.match(text, /# TYPE process_cpu_seconds_total counter/);
    assert.ok(value("process_cpu_seconds_total") > 0);
    assert.ok(value("process_resident_memory_bytes") > 1_000_000);
    assert.equal(value("process_start_time_seconds"), 1_767_268_800);
  },
});
