import assert from "node:assert/strict";
import type { JobMessage } from "../../github/messages.ts";
import {
  hearJobs,
  noJobs,
  openAtLeast,
  openCount,
  withoutWaiting,
} from "../../listener/open_jobs.ts";
import { aJob, aMessage, completed, started, statistics, withdrawn } from "./jobs.ts";

const T0 = Date.parse("2026-01-01T12:00:00Z");
const MINUTE = 60_000;

function message(rest: Partial<JobMessage>): JobMessage {
  return aMessage(1, statistics(0), rest);
}

const at = (minutes: number) => new Date(T0 + minutes * MINUTE);
const assignedAt = (id: string, minutes: number) => aJob(id, { assignedAt: at(minutes) });
const runs = (id: string) => started(`runner-of-${id}`, { jobId: id });
const ended = (id: string) => completed(`runner-of-${id}`, { jobId: id });

const ROWS:
  readonly (readonly [claim: string, news: readonly Partial<JobMessage>[], open: number])[] = [
    ["nothing was said", [], 0],
    ["two wait", [{ assigned: [aJob("a"), aJob("b")] }], 2],
    ["told twice, it counts once", [{ assigned: [aJob("a")] }, { assigned: [aJob("a")] }], 1],
    ["one runs, one waits", [{ assigned: [aJob("a"), aJob("b")] }, { started: [runs("a")] }], 2],
    ["none waits: nothing is to be held", [{ assigned: [aJob("a")] }, { started: [runs("a")] }], 0],
    [
      "its end comes before its beginning",
      [{ completed: [ended("a")] }, { assigned: [aJob("a")] }],
      0,
    ],
    [
      "its start comes after its end",
      [{ assigned: [aJob("a"), aJob("b")] }, { completed: [ended("a")] }, { started: [runs("a")] }],
      1,
    ],
    ["assigned after it started, it does not wait", [{ started: [runs("a")] }, {
      assigned: [aJob("a")],
    }], 0],
    ["withdrawn", [{ assigned: [aJob("a")] }, { completed: [withdrawn("a")] }], 0],
    [
      "withdrawn and assigned anew",
      [
        { assigned: [assignedAt("a", 0)] },
        { completed: [{ ...withdrawn("a"), assignedAt: at(0) }] },
        { assigned: [assignedAt("a", 5)] },
      ],
      1,
    ],
    [
      "the word of the first assignment comes late",
      [
        { assigned: [assignedAt("a", 0)] },
        { completed: [{ ...withdrawn("a"), assignedAt: at(0) }] },
        { assigned: [assignedAt("a", 0)] },
      ],
      0,
    ],
    ["a job without an id says nothing", [{ assigned: [aJob("")], started: [runs("")] }], 0],
  ];

for (const [claim, news, open] of ROWS) {
  Deno.test({
    name: `${claim}: ${open} at least are open`,
    permissions: "none",
    fn: () => {
      const jobs = news.reduce((heard, one) => hearJobs(heard, message(one), at(0)), noJobs());
      assert.equal(openAtLeast(jobs, at(1)), open);
    },
  });
}

Deno.test(
  "a word that is 46 min old does not hold runners any more",
  { permissions: "none" },
  () => {
    const jobs = hearJobs(noJobs(), message({ assigned: [aJob("a")] }), at(0));
    assert.equal(openAtLeast(jobs, at(45)), 1);
    assert.equal(openAtLeast(jobs, at(46)), 0);
    assert.equal(openCount(jobs), 1);
    assert.equal(openCount(withoutWaiting(jobs)), 0);
  },
);

Deno.test("what is remembered is bounded", { permissions: "none" }, () => {
  let jobs = noJobs();
  for (let n = 0; n < 300; n++) {
    const ids = Array.from({ length: 50 }, (_, at) => `${n}-${at}`);
    jobs = hearJobs(
      jobs,
      message({ completed: ids.map(ended), assigned: ids.map((id) => aJob(`w${id}`)) }),
      at(0),
    );
  }
  assert.ok(jobs.over.size <= 8192 && jobs.waiting.size <= 8192);
});
