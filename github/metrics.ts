/** The series of the GitHub room, a row each. Pure. */
import type { MetricRow } from "../lib/metrics.ts";

const OPERATION = "operation: what was asked of GitHub, in words, e.g. create session";

/** Calls that have ended, retries inside a call not counted. */
export const REQUESTS: MetricRow = {
  name: "longshore_github_requests_total",
  kind: "counter",
  help: `Calls to GitHub that have ended; ${OPERATION}; ` +
    "outcome: ok, aborted, or the code word of the failure",
  labels: ["operation", "outcome"],
};

/** Attempts beyond the first of a call. */
export const RETRIES: MetricRow = {
  name: "longshore_github_retries_total",
  kind: "counter",
  help: `Attempts beyond the first within one call to GitHub; ${OPERATION}`,
  labels: ["operation"],
};

/** Time from a call to its end, waits between attempts included; long polls last up to about 50 s by design. */
export const SECONDS: MetricRow = {
  name: "longshore_github_request_seconds",
  kind: "histogram",
  help: `Seconds from a call to GitHub to its end, retries included; ${OPERATION}`,
  labels: ["operation"],
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
};

const CREDENTIAL =
  "credential: the Secret that holds it, as namespace/name; listener in a listener";

/** As GitHub's REST side last said. */
export const RATE_REMAINING: MetricRow = {
  name: "longshore_github_rate_limit_remaining",
  kind: "gauge",
  help: `REST calls that GitHub still grants a credential in the present window; ${CREDENTIAL}`,
  labels: ["credential"],
};

/** As GitHub's REST side last said. */
export const RATE_LIMIT: MetricRow = {
  name: "longshore_github_rate_limit",
  kind: "gauge",
  help: `REST calls that GitHub grants a credential in a window; ${CREDENTIAL}`,
  labels: ["credential"],
};

/** Everything that a mode which talks to GitHub declares. */
export const GITHUB_METRICS: readonly MetricRow[] = [
  REQUESTS,
  RETRIES,
  SECONDS,
  RATE_REMAINING,
  RATE_LIMIT,
];
