/** The series of this room. Names and meanings are those of client-go and controller-runtime where they have one. */
import type { MetricRow } from "../lib/metrics.ts";

export const KUBE_METRICS: readonly MetricRow[] = [
  {
    name: "rest_client_requests_total",
    kind: "counter",
    help:
      'Requests to the API server, by HTTP status (code; "<error>" when no answer came) and HTTP verb (method).',
    labels: ["code", "method"],
  },
  {
    name: "controller_runtime_reconcile_total",
    kind: "counter",
    help:
      "Attempts of a control loop (controller), by result: success, requeue_after (look again later), requeue (told when to come back), error.",
    labels: ["controller", "result"],
  },
  {
    name: "controller_runtime_reconcile_errors_total",
    kind: "counter",
    help: "Attempts of a control loop (controller) that failed.",
    labels: ["controller"],
  },
  {
    name: "controller_runtime_reconcile_time_seconds",
    kind: "histogram",
    help: "How long an attempt of a control loop (controller) took, in seconds.",
    labels: ["controller"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  {
    name: "controller_runtime_active_workers",
    kind: "gauge",
    help: "Attempts that a control loop (controller) is making now.",
    labels: ["controller"],
  },
  {
    name: "controller_runtime_max_concurrent_reconciles",
    kind: "gauge",
    help: "Attempts that a control loop (controller) may make at the same time.",
    labels: ["controller"],
  },
  {
    name: "workqueue_depth",
    kind: "gauge",
    help: "Keys ready to be taken from the queue (name).",
    labels: ["name"],
  },
  {
    name: "workqueue_adds_total",
    kind: "counter",
    help:
      "Keys that became ready in the queue (name); a key that is already queued is not counted.",
    labels: ["name"],
  },
  {
    name: "workqueue_retries_total",
    kind: "counter",
    help: "Keys that were given back to the queue (name) after a failure.",
    labels: ["name"],
  },
  {
    name: "workqueue_queue_duration_seconds",
    kind: "histogram",
    help: "How long a key was ready in the queue (name) before it was taken, in seconds.",
    labels: ["name"],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300],
  },
  {
    name: "longshore_kube_lists_total",
    kind: "counter",
    help: "Complete lists that fed a cache of a resource (resource, its plural name).",
    labels: ["resource"],
  },
  {
    name: "longshore_kube_watches_ended_total",
    kind: "counter",
    help:
      "Watches of a resource (resource, its plural name) that ended, by cause (because): ended (the server's time was up), behind (it did not tell what we wrote), expired, failed, silent.",
    labels: ["resource", "because"],
  },
  {
    name: "leader_election_master_status",
    kind: "gauge",
    help: "1 while this process holds the lease (name), else 0.",
    labels: ["name"],
  },
];
