/**
 * The bodies of refused calls: code, reason and text as Kubernetes words them, because clients parse them. Knows nothing
 * of when a call is refused.
 */

/** One of the reasons behind a refusal. */
export interface StatusCause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** The `Status` object of the API. */
export interface StatusBody {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: "Failure" | "Success";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
  readonly code?: number;
}

/** What a refusal is about: a resource, and an object's name where one is meant. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
  readonly name?: string;
}

/** Thrown by whoever refuses a call; the server answers with its {@link StatusBody}. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: StatusBody;

  constructor(status: StatusBody) {
    super(status.message ?? status.reason ?? "refused");
    this.status = status;
  }

  /** The HTTP status. */
  get code(): number {
    return this.status.code ?? 500;
  }
}

function refused(
  code: number,
  reason: string,
  body: { readonly message: string; readonly details?: StatusBody["details"] },
): Refused {
  return new Refused({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: body.message,
    reason,
    ...(body.details ? { details: body.details } : {}),
    code,
  });
}

/** "pods", "deployments.apps". */
export function qualified(subject: Subject): string {
  return subject.group === "" ? subject.plural : `${subject.plural}.${subject.group}`;
}

function detailsOf(subject: Subject): NonNullable<StatusBody["details"]> {
  return {
    ...(subject.name ? { name: subject.name } : {}),
    ...(subject.group ? { group: subject.group } : {}),
    kind: subject.plural,
  };
}

/** 404. */
export function notFound(subject: Subject): Refused {
  return refused(404, "NotFound", {
    message: `${qualified(subject)} "${subject.name ?? ""}" not found`,
    details: detailsOf(subject),
  });
}

/** 409 for a name that is taken. */
export function alreadyExists(subject: Subject): Refused {
  return refused(409, "AlreadyExists", {
    message: `${qualified(subject)} "${subject.name ?? ""}" already exists`,
    details: detailsOf(subject),
  });
}

/** 409 for a name whose object is being deleted. */
export function stillExists(subject: Subject): Refused {
  const { status } = alreadyExists(subject);
  return new Refused({ ...status, message: `object is being deleted: ${status.message}` });
}

/** 409: somebody else wrote in between, or a precondition does not hold. */
export function conflict(subject: Subject, why: string): Refused {
  return refused(409, "Conflict", {
    message: `Operation cannot be fulfilled on ${qualified(subject)} "${
      subject.name ?? ""
    }": ${why}`,
    details: detailsOf(subject),
  });
}

/** The text of a stale `resourceVersion`. */
export const STALE =
  "the object has been modified; please apply your changes to the latest version and try again";

/** 409 of server-side apply: others own fields with other values. */
export function applyConflict(causes: readonly StatusCause[], message: string): Refused {
  return refused(409, "Conflict", { message, details: { causes } });
}

/** 403: `why` follows "is forbidden: ". */
export function forbidden(subject: Subject, why: string): Refused {
  const what = subject.name ? `${qualified(subject)} "${subject.name}"` : qualified(subject);
  return refused(403, "Forbidden", {
    message: `${what} is forbidden: ${why}`,
    details: detailsOf(subject),
  });
}

/** 403 on a path that is no resource. */
export function forbiddenPath(message: string): Refused {
  return refused(403, "Forbidden", { message, details: {} });
}

/** 403 in a namespace that is going away, with the cause that clients look for. */
export function namespaceTerminating(subject: Subject, namespace: string): Refused {
  const base = forbidden(
    subject,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  return new Refused({
    ...base.status,
    details: {
      ...base.status.details,
      causes: [{
        reason: "NamespaceTerminating",
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      }],
    },
  });
}

/** One problem of a document, worded as Kubernetes words field errors. */
export interface FieldProblem {
  /** Path such as `spec.containers[0].name`. */
  readonly field: string;
  /** E.g. "FieldValueRequired". */
  readonly reason: string;
  /** E.g. `Required value`. */
  readonly message: string;
}

/** 422 with a cause per problem. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  problems: readonly FieldProblem[],
): Refused {
  const what = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  const lines = [...new Set(problems.map((problem) => `${problem.field}: ${problem.message}`))];
  return refused(422, "Invalid", {
    message: `${what} "${name}" is invalid: ${
      lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`
    }`,
    details: {
      ...(name ? { name } : {}),
      ...(kind.group ? { group: kind.group } : {}),
      kind: kind.kind,
      causes: problems.map(({ reason, message, field }) => ({ reason, message, field })),
    },
  });
}

/** 400. */
export function badRequest(message: string): Refused {
  return refused(400, "BadRequest", { message });
}

/** 401. */
export function unauthorized(): Refused {
  return refused(401, "Unauthorized", { message: "Unauthorized" });
}

/** 410: the version asked for is no longer in the history. */
export function expired(message: string): Refused {
  return refused(410, "Expired", { message });
}

/** 410 for a page of a list, with the token by which the list goes on inconsistently. */
export function pageExpired(message: string, token: string): Refused {
  return new Refused({ ...expired(message).status, metadata: { continue: token } });
}

/** 413: the body has more bytes than the server reads. */
export function tooLarge(limit: number): Refused {
  return refused(413, "RequestEntityTooLarge", {
    message: `Request entity too large: limit is ${limit}`,
  });
}

/** 405. */
export function methodNotAllowed(
  subject: Subject,
  message = "the server does not allow this method on the requested resource",
): Refused {
  return refused(405, "MethodNotAllowed", {
    message,
    details: detailsOf(subject),
  });
}

/** 415. */
export function unsupportedMediaType(accepted: readonly string[]): Refused {
  return refused(415, "UnsupportedMediaType", {
    message: `the body of the request was in an unknown format - accepted media types include: ${
      accepted.join(", ")
    }`,
  });
}

/** 406. */
export function notAcceptable(accepted: readonly string[]): Refused {
  return refused(406, "NotAcceptable", {
    message: `only the following media types are accepted: ${accepted.join(", ")}`,
  });
}

/** 422 without a kind: a patch that does not fit the document. */
export function unprocessable(message: string): Refused {
  return refused(422, "Invalid", { message });
}

/** 500 for what the API server did not foresee: a message without a reason. */
export function unexpected(message: string): Refused {
  return new Refused({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    code: 500,
  });
}

/** 504 as the watch cache answers for versions that do not exist yet. */
export function tooLargeVersion(asked: number, current: number): Refused {
  return refused(504, "Timeout", {
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      retryAfterSeconds: 1,
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    },
  });
}

/** The answer to a delete that removed the object. */
export function deleted(subject: Subject, uid: string): StatusBody {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { ...detailsOf(subject), uid },
  };
}
