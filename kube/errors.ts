/**
 * What a refusal of the API server means: its code word and what a loop does about it. Knows HTTP statuses and `Status`
 * bodies; refuses to know who asked. Bodies are never quoted, only the server's one message.
 */
import { type Disposition, HouseError, messageOf } from "../lib/errors.ts";
import type { Status } from "./types.ts";

/** Low-cardinality words for metrics, logs and conditions. */
export type KubeErrorCode =
  | "kube_already_exists"
  | "kube_bad_request"
  | "kube_bad_response"
  | "kube_conflict"
  | "kube_forbidden"
  | "kube_gone"
  | "kube_internal"
  | "kube_invalid"
  | "kube_namespace_terminating"
  | "kube_not_found"
  | "kube_other_incarnation"
  | "kube_patch_test_failed"
  | "kube_quota"
  | "kube_timeout"
  | "kube_too_many_requests"
  | "kube_unauthorized"
  | "kube_unavailable"
  | "kube_unreachable";

/** A failed call to the API server. `message` has at most 256 characters and holds no credential. */
export class KubeError extends HouseError {
  override readonly name = "KubeError";
  override readonly code: KubeErrorCode;
  override readonly disposition: Disposition;
  /** The HTTP status; `undefined` when no answer came. */
  readonly httpStatus: number | undefined;
  /** The server's `StatusReason`, such as "NotFound"; `undefined` when the body was no `Status`. */
  readonly reason: string | undefined;
  /** The server's fields that it found wrong, as it names them (`spec.containers[0].image`). */
  readonly fields: readonly string[];

  constructor(
    message: string,
    facts: {
      readonly code: KubeErrorCode;
      readonly disposition?: Disposition | undefined;
      readonly httpStatus?: number | undefined;
      readonly reason?: string | undefined;
      readonly fields?: readonly string[];
      readonly cause?: unknown;
    },
  ) {
    super(messageOf(message), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.disposition = facts.disposition ?? (PASSING.has(facts.code) ? WAIT_OUT : RETRY);
    this.httpStatus = facts.httpStatus;
    this.reason = facts.reason;
    this.fields = facts.fields ?? [];
  }
}

const RETRY: Disposition = { kind: "retry" };
const STOP: Disposition = { kind: "stop" };
/** A server's bad time ends without a word: whatever waits goes on this soon after it, in ms. */
const WAIT_OUT: Disposition = { kind: "retry", withinMs: 30_000 };
/** What says nothing of the object, only of the server or the way to it. */
const PASSING: ReadonlySet<KubeErrorCode> = new Set([
  "kube_internal",
  "kube_timeout",
  "kube_unauthorized",
  "kube_unavailable",
  "kube_unreachable",
]);

/** What we know about a refusal before it is understood. */
export interface Refusal {
  readonly httpStatus: number;
  /** The body, when it was a `Status`. */
  readonly status?: Status | undefined;
  /** The header as sent: seconds. */
  readonly retryAfter?: string | null;
  /** The call was a JSON patch: a 422 without field causes is then a failed `test`. */
  readonly isJsonPatch?: boolean;
  /** The call carried a Secret: the server's message may quote what it could not parse, and is left out. */
  readonly isSecret?: boolean;
}

/** A full quota frees when something else ends; the API server tells no time. F22 of the fault list asks for 10 s. */
const QUOTA_WAIT_MS = 10_000;
/** A 429 without a time, as the server's own default. */
const TOO_MANY_WAIT_MS = 1_000;
/** How the registry and the storage of the API server say that a uid precondition failed. */
const OTHER_UID = /UID in (the )?precondition/i;
/** Longest wait that we take from a server. */
const MAX_WAIT_MS = 300_000;

/**
 * The error for a refusal. `action` is what was tried, as a person would say it: `create pods "a/b"`.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/ and `StatusReason` of apimachinery name the statuses.
 */
export function refused(action: string, refusal: Refusal): KubeError {
  const [code, disposition] = meaning(refusal);
  return new KubeError(`Cannot ${action}: ${explanation(refusal)}`, {
    code,
    disposition,
    httpStatus: refusal.httpStatus,
    reason: refusal.status?.reason,
    fields: (refusal.status?.details?.causes ?? []).flatMap(({ field }) => field ? [field] : []),
  });
}

/** The error for an ERROR event of a watch, whose object is a `Status`. */
export function refusedByStatus(action: string, status: Status): KubeError {
  const expired = status.reason === "Expired" || status.reason === "Gone";
  return refused(action, { httpStatus: status.code ?? (expired ? 410 : 500), status });
}

function explanation({ httpStatus, status, isSecret }: Refusal): string {
  const quotesInput = httpStatus === 400 || httpStatus === 422;
  if (status?.message && !(isSecret && quotesInput)) return status.message;
  return `HTTP ${httpStatus}${status?.reason ? ` ${status.reason}` : ""}`;
}

/** Without a disposition: that of its code. */
function meaning(refusal: Refusal): readonly [KubeErrorCode, (Disposition | undefined)?] {
  const { status } = refusal;
  const causes = status?.details?.causes ?? [];
  switch (refusal.httpStatus) {
    case 401:
      return ["kube_unauthorized"];
    case 403:
      if (causes.some(({ reason }) => reason === "NamespaceTerminating")) {
        return ["kube_namespace_terminating", STOP];
      }
      return status?.message?.includes("exceeded quota")
        ? ["kube_quota", { kind: "retry-after", ms: QUOTA_WAIT_MS }]
        : ["kube_forbidden", STOP];
    case 404:
      return ["kube_not_found"];
    case 408:
    case 504:
      return ["kube_timeout", askedToWait(refusal)];
    case 409:
      if (status?.reason === "AlreadyExists") return ["kube_already_exists"];
      return [OTHER_UID.test(status?.message ?? "") ? "kube_other_incarnation" : "kube_conflict"];
    case 410:
      return ["kube_gone"];
    case 413:
      return ["kube_invalid", STOP];
    case 422:
      return refusal.isJsonPatch && causes.length === 0
        ? ["kube_patch_test_failed"]
        : ["kube_invalid", STOP];
    case 429:
      return [
        "kube_too_many_requests",
        askedToWait(refusal) ?? { kind: "retry-after", ms: TOO_MANY_WAIT_MS },
      ];
    case 503:
      return ["kube_unavailable", askedToWait(refusal)];
  }
  return refusal.httpStatus >= 500
    ? ["kube_internal", askedToWait(refusal)]
    : ["kube_bad_request", STOP];
}

function askedToWait({ retryAfter, status }: Refusal): Disposition | undefined {
  const seconds = retryAfter ? Number(retryAfter) : status?.details?.retryAfterSeconds ?? NaN;
  if (!Number.isFinite(seconds) || seconds <= 0) return undefined;
  return { kind: "retry-after", ms: Math.min(seconds * 1000, MAX_WAIT_MS) };
}

function has(thrown: unknown, code: KubeErrorCode): boolean {
  return thrown instanceof KubeError && thrown.code === code;
}

/** Somebody else wrote first: read again, then decide again. */
export function isConflict(thrown: unknown): boolean {
  return has(thrown, "kube_conflict");
}

/** A create met an object of that name. */
export function isAlreadyExists(thrown: unknown): boolean {
  return has(thrown, "kube_already_exists");
}

/** What was to be changed is not there (or the whole kind is not installed). */
export function isNotFound(thrown: unknown): boolean {
  return has(thrown, "kube_not_found");
}

/** The object itself is absent; a 404 without a `Status` is a kind that the server does not serve. */
export function isAbsence(thrown: unknown): boolean {
  return isNotFound(thrown) && (thrown as KubeError).reason === "NotFound";
}

/** A deletion by uid met another object of that name. */
export function isOtherIncarnation(thrown: unknown): boolean {
  return has(thrown, "kube_other_incarnation");
}

/** The resourceVersion or the continue token is too old: list again. */
export function isGone(thrown: unknown): boolean {
  return has(thrown, "kube_gone");
}

/** The object breaks a rule of its schema or of its validation; `fields` says where. */
export function isInvalid(thrown: unknown): boolean {
  return has(thrown, "kube_invalid");
}

/** Our role does not allow it, or an admission plug-in said no. */
export function isForbidden(thrown: unknown): boolean {
  return has(thrown, "kube_forbidden");
}

/** An admission plug-in, not our role, said no: RBAC's own denials name the verb that is missing. */
export function isDeniedByAdmission(thrown: unknown): boolean {
  return isForbidden(thrown) && !/ cannot [a-z]+ resource /.test((thrown as KubeError).message);
}

/** A ResourceQuota is full. */
export function isQuotaExceeded(thrown: unknown): boolean {
  return has(thrown, "kube_quota");
}

/** Nothing can be created here any more: its namespace is being deleted. */
export function isNamespaceTerminating(thrown: unknown): boolean {
  return has(thrown, "kube_namespace_terminating");
}

/** A `test` of a JSON patch did not hold: what we read has changed. */
export function isPatchTestFailed(thrown: unknown): boolean {
  return has(thrown, "kube_patch_test_failed");
}

/** The server did not take our credential; it is read again before the next call. */
export function isUnauthorized(thrown: unknown): boolean {
  return has(thrown, "kube_unauthorized");
}
