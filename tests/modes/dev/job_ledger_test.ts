import assert from "node:assert/strict";
import { JobLedger } from "../../../modes/dev/job_ledger.ts";
import type { JobView } from "../../../sim/github/control.ts";

const QUEUED: JobView = {
  jobId: "1",
  state: "queued",
  labels: ["set"],
  displayName: "build",
  durationMs: 5_000,
  queuedAt: "2026-01-01T12:00:00.000Z",
};
const RUNNING: JobView = { ...QUEUED, state: "running", startedAt: "2026-01-01T12:00:02.500Z" };
const DONE: JobView = { ...RUNNING, state: "completed", result: "succeeded" };

Deno.test({
  name: "a job waits, runs, ends; its latency is from queued to started",
  permissions: "none",
  fn: () => {
    const ledger = new JobLedger();
    ledger.note(QUEUED);
    ledger.note({ ...QUEUED, state: "assigned" });
    assert.deepEqual([ledger.waiting, ledger.steps, ledger.waitingFor("set")], [1, 0, 1]);
    ledger.note(RUNNING);
    assert.deepEqual([ledger.waiting, ledger.running, ledger.steps], [0, 1, 1]);
    assert.ok(ledger.isBusyAt(new Date("2026-01-01T12:00:07.000Z")));
    assert.ok(!ledger.isBusyAt(new Date("2026-01-01T12:00:08.000Z")));
    ledger.note(DONE);
    assert.deepEqual(ledger.queuedToStartedMs, [2_500]);
    assert.deepEqual(ledger.figures(), {
      queued: 1,
      succeeded: 1,
      failed: 0,
      canceled: 0,
      lost: 0,
    });
  },
});

Deno.test({
  name: "a job that never ends is lost; one whose runner died has failed",
  permissions: "none",
  fn: () => {
    const ledger = new JobLedger();
    ledger.note(QUEUED);
    ledger.note({ ...DONE, jobId: "2", result: "failed" });
    ledger.note({ ...DONE, jobId: "3", result: "canceled" });
    const { failed, canceled, lost } = ledger.figures();
    assert.deepEqual([failed, canceled, lost], [1, 1, 1]);
  },
});
