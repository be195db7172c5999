/** Jobs as the queue tells of them: the wire form of inner messages in both back ends. Pure. */
import type { GitHubSimSettings } from "./settings.ts";
import type { Agent, Job } from "./model.ts";

type Backend = GitHubSimSettings["backend"];

/** How the pipelines back end writes a time that is not set; the broker leaves the member out. */
const UNSET = "0001-01-01T00:00:00Z";

function common(job: Job, backend: Backend): Readonly<Record<string, unknown>> {
  const time = (at: Date | undefined) =>
    at?.toISOString() ?? (backend === "pipelines" ? UNSET : undefined);
  return {
    runnerRequestId: backend === "pipelines" ? job.requestId : 0,
    repositoryName: job.repository,
    ownerName: job.owner,
    jobId: job.jobId,
    jobWorkflowRef: `${job.owner}/${job.repository}/.github/workflows/ci.yml@refs/heads/main`,
    jobDisplayName: job.displayName,
    workflowRunId: job.workflowRunId,
    eventName: "push",
    requestLabels: job.labels,
    queueTime: time(job.queuedAt),
    scaleSetAssignTime: time(job.assignedAt),
    runnerAssignTime: time(job.startedAt),
    finishTime: time(job.finishedAt),
  };
}

/** A matching job that may be acquired (pipelines only). */
export function jobAvailable(job: Job, acquireJobUrl: string): unknown {
  return { messageType: "JobAvailable", acquireJobUrl, ...common(job, "pipelines") };
}

/** A job was given to a scale set, not yet to a runner. */
export function jobAssigned(job: Job, backend: Backend): unknown {
  return { messageType: "JobAssigned", ...common(job, backend) };
}

/** A runner has begun the job. */
export function jobStarted(job: Job, agent: Agent, backend: Backend): unknown {
  return {
    messageType: "JobStarted",
    runnerId: agent.id,
    runnerName: agent.name,
    ...common(job, backend),
  };
}

/** `agent` is `undefined` for a job that no runner took: id 0 and an empty name on the wire. */
export function jobCompleted(
  job: Job,
  outcome: {
    readonly result: string;
    readonly agent: Agent | undefined;
    readonly backend: Backend;
  },
): unknown {
  return {
    messageType: "JobCompleted",
    result: outcome.result,
    runnerId: outcome.agent?.id ?? 0,
    runnerName: outcome.agent?.name ?? "",
    ...common(job, outcome.backend),
  };
}
