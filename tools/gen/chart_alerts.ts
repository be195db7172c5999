/**
 * The alerts of the controller's chart: what a person should look at, when, and what to do. Knows series by the tables
 * that declare them; refuses to know where a rule is stored and who is told.
 */
import { CONTROLLER_METRICS } from "../../controllers/metrics.ts";
import { stringify } from "../../lib/yaml.ts";
import { LISTENER_METRICS, OWN_METRICS } from "../../listener/metrics.ts";
import { GITHUB_METRICS } from "../../github/metrics.ts";
import { CONTROLLER_CHART } from "./charts.ts";
import { type Generator, YAML_HEADER } from "./generator.ts";

export interface Alert {
  readonly name: string;
  /** PromQL; the alert fires when this has had a result for `for`. */
  readonly expr: string;
  /** In Prometheus' notation. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  /** Of the expression's labels, in Prometheus' templates. */
  readonly summary: string;
  /** What to do first. */
  readonly description: string;
}

const ROWS = [...CONTROLLER_METRICS, ...LISTENER_METRICS, ...OWN_METRICS, ...GITHUB_METRICS];

/** The name of a series that is declared. Throws for any other, so that no alert waits for what never comes. */
function series(name: string): string {
  if (!ROWS.some((row) => row.name === name)) throw new Error(`No metric is called ${name}`);
  return name;
}

const SET = "{{ $labels.namespace }}/{{ $labels.name }}";

export const ALERTS: readonly Alert[] = [
  {
    name: "RunnerSetListenerDown",
    expr: `${series("gha_controller_running_listeners")} == 0`,
    for: "10m",
    severity: "critical",
    summary: `The listener ${SET} does not run`,
    description:
      "No job of its runner set is taken up. See the conditions of the AutoscalingListener.",
  },
  {
    name: "RunnerSetSessionUnhealthy",
    expr: `${series("longshore_listener_session_healthy")} == 0`,
    for: "10m",
    severity: "critical",
    summary: `The runner set ${SET} does not hear GitHub's queue`,
    description:
      "Jobs wait at GitHub. See the log of its listener, and whether GitHub can be reached.",
  },
  {
    name: "RunnerSetRunnersFailing",
    expr: `${series("gha_controller_failed_ephemeral_runners")} > 0`,
    for: "15m",
    severity: "warning",
    summary: `Runners of ${SET} fail again and again`,
    description:
      "See the conditions of its EphemeralRunners: the reason and the exit code are there.",
  },
  {
    name: "RunnerSetNothingStarts",
    expr: `${series("gha_controller_pending_ephemeral_runners")} > 0 and ` +
      `${series("gha_controller_running_ephemeral_runners")} == 0`,
    for: "20m",
    severity: "critical",
    summary: `Runners of ${SET} are made, and none starts`,
    description: "See the Events of their pods: an image, a node or a quota may be missing.",
  },
  {
    name: "RunnerSetAtItsMaximum",
    expr: `${series("gha_assigned_jobs")} > ${series("gha_max_runners")}`,
    for: "30m",
    severity: "warning",
    summary: `Jobs of ${SET} wait because of maxRunners`,
    description: "More jobs are assigned than runners may exist. Raise maxRunners, or add a set.",
  },
  {
    name: "RunnerSetJobsWithoutRunners",
    expr: `${series("gha_assigned_jobs")} > 0 and ${series("gha_registered_runners")} == 0`,
    for: "15m",
    severity: "critical",
    summary: `Jobs of ${SET} wait and no runner is registered`,
    description: "See the conditions of the AutoscalingRunnerSet and of its runners.",
  },
  {
    name: "GitHubRateLimitNearlyUsedUp",
    expr: `${series("longshore_github_rate_limit_remaining")} < ` +
      `0.1 * ${series("longshore_github_rate_limit")}`,
    for: "5m",
    severity: "warning",
    summary: "GitHub grants the credential {{ $labels.credential }} few more calls",
    description: "Share the runner sets out over several GitHub Apps.",
  },
];

/** The spec of a PrometheusRule. */
export function alertGroups(alerts: readonly Alert[]): unknown {
  return {
    groups: [{
      name: "longshore",
      rules: alerts.map(({ name, expr, severity, summary, description, for: duration }) => ({
        alert: name,
        expr,
        for: duration,
        labels: { severity },
        annotations: { summary, description },
      })),
    }],
  };
}

export const chartAlerts: Generator = {
  what: "the alerts of the controller's chart",
  files: () =>
    Promise.resolve([{
      path: `chart/${CONTROLLER_CHART}/files/alerts.yaml`,
      text: YAML_HEADER + stringify(alertGroups(ALERTS)),
    }]),
};
