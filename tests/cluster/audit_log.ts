/** What the real API server was asked, read from its audit log. Counts in the same rows as the simulated one does. */
import { RequestLog } from "../../sim/kube/request_log.ts";
import { eventually } from "./eventually.ts";

/** One request, once it was answered; a watch counts when it is open. */
export interface AuditedRequest {
  readonly user: string;
  readonly userAgent: string;
  /** Which token it was, as the server names it; "" without one. */
  readonly tokenId: string;
  /** When the server received it, as RFC 3339 text. */
  readonly receivedAt: string;
  /** As the API has it; the method in small letters for paths that are no resource. */
  readonly verb: string;
  /** "" is the core group. */
  readonly group: string;
  /** With its subresource, e.g. "ephemeralrunners/status"; the path where it is no resource. */
  readonly resource: string;
  /** "" where there is none. */
  readonly namespace: string;
  readonly name: string;
  /** HTTP status. */
  readonly code: number;
}

export interface AuditLog {
  /** In the order in which they were answered, since the log was opened or last marked. */
  requests(): Promise<readonly AuditedRequest[]>;
  /** The same as counts by user, verb and resource. */
  counts(): Promise<RequestLog>;
  /** From now on only what comes after this moment. */
  mark(): Promise<void>;
}

/**
 * Reads the file at `path`, from what is there now. The server writes an event just after it has answered, so whoever
 * waits for a request that was answered this moment asks again.
 */
export async function openAuditLog(path: string): Promise<AuditLog> {
  let from = (await Deno.stat(path)).size;

  async function requests(): Promise<readonly AuditedRequest[]> {
    const bytes = (await Deno.readFile(path)).subarray(from);
    const whole = new TextDecoder().decode(bytes.subarray(0, bytes.lastIndexOf(10) + 1));
    const seen = new Map<string, AuditedRequest>();
    for (const line of whole.split("\n")) {
      if (line === "") continue;
      const event = JSON.parse(line) as AuditEvent;
      if (!seen.has(event.auditID)) seen.set(event.auditID, auditedRequest(event));
    }
    return [...seen.values()];
  }

  return {
    requests,
    async counts() {
      const log = new RequestLog();
      for (const request of await requests()) log.add(request);
      return log;
    },
    async mark() {
      from = (await Deno.stat(path)).size;
    },
  };
}

/** Waits until the log holds a request that `matches`, and returns it. */
export async function audited(
  log: AuditLog,
  matches: (request: AuditedRequest) => boolean,
): Promise<AuditedRequest> {
  return await eventually(
    "a request in the audit log",
    async () => (await log.requests()).find(matches),
  );
}

const TOKEN_ID = "authentication.kubernetes.io/credential-id";

/** The part of `audit.k8s.io/v1` Event that we read. */
export interface AuditEvent {
  readonly auditID: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly requestReceivedTimestamp?: string;
  readonly user: {
    readonly username?: string;
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  /** With what the caller acted as, when it is not `user`. */
  readonly impersonatedUser?: { readonly username?: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

/** What an event says of its request. */
export function auditedRequest(event: AuditEvent): AuditedRequest {
  const { objectRef, user, impersonatedUser } = event;
  const path = event.requestURI.split("?")[0] ?? "";
  const resource = objectRef?.resource === undefined
    ? path
    : [objectRef.resource, objectRef.subresource].filter(Boolean).join("/");
  return {
    user: impersonatedUser?.username ?? user.username ?? "",
    userAgent: event.userAgent ?? "",
    tokenId: user.extra?.[TOKEN_ID]?.[0] ?? "",
    receivedAt: event.requestReceivedTimestamp ?? "",
    verb: event.verb,
    group: objectRef?.apiGroup ?? "",
    resource,
    namespace: objectRef?.namespace ?? "",
    name: objectRef?.name ?? "",
    code: event.responseStatus?.code ?? 0,
  };
}
