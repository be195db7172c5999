/**
 * What a Prometheus user expects to see of any process: its CPU time, its memory, when it started. Read when asked, with
 * no permission; the default metrics of prom-client are partly wrong under Deno (`docs/dependencies.md`).
 */
import process from "node:process";
import type { ComputedMetric } from "./metrics.ts";

/** The metrics of this process, which started at `startedAt`; their usual names and units. */
export function processMetrics(startedAt: Date): readonly ComputedMetric[] {
  return [
    {
      row: {
        name: "process_cpu_seconds_total",
        kind: "counter",
        help: "User and system CPU time spent, in seconds.",
        labels: [],
      },
      read: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
    },
    {
      row: {
        name: "process_resident_memory_bytes",
        kind: "gauge",
        help: "Resident memory, in bytes.",
        labels: [],
      },
      read: () => Deno.memoryUsage().rss,
    },
    {
      row: {
        name: "process_start_time_seconds",
        kind: "gauge",
        help: "When the process started, in seconds since the epoch.",
        labels: [],
      },
      read: () => startedAt.getTime() / 1_000,
    },
  ];
}
