import assert from "node:assert/strict";
import { plainDisplay } from "../../../modes/dev/display.ts";
import { type Scene, sceneLine, sceneLines } from "../../../modes/dev/view.ts";
import { Sink } from "../sink.ts";

const SCENE: Scene = {
  sets: [
    { name: "small", min: 0, max: 10, desired: 4, idle: 1, busy: 2, pending: 1 },
    {
      name: "without-limit",
      min: 3,
      max: undefined,
      desired: undefined,
      idle: 3,
      busy: 0,
      pending: 0,
    },
  ],
  jobs: { queued: 2, running: 2, done: 6, total: 10 },
  elapsedMs: 65_400,
};

Deno.test({
  name: "the scene is a table of sets, a bar of jobs and the last events",
  permissions: "none",
  fn: () =>
    assert.deepEqual(sceneLines(SCENE, { events: ["something happened"], width: 80 }), [
      "Longshore dev · simulated cluster and GitHub · 1m5s",
      "",
      "SET            MIN  MAX  DESIRED  IDLE  BUSY  PENDING",
      "small            0   10        4     1     2        1",
      "without-limit    3    -        -     3     0        0",
      "",
      `[${"█".repeat(18)}${"░".repeat(12)}] jobs 6/10 done, 2 running, 2 queued`,
      "",
      "something happened",
    ]),
});

Deno.test({
  name: "no line is wider than the terminal",
  permissions: "none",
  fn: () => {
    for (const line of sceneLines(SCENE, { events: ["x".repeat(200)], width: 40 })) {
      assert.ok(line.length <= 40);
    }
  },
});

Deno.test({
  name: "without jobs the bar is empty",
  permissions: "none",
  fn: () => {
    const jobs = { queued: 0, running: 0, done: 0, total: 0 };
    assert.ok(sceneLines({ ...SCENE, jobs }, { events: [], width: 80 })[6]?.startsWith("[░"));
  },
});

Deno.test({
  name: "without a terminal events come at once, counts now and then and only when they changed",
  permissions: "none",
  fn: () => {
    const sink = new Sink();
    let now = 0;
    const display = plainDisplay(sink, { now: () => new Date(now) });
    const changed = { ...SCENE, jobs: { ...SCENE.jobs, done: 7 } };
    display.show(SCENE);
    display.event("queued");
    now = 1_000;
    display.show(changed);
    now = 3_000;
    display.show(changed);
    now = 6_000;
    display.show(changed);
    display.end();
    assert.deepEqual(sink.text.trimEnd().split("\n"), [
      sceneLine(SCENE),
      "queued",
      sceneLine(changed),
    ]);
  },
});
