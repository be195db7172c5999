import assert from "node:assert/strict";
import type { MetricsConfig } from "../../crds/shared_fields.ts";
import { declareMetrics } from "../../lib/metrics.ts";
import {
  chosenMetrics,
  createRecorder,
  LISTENER_METRICS,
  OWN_METRICS,
} from "../../listener/metrics.ts";
import { aJob, completed, statistics, withdrawn } from "./jobs.ts";

const SET = {
  enterprise: "",
  organization: "octo",
  repository: "",
  name: "linux",
  namespace: "arc-runners",
};

const G = 'enterprise="",organization="octo",repository="",name="linux",namespace="arc-runners"';
const J = 'enterprise="",organization="octo",repository="widgets",event_name="push"';

function recording(config: MetricsConfig | null) {
  const { rows } = chosenMetrics(config);
  const metrics = declareMetrics(rows);
  return {
    recorder: createRecorder(metrics, { rows, set: SET }),
    async lines(): Promise<readonly string[]> {
      return (await metrics.render()).split("\n").filter((line) => /^gha_/.test(line));
    },
  };
}

Deno.test("every gauge is there from the start, and nothing else", async () => {
  const lines = await recording(null).lines();
  assert.deepEqual(
    lines,
    LISTENER_METRICS.filter(({ kind }) => kind === "gauge").map(({ name }) => `${name}{${G}} 0`),
  );
});

Deno.test("gauges say what the statistics and the limits say", async () => {
  const { recorder, lines } = recording(null);
  recorder.limits({ minRunners: 1, maxRunners: 9 });
  recorder.statistics(
    statistics(5, { running: 4, registeredRunners: 3, busyRunners: 2, idleRunners: 1 }),
  );
  recorder.desired(6);
  assert.deepEqual((await lines()).map((line) => line.replace(`{${G}}`, "")), [
    "gha_assigned_jobs 5",
    "gha_running_jobs 4",
    "gha_registered_runners 3",
    "gha_busy_runners 2",
    "gha_idle_runners 1",
    "gha_min_runners 1",
    "gha_max_runners 9",
    "gha_desired_runners 6",
  ]);
});

Deno.test("B8: jobs are counted without a label of a single job by default", async () => {
  const { recorder, lines } = recording(null);
  for (let n = 0; n < 5; n++) {
    recorder.started(aJob(`${n}`, { displayName: `build ${n}` }));
    recorder.completed(completed(`runner-${n}`, { displayName: `build ${n}` }));
  }
  const text = await lines();
  assert.ok(text.includes(`gha_started_jobs_total{${J}} 5`));
  assert.ok(text.includes(`gha_completed_jobs_total{${J},job_result="succeeded"} 5`));
  assert.ok(text.includes(`gha_job_startup_duration_seconds_sum{${J}} 45`));
  assert.ok(
    text.includes(`gha_job_execution_duration_seconds_sum{${J},job_result="succeeded"} 300`),
  );
  assert.ok(!text.some((line) => line.includes("job_name")));
});

Deno.test("a job that no runner took is neither completed nor timed; one without times is not timed", async () => {
  const { recorder, lines } = recording(null);
  recorder.completed(withdrawn("a"));
  recorder.started(aJob("b", { assignedAt: undefined }));
  const text = (await lines()).filter((line) => !line.includes("runners") && /job/.test(line));
  assert.ok(!text.some((line) => /completed|duration/.test(line)));
  assert.ok(text.includes(`gha_started_jobs_total{${J}} 1`));
});

Deno.test("B8: what a user lists is honoured to the letter", async () => {
  const { recorder, lines } = recording({
    counters: { gha_started_jobs_total: { labels: ["job_name", "name", "job_workflow_name"] } },
    gauges: { gha_desired_runners: { labels: [] } },
    histograms: {
      gha_job_startup_duration_seconds: { labels: ["job_workflow_target"], buckets: [5, 10] },
    },
  });
  recorder.desired(2);
  recorder.started(aJob("a"));
  recorder.completed(completed("r"));
  recorder.limits({ minRunners: 1, maxRunners: 9 });
  assert.deepEqual(await lines(), [
    'gha_started_jobs_total{job_name="build",name="",job_workflow_name="ci"} 1',
    "gha_desired_runners 2",
    'gha_job_startup_duration_seconds_bucket{le="5",job_workflow_target="heads/main"} 0',
    'gha_job_startup_duration_seconds_bucket{le="10",job_workflow_target="heads/main"} 1',
    'gha_job_startup_duration_seconds_bucket{le="+Inf",job_workflow_target="heads/main"} 1',
    'gha_job_startup_duration_seconds_sum{job_workflow_target="heads/main"} 9',
    'gha_job_startup_duration_seconds_count{job_workflow_target="heads/main"} 1',
  ]);
});

Deno.test("an empty list serves nothing but our own", { permissions: "none" }, () => {
  assert.deepEqual(chosenMetrics({}), { rows: OWN_METRICS, unknown: [] });
});

Deno.test("unknown messages, phantom jobs and the session's health are told", async () => {
  const { rows } = chosenMetrics({});
  const metrics = declareMetrics(rows);
  const recorder = createRecorder(metrics, { rows, set: SET });
  recorder.unknown(3);
  recorder.phantoms(15);
  recorder.session("healthy");
  const text = await metrics.render();
  assert.ok(text.includes(`longshore_listener_unknown_messages_total{${G}} 3`));
  assert.ok(text.includes(`longshore_listener_phantom_jobs{${G}} 15`));
  assert.ok(text.includes(`longshore_listener_session_healthy{${G}} 1`));
});

Deno.test("unknown names and wrong kinds are skipped and named", { permissions: "none" }, () => {
  const { rows: all, unknown } = chosenMetrics({
    counters: { gha_started_jobs_total: { labels: [] }, gha_desired_runners: { labels: [] } },
    gauges: { gha_nonsense: { labels: [] } },
    histograms: { gha_job_execution_duration_seconds: { labels: [], buckets: [] } },
  });
  const rows = all.filter((row) => !OWN_METRICS.includes(row));
  assert.deepEqual(rows.map(({ name }) => name), [
    "gha_started_jobs_total",
    "gha_job_execution_duration_seconds",
  ]);
  assert.equal(rows[1]?.buckets?.length, 45);
  assert.deepEqual(unknown, ["gha_desired_runners", "gha_nonsense"]);
});
