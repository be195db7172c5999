import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { GitHubError } from "../../github/errors.ts";
import { decodeMessage, decodeStatistics } from "../../github/messages.ts";

const STATISTICS = {
  totalAvailableJobs: 1,
  totalAcquiredJobs: 2,
  totalAssignedJobs: 3,
  totalRunningJobs: 4,
  totalRegisteredRunners: 5,
  totalBusyRunners: 6,
  totalIdleRunners: 7,
};

const JOB = {
  runnerRequestId: 9001,
  repositoryName: "widgets",
  ownerName: "octo",
  jobId: "c0ffee00-0000-4000-8000-000000000001",
  jobWorkflowRef: "octo/widgets/.github/workflows/ci.yml@refs/heads/main",
  jobDisplayName: "build",
  workflowRunId: 555000111,
  eventName: "push",
  requestLabels: ["linux-small"],
  queueTime: "2026-01-01T12:00:00Z",
  scaleSetAssignTime: "0001-01-01T00:00:00Z",
  runnerAssignTime: null,
};

function envelope(
  entries: unknown,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    messageId: 100000018,
    messageType: "RunnerScaleSetJobMessages",
    body: typeof entries === "string" ? entries : JSON.stringify(entries),
    statistics: STATISTICS,
    ...changes,
  };
}

function isBadAnswer(thrown: unknown): boolean {
  return thrown instanceof GitHubError && thrown.code === "github_bad_answer";
}

Deno.test("a message becomes jobs by kind, in domain words", { permissions: "none" }, () => {
  const message = decodeMessage(envelope([
    { messageType: "JobAvailable", acquireJobUrl: "https://x", ...JOB },
    { messageType: "JobAssigned", ...JOB },
    { messageType: "JobStarted", runnerId: 42, runnerName: "r1", ...JOB },
    { messageType: "JobCompleted", result: "succeeded", runnerId: 42, runnerName: "r1", ...JOB },
    { messageType: "JobReconsidered", ...JOB },
  ]));
  const job = {
    requestId: 9001,
    jobId: JOB.jobId,
    repositoryName: "widgets",
    ownerName: "octo",
    workflowRef: JOB.jobWorkflowRef,
    displayName: "build",
    workflowRunId: 555000111,
    eventName: "push",
    labels: ["linux-small"],
    queuedAt: new Date("2026-01-01T12:00:00Z"),
    assignedAt: undefined,
    startedAt: undefined,
    finishedAt: undefined,
  };
  deepEqual(message, {
    messageId: 100000018,
    statistics: {
      available: 1,
      acquired: 2,
      assigned: 3,
      running: 4,
      registeredRunners: 5,
      busyRunners: 6,
      idleRunners: 7,
    },
    available: [job],
    assigned: [job],
    started: [{ ...job, runnerId: 42, runnerName: "r1" }],
    completed: [{ ...job, runnerId: 42, runnerName: "r1", result: "succeeded" }],
    unknown: 1,
  });
});

Deno.test("§20.55 an empty body is valid, a wrong envelope is not", { permissions: "none" }, () => {
  for (const body of ["", "[]"]) {
    const { assigned, unknown } = decodeMessage(envelope(body));
    deepEqual([assigned, unknown], [[], 0]);
  }
  const wrong: readonly unknown[] = [
    null,
    "text",
    [],
    {},
    envelope("", { messageType: "Other" }),
    envelope("", { statistics: null }),
    envelope("", { statistics: { totalAssignedJobs: "3" } }),
    envelope("", { statistics: { totalAssignedJobs: 1.5 } }),
    envelope("", { messageId: "7" }),
    envelope("", { body: [] }),
    envelope("{}"),
    envelope("not json"),
  ];
  for (const value of wrong) throws(() => decodeMessage(value), isBadAnswer, JSON.stringify(value));
});

Deno.test("one entry that makes no sense is counted and does not hold up the others", {
  permissions: "none",
}, () => {
  const message = decodeMessage(envelope([
    null,
    7,
    { messageType: "JobStarted", ...JOB, runnerId: "42" },
    { messageType: "JobStarted", ...JOB, runnerId: 42, runnerName: "r1" },
  ]));
  deepEqual([message.started.length, message.unknown], [1, 3]);
});

Deno.test("§20.61 null, absent, empty and year 1 are no time", { permissions: "none" }, () => {
  const rows: readonly (readonly [unknown, string | undefined])[] = [
    [null, undefined],
    [undefined, undefined],
    ["", undefined],
    ["0001-01-01T00:00:00Z", undefined],
    ["2026-01-01T12:00:00", undefined], // no zone
    ["2026-13-45T12:00:00Z", undefined],
    [5, undefined],
    ["2026-01-01T12:00:00.1234567Z", "2026-01-01T12:00:00.123Z"],
    ["2026-01-01T14:00:00+02:00", "2026-01-01T12:00:00.000Z"],
  ];
  for (const [finishTime, wanted] of rows) {
    const entry = { messageType: "JobAssigned", ...JOB, finishTime };
    const [job] = decodeMessage(envelope([entry])).assigned;
    equal(job?.finishedAt?.toISOString(), wanted, String(finishTime));
  }
});

Deno.test("member names match whatever their case, and absent counts are 0", {
  permissions: "none",
}, () => {
  equal(decodeStatistics({ TotalAssignedJobs: 3 }).assigned, 3);
  equal(decodeStatistics({}).running, 0);
  throws(() => decodeStatistics(null), isBadAnswer);
});

Deno.test("no value whatever makes decoding throw anything but a bad answer", {
  permissions: "none",
}, () => {
  const entry = fc.record({
    messageType: fc.constantFrom("JobAvailable", "JobAssigned", "JobStarted", "JobCompleted", "?"),
    runnerRequestId: fc.anything(),
    runnerId: fc.anything(),
    requestLabels: fc.anything(),
    queueTime: fc.oneof(fc.anything(), fc.string(), fc.date({ noInvalidDate: false })),
  }, { requiredKeys: [] });
  const body = fc.oneof(fc.string(), fc.json(), fc.array(entry).map((list) => textOf(list)));
  const message = fc.record({
    messageId: fc.oneof(fc.nat(), fc.anything()),
    messageType: fc.oneof(fc.constant("RunnerScaleSetJobMessages"), fc.string()),
    body: fc.oneof(body, fc.anything()),
    statistics: fc.oneof(fc.constant(STATISTICS), fc.dictionary(fc.string(), fc.anything())),
  }, { requiredKeys: [] });
  fc.assert(fc.property(fc.oneof(message, fc.anything()), (value) => {
    try {
      const decoded = decodeMessage(value);
      ok(Number.isSafeInteger(decoded.messageId) && decoded.unknown >= 0);
    } catch (thrown) {
      ok(isBadAnswer(thrown), String(thrown));
    }
  }));
});

function textOf(list: readonly unknown[]): string {
  try {
    return JSON.stringify(list);
  } catch {
    return "[]"; // bigint
  }
}
