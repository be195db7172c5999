import assert from "node:assert/strict";
import { InvalidInput } from "../../lib/errors.ts";
import { declareMetrics, type MetricRow } from "../../lib/metrics.ts";

function pure(claim: string, test: () => void | Promise<void>): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

const jobs: MetricRow = {
  name: "jobs_total",
  kind: "counter",
  help: "Jobs, by `result` of the job.",
  labels: ["result"],
};
const runners: MetricRow = { name: "runners", kind: "gauge", help: "Runners now.", labels: [] };
const wait: MetricRow = {
  name: "wait_seconds",
  kind: "histogram",
  help: "Waiting, in seconds.",
  labels: [],
  buckets: [1, 5],
};

/** The lines that are no comments. */
async function samples(metrics: { render(): Promise<string> }): Promise<readonly string[]> {
  return (await metrics.render()).split("\n").filter((line) => line !== "" && line[0] !== "#");
}

pure("series without labels are there from the start", async () => {
  const metrics = declareMetrics([jobs, runners, wait]);
  assert.deepEqual(await samples(metrics), [
    "runners 0",
    'wait_seconds_bucket{le="1"} 0',
    'wait_seconds_bucket{le="5"} 0',
    'wait_seconds_bucket{le="+Inf"} 0',
    "wait_seconds_sum 0",
    "wait_seconds_count 0",
  ]);
  assert.match(
    await metrics.render(),
    /# HELP jobs_total Jobs, by `result` of the job\.\n# TYPE jobs_total counter/,
  );
});

pure("recordings are counted, set and observed", async () => {
  const metrics = declareMetrics([jobs, runners, wait]);
  metrics.increment("jobs_total", { result: "succeeded" });
  metrics.increment("jobs_total", { result: "succeeded" }, 2);
  metrics.increment("jobs_total", { result: "failed" }, 0);
  metrics.set("runners", 4);
  metrics.set("runners", 3);
  metrics.observe("wait_seconds", 2);
  assert.deepEqual(await samples(metrics), [
    'jobs_total{result="succeeded"} 3',
    'jobs_total{result="failed"} 0',
    "runners 3",
    'wait_seconds_bucket{le="1"} 0',
    'wait_seconds_bucket{le="5"} 1',
    'wait_seconds_bucket{le="+Inf"} 1',
    "wait_seconds_sum 2",
    "wait_seconds_count 1",
  ]);
});

pure("a forgotten series is gone, and no other", async () => {
  const metrics = declareMetrics([jobs]);
  metrics.increment("jobs_total", { result: "a" });
  metrics.increment("jobs_total", { result: "b" });
  metrics.forget("jobs_total", { result: "a" });
  metrics.forget("jobs_total", { result: "never seen" });
  assert.deepEqual(await samples(metrics), ['jobs_total{result="b"} 1']);
});

pure("two sets of metrics are independent", async () => {
  const one = declareMetrics([runners]);
  const two = declareMetrics([runners]);
  one.set("runners", 1);
  assert.deepEqual(await samples(two), ["runners 0"]);
});

pure("computed series are read at each rendering, and left out where they cannot be", async () => {
  let seconds = 1.5;
  const metrics = declareMetrics([], {
    computed: [
      { row: { ...runners, kind: "gauge", labels: [] }, read: () => seconds },
      {
        row: { name: "cpu_total", kind: "counter", help: "CPU.", labels: [] },
        read: () => seconds,
      },
      { row: { name: "absent", kind: "gauge", help: "None.", labels: [] }, read: () => undefined },
    ],
  });
  assert.deepEqual(await samples(metrics), ["runners 1.5", "cpu_total 1.5"]);
  seconds = 2;
  assert.deepEqual(await samples(metrics), ["runners 2", "cpu_total 2"]);
  assert.doesNotMatch(await metrics.render(), /absent/);
});

pure("label values are escaped", async () => {
  const metrics = declareMetrics([jobs]);
  metrics.increment("jobs_total", { result: 'a"b\\c\nd' });
  assert.deepEqual(await samples(metrics), ['jobs_total{result="a\\"b\\\\c\\nd"} 1']);
});

pure("rows that make no sense are refused with their name", () => {
  const rows: readonly (readonly [rows: readonly MetricRow[], message: RegExp])[] = [
    [[runners, { ...jobs, name: "runners" }], /"runners" is declared twice/],
    [[{ ...jobs, name: "no-dashes" }], /"no-dashes" is no name/],
    [[{ ...jobs, labels: ["a", "a"] }], /"jobs_total" cannot have the label "a"/],
    [[{ ...jobs, labels: ["__x"] }], /label "__x"/],
    [[{ ...wait, labels: ["le"] }], /label "le"/],
    [[{ ...wait, buckets: [5, 1] }], /buckets of metric "wait_seconds"/],
    [[{ ...wait, buckets: [NaN] }], /buckets of metric "wait_seconds"/],
  ];
  for (const [declared, message] of rows) {
    assert.throws(() => declareMetrics(declared), (thrown) => {
      assert.ok(thrown instanceof InvalidInput);
      assert.match(thrown.message, message);
      return true;
    });
  }
});

pure("a recording that was not declared so is a bug", () => {
  const metrics = declareMetrics([jobs, runners, wait]);
  const bugs: readonly (() => void)[] = [
    () => metrics.increment("jobs"),
    () => metrics.increment("runners"),
    () => metrics.increment("jobs_total"),
    () => metrics.increment("jobs_total", { result: "a", more: "b" }),
    () => metrics.increment("jobs_total", { other: "a" }),
    () => metrics.increment("jobs_total", { result: "a" }, -1),
    () => metrics.increment("jobs_total", { result: "a" }, NaN),
    () => metrics.set("runners", NaN),
    () => metrics.observe("wait_seconds", NaN),
    () => metrics.forget("jobs", {}),
  ];
  for (const bug of bugs) assert.throws(bug, TypeError, bug.toString());
});
