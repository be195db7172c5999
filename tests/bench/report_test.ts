import assert from "node:assert/strict";
import { courseOf, phasesOf } from "../../bench/course.ts";
import { htmlPage } from "../../bench/html_page.ts";
import type { LimitFigures, RunFigures, ScenarioFigures } from "../../bench/figures.ts";
import { scalePage } from "../../bench/scale_page.ts";
import { quantilesOf } from "../../bench/statistics.ts";
import { multiple, noiseSentence, resultsPage, table } from "../../bench/table.ts";

const NONE = quantilesOf([]);

function limit(livesPerS: number): LimitFigures {
  return { parallel: 32, lives: 100, livesPerS, lifeMs: NONE, cpuMsPerLife: 3.5 };
}

const LIVES = [{ queued: 0, started: 1_000 }, { queued: 0, ordered: 100, started: 2_000 }];

function scenario(changes: Partial<ScenarioFigures> = {}): ScenarioFigures {
  const course = courseOf(LIVES, 0);
  return {
    name: "burst-200",
    what: "200 jobs <at once>",
    sets: 1,
    jobs: 200,
    runners: 200,
    seconds: 13.6,
    livesPerS: 14.7,
    latencies: { queuedToPod: NONE, queuedToStarted: quantilesOf([1_500]), exitToFree: NONE },
    calls: [
      { client: "controller", verb: "create", resource: "pods", count: 200 },
      { client: "controller", verb: "list", resource: "pods", count: 3 },
      { client: "listener", verb: "patch", resource: "ephemeralrunners/status", count: 100 },
    ],
    github: { generatejitconfig: 200, removerunner: 200 },
    processes: [{
      role: "controller",
      processes: 1,
      cpuMs: 2_000,
      memory: { idle: 80, peak: 120, after: 90 },
      memorySamples: [{ atMs: 0, value: 80 }, { atMs: 1_000, value: 120 }],
    }],
    course,
    phases: phasesOf(LIVES, course),
    samples: { queuedToPod: [], queuedToStarted: [1_500], exitToFree: [] },
    readyMs: 420,
    notes: ["something odd"],
    ...changes,
  };
}

function run(changes: Partial<RunFigures> = {}): RunFigures {
  return {
    command: "deno task bench",
    startedAt: "2026-01-02T03:04:05Z",
    machine: "2 cores",
    versions: { deno: "2.9.6" },
    controller: "ours",
    listener: "ours",
    githubDelayMs: 50,
    limits: [limit(50)],
    limitAtEnd: limit(50),
    scenarios: [scenario()],
    ...changes,
  };
}

Deno.test("a burst is a multiple of what the bare calls take, beyond a job's own time", () => {
  assert.equal(multiple(scenario(), 50), "2.00");
  assert.equal(multiple(scenario({ name: "churn" }), 50), "–");
  assert.equal(multiple(scenario(), undefined), "–");
});

Deno.test("a limit that moved by more than a quarter is called noise", () => {
  assert.match(noiseSentence(run()), /^Quiet enough/);
  assert.match(noiseSentence(run({ limitAtEnd: limit(37) })), /Too noisy to compare.*26 %/);
  assert.match(noiseSentence(run({ limitAtEnd: undefined })), /not known/);
});

Deno.test("the table has costs per runner, reads in all, starts, memory, and what was noted", () => {
  const text = resultsPage(run());
  assert.match(text, /\| burst-200 \| 1\.00 +\| 0\.50 +\| 3 +\| 2\.00 +\| 10\.00/);
  assert.match(text, /\| 420 +\| 80 \/ 120 \/ 90/);
  assert.match(text, /Note: something odd\./);
});

Deno.test("columns of a table are aligned", () => {
  assert.equal(
    table(["a", "long"], [["x", "1"]]),
    "| a   | long |\n| --- | ---- |\n| x   | 1    |",
  );
});

Deno.test("the page has its plots inside, needs nothing from elsewhere, and escapes", () => {
  const page = htmlPage(run());
  assert.ok(page.includes("<svg"));
  assert.ok(page.includes("200 jobs &lt;at once>"));
  assert.doesNotMatch(page, /<(script|link|img)\b|https?:\/\//);
});

Deno.test("scale has a page of its own, where it was measured", () => {
  assert.equal(scalePage(run()), undefined);
  const scale = { runnersEach: 1_000, createS: 40, cleanS: 8 };
  const page = scalePage(run({ scenarios: [scenario({ name: "scale-1x1000", scale })] }));
  assert.match(page ?? "", /\| 1 +\| 1000 +\| 40\.0 +\| 8\.0 +\| 25\.0 +\| 80 +\| 120/);
});
