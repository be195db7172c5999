import assert from "node:assert/strict";
import { jobAssigned, jobAvailable, jobCompleted } from "../../../sim/github/job_messages.ts";
import type { Job } from "../../../sim/github/model.ts";

const JOB: Job = {
  jobId: "c0ffee00-0000-4000-8000-000000000001",
  requestId: 9_001,
  scope: "repos/octo/widgets",
  owner: "octo",
  repository: "widgets",
  displayName: "build",
  workflowRunId: 555,
  labels: ["linux"],
  durationMs: 1,
  plannedResult: "succeeded",
  queuedAt: new Date("2026-01-01T12:00:00Z"),
  assignedAt: new Date("2026-01-01T12:00:01Z"),
  state: "assigned",
  assignments: 1,
  isCancelRequested: false,
  offeredTo: new Set(),
};

const COMMON = {
  repositoryName: "widgets",
  ownerName: "octo",
  jobId: JOB.jobId,
  jobWorkflowRef: "octo/widgets/.github/workflows/ci.yml@refs/heads/main",
  jobDisplayName: "build",
  workflowRunId: 555,
  eventName: "push",
  requestLabels: ["linux"],
  queueTime: "2026-01-01T12:00:00.000Z",
  scaleSetAssignTime: "2026-01-01T12:00:01.000Z",
};

const UNSET = "0001-01-01T00:00:00Z";

Deno.test(
  "the two back ends differ in request ids and unset times",
  { permissions: "none" },
  () => {
    const wire = (message: unknown) => JSON.parse(JSON.stringify(message));
    assert.deepEqual(wire(jobAssigned(JOB, "broker")), {
      messageType: "JobAssigned",
      runnerRequestId: 0,
      ...COMMON,
    });
    const times = { runnerAssignTime: UNSET, finishTime: UNSET };
    assert.deepEqual(wire(jobAvailable(JOB, "http://acquire")), {
      messageType: "JobAvailable",
      acquireJobUrl: "http://acquire",
      runnerRequestId: 9_001,
      ...COMMON,
      ...times,
    });
    const outcome = { result: "canceled", agent: undefined, backend: "pipelines" } as const;
    assert.deepEqual(wire(jobCompleted(JOB, outcome)), {
      messageType: "JobCompleted",
      result: "canceled",
      runnerId: 0,
      runnerName: "",
      runnerRequestId: 9_001,
      ...COMMON,
      ...times,
    });
  },
);
