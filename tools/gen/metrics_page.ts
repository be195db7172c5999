/** A page with every series that the house serves. A room declares its own in `<room>/metrics.ts`, as exported rows. */
import type { MetricRow } from "../../lib/metrics.ts";
import { declaredIn } from "./declared.ts";
import { type Generator, page, table } from "./generator.ts";

/** The rooms that may declare metrics, as the page shows them. */
const ROOMS = [
  { room: "controllers", title: "Controllers" },
  { room: "listener", title: "Listener" },
  { room: "kube", title: "Kubernetes client" },
  { room: "github", title: "GitHub client" },
] as const;

/** Whether an export is a table of metrics. An empty list is none. */
export function isMetricTable(value: unknown): value is readonly MetricRow[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMetricRow);
}

function isMetricRow(value: unknown): value is MetricRow {
  const row = value as Partial<MetricRow> | null;
  return typeof row === "object" && typeof row?.name === "string" &&
    typeof row.help === "string" && Array.isArray(row.labels) &&
    ["counter", "gauge", "histogram"].includes(row.kind ?? "");
}

/** The rows as a table. A series that several tables of a room name is shown once. */
export function metricsTable(rows: readonly MetricRow[]): string {
  const byName = new Map(rows.map((row) => [row.name, row]));
  return table(
    ["metric", "kind", "labels", "meaning"],
    [...byName.values()].map((row) => [
      `\`${row.name}\``,
      row.kind,
      row.labels.map((label) => `\`${label}\``).join(", "),
      row.help,
    ]),
  );
}

export const metricsPage: Generator = {
  what: "every metric",
  async files(root) {
    const sections: string[] = [];
    for (const { room, title } of ROOMS) {
      const tables = await declaredIn(new URL(`${room}/metrics.ts`, root), isMetricTable);
      if (tables.length > 0) sections.push(`## ${title}\n\n${metricsTable(tables.flat())}`);
    }
    return [{ path: "docs/generated/metrics.md", text: page("Metrics", sections) }];
  },
};
