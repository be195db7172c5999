/**
 * One request on its way through the server: who calls, what is asked, planned faults, permission, the verb. What the
 * verbs mean is in the files beside it.
 */
import { objectAnswer, statusAnswer, withWarnings } from "./answers.ts";
import { attributesOf, checkAccess, impersonated } from "./authorization.ts";
import { bodyOf, documentIn, mediaType } from "./bodies.ts";
import { bearerToken, callOf } from "./calls.ts";
import { type Call, subjectOf } from "./engine.ts";
import {
  createAnswer,
  deleteAnswer,
  deleteCollectionAnswer,
  patchAnswer,
  type Sent,
  updateAnswer,
} from "./mutations.ts";
import { pageNotFound, pathAnswer } from "./paths.ts";
import type { Authorizer } from "./rbac.ts";
import { get, list, type ReadContext, watch } from "./reads.ts";
import { type RequestInfo, requestInfo } from "./request_info.ts";
import type { RequestLog } from "./request_log.ts";
import type { Resource } from "./resources.ts";
import { reviewed } from "./reviews.ts";
import { selectedName } from "./selectors.ts";
import { methodNotAllowed, Refused, unauthorized } from "./status.ts";
import { subresourceAnswer } from "./subresources.ts";
import { ANONYMOUS, type Identity, type Tokens } from "./tokens.ts";

/** A request as faults and observers see it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly user: string;
  /** The API's verb, such as "list"; the method in small letters for paths that are no resource. */
  readonly verb: string;
  /** With its subresource, e.g. "ephemeralrunners/status"; the path where it is no resource. */
  readonly resource: string;
  /** "" where there is none. */
  readonly namespace: string;
  readonly name: string;
}

/**
 * Called with each request of a known user before anything is done. A Response is the answer; `undefined` lets the
 * request go on; a rejection is a connection that breaks.
 */
export type Intercept = (request: SeenRequest) => Promise<Response | undefined>;

/** What a request meets on its way. */
export interface RouterContext {
  readonly reads: ReadContext;
  readonly tokens: Tokens;
  readonly authorizer: Authorizer;
  readonly log: RequestLog;
  readonly intercept?: Intercept;
}

/** A request and what tells that its caller has gone away. */
export interface Incoming {
  readonly request: Request;
  /** Fails the body of a watch when it aborts; absent where the transport cancels bodies itself. */
  readonly signal: AbortSignal | undefined;
}

/** The answer to a request. Rejects only where `intercept` does. */
export async function answerTo(context: RouterContext, incoming: Incoming): Promise<Response> {
  const { request } = incoming;
  const url = new URL(request.url);
  const info = requestInfo(request.method, url);
  const identity = identify(context, request);
  if (!identity) return statusAnswer(unauthorized().status);
  return await knownAnswer(context, incoming, { info, identity, url });
}

async function knownAnswer(
  context: RouterContext,
  incoming: Incoming,
  known: Omit<Asked, "warnings">,
): Promise<Response> {
  const { request } = incoming;
  const { info, url } = known;
  const identity = impersonated(context.authorizer, request, known.identity);
  if (identity instanceof Refused) return statusAnswer(identity.status);
  const seen = seenRequest(request, info, { url, identity });
  context.log.add(seen);
  const intercepted = await context.intercept?.(seen);
  if (intercepted) return intercepted;
  const warnings: string[] = [];
  try {
    const answer = await authorizedAnswer(context, incoming, { info, identity, url, warnings });
    return warnings.length > 0 ? withWarnings(answer, warnings) : answer;
  } catch (thrown) {
    if (thrown instanceof Refused) return withWarnings(statusAnswer(thrown.status), warnings);
    throw thrown;
  }
}

function identify(context: RouterContext, request: Request): Identity | undefined {
  const token = bearerToken(request);
  return token === undefined ? ANONYMOUS : context.tokens.identify(token);
}

function seenRequest(
  request: Request,
  info: RequestInfo,
  known: { readonly url: URL; readonly identity: Identity },
): SeenRequest {
  const isResource = info.kind === "resource";
  const subresource = isResource && info.subresource !== "" ? `/${info.subresource}` : "";
  return {
    method: request.method,
    url: known.url,
    user: known.identity.user,
    verb: info.verb,
    resource: isResource ? `${info.resource}${subresource}` : info.path,
    namespace: isResource ? info.namespace : "",
    name: isResource ? info.name : "",
  };
}

interface Asked {
  readonly info: RequestInfo;
  readonly identity: Identity;
  readonly url: URL;
  readonly warnings: string[];
}

async function authorizedAnswer(
  context: RouterContext,
  incoming: Incoming,
  asked: Asked,
): Promise<Response> {
  const { request } = incoming;
  const { info, identity, url } = asked;
  const selected = selectedName(url.searchParams.get("fieldSelector") ?? "");
  const wanted = attributesOf(info, selected);
  checkAccess(context.authorizer, identity, wanted);
  const { registry } = context.reads.engine;
  if (info.kind === "path") {
    return info.verb === "get" || info.verb === "head"
      ? pathAnswer(registry, info.path)
      : pageNotFound();
  }
  const resource = registry.find(info.group, info.version, info.resource);
  if (!resource || !hasSubresource(resource, info.subresource)) return pageNotFound();
  const call = callOf(request, info, { identity, resource, warnings: asked.warnings });
  if (call.verb === "get") return get(context.reads, call, request);
  if (call.verb === "list") return list(context.reads, call, request);
  if (call.verb === "watch") return watch(context.reads, call, incoming);

  const sent = await sentWith(request, url, () => {
    checkAccess(context.authorizer, identity, { ...wanted, verb: "create" });
  });
  return changed(context, isDryRunBody(sent.value) ? { ...call, dryRun: true } : call, sent);
}

function hasSubresource(resource: Resource, subresource: string): boolean {
  if (subresource === "") return true;
  if (subresource === "status") return resource.hasStatus;
  return resource.subresources.includes(subresource);
}

/** DeleteOptions carry `dryRun` in the body. */
function isDryRunBody(value: unknown): boolean {
  const body = value as { readonly kind?: unknown; readonly dryRun?: unknown } | undefined;
  return body?.kind === "DeleteOptions" && Array.isArray(body.dryRun) &&
    body.dryRun.includes("All");
}

async function sentWith(request: Request, url: URL, checkCreate: () => void): Promise<Sent> {
  return {
    ...await bodyOf(request),
    mediaType: mediaType(request),
    query: url.searchParams,
    checkCreate,
  };
}

function changed(context: RouterContext, call: Call, sent: Sent): Response {
  const { engine } = context.reads;
  if (call.resource.review) {
    return objectAnswer(reviewed(call, documentIn(sent.value), context), 201);
  }
  if (call.subresource !== "" && call.subresource !== "status") {
    return subresourceAnswer(engine, call, { sent, tokens: context.tokens });
  }
  if (call.verb === "update") return updateAnswer(engine, call, sent);
  if (call.verb === "patch") return patchAnswer(engine, call, sent);
  if (call.subresource !== "") throw methodNotAllowed(subjectOf(call));
  if (call.verb === "create") return createAnswer(engine, call, sent);
  if (call.verb === "delete") return deleteAnswer(engine, call, sent);
  return deleteCollectionAnswer(engine, call, sent);
}
