/** The controllers' own metrics. Names and labels are ARC's. Source: spec §13. Series go with their object. */
import type { MetricRow } from "../lib/metrics.ts";

const LABELS = ["name", "namespace", "repository", "organization", "enterprise"];
const MEANING =
  "by name and namespace of the scale set, and repository, organization and enterprise of its URL";

export const CONTROLLER_METRICS: readonly MetricRow[] = [
  {
    name: "gha_controller_pending_ephemeral_runners",
    kind: "gauge",
    help: `Runners that have not started, ${MEANING}`,
    labels: LABELS,
  },
  {
    name: "gha_controller_running_ephemeral_runners",
    kind: "gauge",
    help: `Runners that run, ${MEANING}`,
    labels: LABELS,
  },
  {
    name: "gha_controller_failed_ephemeral_runners",
    kind: "gauge",
    help: `Runners that failed and have not been replaced yet, ${MEANING}`,
    labels: LABELS,
  },
  {
    name: "gha_controller_running_listeners",
    kind: "gauge",
    help: `1 when the listener runs, else 0, by name and namespace of the listener, and ` +
      `repository, organization and enterprise of its URL`,
    labels: LABELS,
  },
  {
    name: "longshore_orphans_removed_total",
    kind: "counter",
    help: "Objects and runners that nobody owned any more and that were removed, by kind",
    labels: ["kind"],
  },
  {
    name: "longshore_left_behind_total",
    kind: "counter",
    help:
      "What could not be removed at GitHub and may still exist there, by the reason of its Event",
    labels: ["reason"],
  },
];
