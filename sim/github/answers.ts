/**
 * The answers of the simulated GitHub: JSON, nothing, and refusals in the two shapes that GitHub has (REST and service).
 * It knows status codes and exception names; when to use which is known elsewhere.
 */

const SERVICE = "GitHub.Actions.RunService.WebApi";
const DISTRIBUTED_TASK = "GitHub.DistributedTask.WebApi";

/** Exceptions of the Actions service: the status they come with and the assembly they are named after. */
const EXCEPTIONS = {
  TaskAgentExistsException: { status: 409, from: DISTRIBUTED_TASK },
  TaskAgentNotFoundException: { status: 404, from: DISTRIBUTED_TASK },
  TaskAgentJobStillRunningException: { status: 400, from: DISTRIBUTED_TASK },
  RunnerScaleSetSessionConflictException: { status: 409, from: SERVICE },
  RunnerScaleSetNotFoundException: { status: 404, from: SERVICE },
  RunnerScaleSetSessionExpiredException: { status: 400, from: SERVICE },
  /** Invented: what the live service names it is unknown. */
  RunnerScaleSetExistsException: { status: 400, from: SERVICE },
  /** Invented, as above: deletion of a set whose runners are busy. */
  RunnerScaleSetJobStillRunningException: { status: 400, from: SERVICE },
  RunnerGroupNotFoundException: { status: 400, from: SERVICE },
  RunnerAdminException: { status: 404, from: SERVICE },
  InvalidTokenException: { status: 401, from: "GitHub.Services.OAuth" },
  VssVersionNotSpecifiedException: { status: 400, from: "GitHub.Services.WebApi" },
  VssPropertyValidationException: { status: 400, from: "GitHub.Services.Common" },
  ResourceNotFoundException: { status: 404, from: "GitHub.Services.WebApi" },
} as const;

export type ExceptionName = keyof typeof EXCEPTIONS;

/** 200 unless told otherwise. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status });
}

/** A success with nothing to say. */
export function noContent(): Response {
  return new Response(null, { status: 204 });
}

/** A poll that ended with nothing to say. */
export function nothingYet(): Response {
  return new Response(null, { status: 202 });
}

/** A refusal of the Actions service or the queue, with the status that belongs to the exception. */
export function exception(name: ExceptionName, message: string): Response {
  const { status, from } = EXCEPTIONS[name];
  return json({
    $id: "1",
    innerException: null,
    message,
    typeName: `${from}.${name}, ${from}`,
    typeKey: name,
    errorCode: 0,
    eventId: 3000,
  }, status);
}

/** A refusal of the REST API. */
export function restRefusal(status: number, message: string): Response {
  return json(
    { message, documentation_url: "https://docs.github.com/rest", status: `${status}` },
    status,
  );
}

/** A refusal of the service that runners talk to. */
export function runnerRefusal(status: number, errorKind: string, errorMessage: string): Response {
  return json(
    { source: "actions-broker-listener", errorKind, statusCode: status, errorMessage },
    status,
  );
}
