/** The alerts, held against series over time by Prometheus' own evaluator: when each fires, and when it does not. */
import assert from "node:assert/strict";
import { ALERTS } from "../../tools/gen/chart_alerts.ts";
import { chartDashboards } from "../../tools/gen/chart_dashboards.ts";
import { asked, plainTest, promqlTest } from "./chart_test_case.ts";

/** Values of one series, a minute apart, in the notation of Prometheus' tests: `0x30` stays 0 for 30 minutes more. */
type Series = Readonly<Record<string, string>>;

interface Story {
  readonly fires: Series;
  readonly staysQuiet: Series;
}

const LABELS = '{name="a", namespace="b"}';
const HOUR_MINUTES = 60;

const STORIES: Readonly<Record<string, Story>> = {
  RunnerSetListenerDown: {
    fires: { gha_controller_running_listeners: "1x30 0x30" },
    staysQuiet: { gha_controller_running_listeners: "1x30 0x5 1x30" },
  },
  RunnerSetSessionUnhealthy: {
    fires: { longshore_listener_session_healthy: "0x60" },
    staysQuiet: { longshore_listener_session_healthy: "1x60" },
  },
  RunnerSetRunnersFailing: {
    fires: { gha_controller_failed_ephemeral_runners: "0x10 1x50" },
    staysQuiet: { gha_controller_failed_ephemeral_runners: "0x10 1x5 0x50" },
  },
  RunnerSetNothingStarts: {
    fires: {
      gha_controller_pending_ephemeral_runners: "0x10 3x60",
      gha_controller_running_ephemeral_runners: "0x60",
    },
    staysQuiet: {
      gha_controller_pending_ephemeral_runners: "3x60",
      gha_controller_running_ephemeral_runners: "0x10 2 0x10 2 0x10 2 0x10 2 0x10 2 0x10 2",
    },
  },
  RunnerSetAtItsMaximum: {
    fires: { gha_assigned_jobs: "20x60", gha_max_runners: "10x60" },
    staysQuiet: { gha_assigned_jobs: "10x60", gha_max_runners: "10x60" },
  },
  RunnerSetJobsWithoutRunners: {
    fires: { gha_assigned_jobs: "1x60", gha_registered_runners: "0x60" },
    staysQuiet: { gha_assigned_jobs: "1x60", gha_registered_runners: "0x10 1x50" },
  },
  GitHubRateLimitNearlyUsedUp: {
    fires: {
      longshore_github_rate_limit_remaining: "100x60",
      longshore_github_rate_limit: "5000x60",
    },
    staysQuiet: {
      longshore_github_rate_limit_remaining: "4000x60",
      longshore_github_rate_limit: "5000x60",
    },
  },
};

interface Query {
  readonly expr: string;
  readonly atSeconds: number;
}

/** The label sets that each query results in. */
async function evaluated(
  series: Series,
  queries: readonly Query[],
): Promise<readonly (readonly Readonly<Record<string, string>>[])[]> {
  const lines = Object.entries(series).map(([name, values]) => `  ${name}${LABELS} ${values}`);
  const answer = await asked("promql", { series: ["load 1m", ...lines].join("\n"), queries });
  return answer as readonly (readonly Readonly<Record<string, string>>[])[];
}

/** The first minute at which the expression has held for as long as the alert wants, with the labels there. */
async function firing(
  series: Series,
  { expr, for: duration }: (typeof ALERTS)[number],
): Promise<
  { readonly minute: number; readonly labels: Readonly<Record<string, string>> } | undefined
> {
  const minutes = Number(/^(\d+)m$/.exec(duration)?.[1]);
  assert.ok(minutes > 0, duration);
  const queries = Array.from(
    { length: HOUR_MINUTES + 1 },
    (_, at) => ({ expr, atSeconds: at * 60 }),
  );
  const results = await evaluated(series, queries);
  let since: number | undefined;
  for (const [minute, result] of results.entries()) {
    since = result.length === 0 ? undefined : since ?? minute;
    if (since !== undefined && minute - since >= minutes) {
      return { minute, labels: result[0] ?? {} };
    }
  }
  return undefined;
}

plainTest("every alert has a story, and every story an alert", () => {
  assert.deepEqual(ALERTS.map(({ name }) => name).sort(), Object.keys(STORIES).sort());
});

plainTest("an alert names its labels in words that its expression has", () => {
  for (const { summary, description } of ALERTS) {
    const used = `${summary} ${description}`.matchAll(/\$labels\.(\w+)/g).map(([, label]) => label);
    for (const label of used) assert.ok(["name", "namespace", "credential"].includes(label ?? ""));
  }
});

for (const alert of ALERTS) {
  const { fires, staysQuiet } = STORIES[alert.name] ?? { fires: {}, staysQuiet: {} };

  promqlTest(`the alert ${alert.name} fires within the hour, with the set's labels`, async () => {
    const fired = await firing(fires, alert);
    assert.ok(fired);
    assert.equal(fired.labels["name"], "a");
    assert.equal(fired.labels["namespace"], "b");
  });

  promqlTest(
    `the alert ${alert.name} stays quiet when all is well or soon well again`,
    async () => {
      assert.equal(await firing(staysQuiet, alert), undefined);
    },
  );
}

promqlTest("every query of the dashboards can be read", async () => {
  const files = await chartDashboards.files(new URL("../../", import.meta.url));
  const queries = files.flatMap(({ text }) =>
    JSON.parse(text).panels.flatMap(({ targets = [] }: { targets?: readonly { expr: string }[] }) =>
      targets.map(({ expr }) => ({ expr: expr.replace("$__rate_interval", "5m"), atSeconds: 60 }))
    )
  );
  assert.ok(queries.length > 30);
  assert.equal((await evaluated({ some: "0x60" }, queries)).length, queries.length);
});
