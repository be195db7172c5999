import assert from "node:assert/strict";
import { populationOf } from "../../../controllers/ephemeral_runner_set/population.ts";
import {
  failureRecord,
  REPLACED_ON_PURPOSE,
  replacementDelayMs,
} from "../../../controllers/ephemeral_runner_set/replacement.ts";
import type { EphemeralRunnerSetStatus } from "../../../crds/ephemeral_runner_set.ts";
import { aRunner, type RunnerChanges } from "../../builders.ts";
import { after as later, stampAfter } from "../../times.ts";
import { pure } from "../situations.ts";

const failedAt = (seconds: number, changes: RunnerChanges = {}) =>
  aRunner({
    phase: "Failed",
    ...changes,
    status: {
      reason: "Error",
      message: `failed at ${seconds}`,
      failures: { pod: stampAfter(seconds) },
      ...changes.status,
    },
  });
const createdAt = (seconds: number, changes: RunnerChanges = {}) =>
  aRunner({ ...changes, metadata: { creationTimestamp: stampAfter(seconds) } });
const recorded = (count: number, seconds: number): EphemeralRunnerSetStatus => ({
  currentReplicas: 0,
  consecutiveFailures: count,
  lastFailureTime: stampAfter(seconds),
  lastFailureReason: "Old",
  lastFailureMessage: "old",
});

const ROWS: readonly {
  readonly claim: string;
  readonly status?: EphemeralRunnerSetStatus;
  readonly runners?: readonly ReturnType<typeof aRunner>[];
  readonly count: number;
  readonly lastSeconds?: number;
  readonly reason?: string;
}[] = [
  { claim: "nothing failed", count: 0 },
  { claim: "runners that live are no failure", runners: [aRunner()], count: 0 },
  {
    claim: "a first failure counts",
    runners: [failedAt(30)],
    count: 1,
    lastSeconds: 30,
    reason: "Error",
  },
  {
    claim: "F37: it failed when we say so, though the API server's clock is ahead",
    runners: [failedAt(30, { metadata: { creationTimestamp: stampAfter(330) } })],
    count: 1,
    lastSeconds: 30,
    reason: "Error",
  },
  {
    claim: "a refused version counts as well",
    runners: [failedAt(30, { phase: "Outdated" })],
    count: 1,
    lastSeconds: 30,
    reason: "Error",
  },
  {
    claim: "failures since those recorded lengthen the row by one, however many came at once",
    status: recorded(2, 10),
    runners: [failedAt(40), failedAt(30)],
    count: 3,
    lastSeconds: 40,
    reason: "Error",
  },
  {
    claim: "a failure that is recorded is not counted again",
    status: recorded(1, 30),
    runners: [failedAt(30)],
    count: 1,
    lastSeconds: 30,
    reason: "Old",
  },
  {
    claim: "B3: a runner that was replaced on purpose is no failure",
    runners: [failedAt(30, { status: { reason: REPLACED_ON_PURPOSE } })],
    count: 0,
  },
  {
    claim: "one that another controller marked failed when it was created",
    runners: [aRunner({ phase: "Failed" })],
    count: 1,
    lastSeconds: 0,
  },
  {
    claim: "a runner made since then that got a job ends the row",
    status: recorded(4, 30),
    runners: [createdAt(31, { hasJob: true })],
    count: 0,
    lastSeconds: 30,
    reason: "Old",
  },
  {
    claim: "a runner made two minutes before the failure proves nothing",
    status: recorded(4, 150),
    runners: [createdAt(29, { hasJob: true })],
    count: 4,
    lastSeconds: 150,
    reason: "Old",
  },
  {
    claim: "while young runners have jobs, no row of failures begins",
    status: recorded(4, 30),
    runners: [failedAt(40), createdAt(29, { hasJob: true })],
    count: 0,
    lastSeconds: 40,
    reason: "Error",
  },
  {
    claim: "F19: what failed at once is not disproved by a runner that was there before it",
    status: recorded(4, 39),
    runners: [
      failedAt(40, { metadata: { creationTimestamp: stampAfter(40) } }),
      createdAt(29, { hasJob: true }),
    ],
    count: 5,
    lastSeconds: 40,
    reason: "Error",
  },
  {
    claim: "an idle runner proves nothing",
    status: recorded(4, 30),
    runners: [createdAt(31)],
    count: 4,
    lastSeconds: 30,
    reason: "Old",
  },
];

for (const { claim, status, runners = [], count, lastSeconds, reason } of ROWS) {
  pure(`failures of a set: ${claim}`, () => {
    const record = failureRecord(status, populationOf(runners), later(60));
    assert.equal(record.consecutiveFailures, count);
    const lastMs = lastSeconds === undefined ? undefined : later(lastSeconds).getTime();
    assert.equal(record.lastFailureMs, lastMs);
    assert.equal(record.reason, reason);
  });
}

const WAITS: readonly (readonly [failures: number, seconds: number])[] = [
  [0, 0],
  [1, 0],
  [2, 2],
  [3, 5],
  [4, 10],
  [9, 300],
  [50, 300],
];

for (const [count, seconds] of WAITS) {
  pure(`B4: after ${count} failures in a row the next runner waits ${seconds} s`, () => {
    const record = failureRecord(recorded(count, 60), populationOf([]), later(60));
    assert.equal(replacementDelayMs(record, later(60)), seconds * 1_000);
    assert.equal(replacementDelayMs(record, later(60 + seconds)), 0);
    if (seconds > 0) assert.equal(replacementDelayMs(record, later(60 + seconds - 1)), 1_000);
  });
}

pure("without a failure nothing waits", () => {
  assert.equal(
    replacementDelayMs(failureRecord(undefined, populationOf([]), later(0)), later(0)),
    0,
  );
});

pure("B4: a runner that lasts longer than any deadline ends the row, without a job", () => {
  const look = (seconds: number, runner = createdAt(31)) =>
    failureRecord(recorded(4, 30), populationOf([runner]), later(seconds));
  assert.deepEqual([look(930).consecutiveFailures, look(930).overInMs], [4, 1_000]);
  assert.deepEqual([look(931).consecutiveFailures, look(931).overInMs], [0, undefined]);
  assert.equal(
    look(2_000, createdAt(29)).consecutiveFailures,
    4,
    "it was there before the failure",
  );
  assert.equal(look(931).reason, "Old", "the reason stays");
});
