/** Get, list and watch as answers. */
import type { Clock } from "../../lib/clock.ts";
import { jsonAnswer, objectAnswer, statusAnswer } from "./answers.ts";
import { apiVersionText, type Document } from "./document.ts";
import { type Call, type Engine, subjectOf } from "./engine.ts";
import { type Lists, versionProblem } from "./lists.ts";
import { type Form, formOf } from "./negotiation.ts";
import { partialObject } from "./partial.ts";
import { fieldSelector, labelSelector, type Matches } from "./selectors.ts";
import { invalid, notFound, type StatusBody, unexpected } from "./status.ts";
import { tableOf, tableRows } from "./table.ts";
import { type OpenWatch, openWatch, tooOld, type WatchPlan } from "./watch.ts";
import { eventLine, type EventType, inVersion, listText, madeLine } from "./wire.ts";

/** Watches without a limit of their own end after this and up to twice this, in seconds. */
const DEFAULT_WATCH_SECONDS = 1800;

/** What reads work with. */
export interface ReadContext {
  readonly engine: Engine;
  readonly lists: Lists;
  /** Takes a watch in as soon as it is open. */
  readonly opened: (watch: OpenWatch, call: Call) => void;
  /** Lets it go when it is over. */
  readonly closed: (watch: OpenWatch) => void;
  /** How a watch from a forgotten version is refused: inside the stream, or by the HTTP status. */
  readonly expiredAnswer: () => "event" | "status";
}

function versionText(call: Call): string {
  return apiVersionText(call.resource.group, call.resource.version);
}

function selection(call: Call, query: URLSearchParams): Matches {
  const labels = labelSelector(query.get("labelSelector") ?? "");
  const byField = fieldSelector(query.get("fieldSelector") ?? "", {
    plural: call.resource.plural,
    extra: call.resource.custom?.selectable ?? [],
  });
  return (object) => labels(object) && byField(object);
}

function columnsOf(call: Call, query: URLSearchParams) {
  return {
    resource: call.resource,
    includeObject: query.get("includeObject") ?? "Metadata",
  };
}

/** Throws 404 when there is no such object. */
export function get(context: ReadContext, call: Call, request: Request): Response {
  const { engine } = context;
  const stored = engine.store.shelf(call.resource).get(call);
  if (!stored) throw notFound(subjectOf(call));
  const object = inVersion(stored, versionText(call));
  const form = formOf(request.headers.get("accept"));
  if (form === "whole") return objectAnswer(object);
  if (form === "partial") return objectAnswer(partialObject(object));
  const query = new URL(request.url).searchParams;
  return jsonAnswer(JSON.stringify(
    tableOf([object], {
      ...columnsOf(call, query),
      now: context.engine.clock.now(),
      metadata: { resourceVersion: object.metadata.resourceVersion ?? "" },
    }),
  ));
}

/** One page of a list. */
export function list(context: ReadContext, call: Call, request: Request): Response {
  const query = new URL(request.url).searchParams;
  const form = formOf(request.headers.get("accept"));
  const page = context.lists.page({
    shelf: context.engine.store.shelf(call.resource),
    namespace: call.namespace,
    matches: selection(call, query),
    limit: Number(query.get("limit") ?? 0),
    continueFrom: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    versionMatch: query.get("resourceVersionMatch") ?? "",
  });
  const isSelected = Boolean(query.get("labelSelector") || query.get("fieldSelector"));
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue ? { continue: page.continue } : {}),
    ...(page.remaining !== undefined && !isSelected ? { remainingItemCount: page.remaining } : {}),
  };
  const objects = page.objects.map((object) => inVersion(object, versionText(call)));
  if (form === "table") {
    const table = tableOf(objects, {
      ...columnsOf(call, query),
      now: context.engine.clock.now(),
      metadata,
    });
    return jsonAnswer(JSON.stringify(table));
  }
  if (form === "partial") {
    const list = {
      apiVersion: "meta.k8s.io/v1",
      kind: "PartialObjectMetadataList",
      metadata,
      items: "named" as const,
    };
    return jsonAnswer(listText(list, objects.map(partialObject)));
  }
  const kind = call.resource.custom?.listKind ?? `${call.resource.kind}List`;
  const items = call.resource.custom ? "named" : "unnamed";
  return jsonAnswer(listText({ apiVersion: versionText(call), kind, metadata, items }, objects));
}

function renderer(
  form: Form,
  call: Call,
  options: { readonly clock: Clock; readonly query: URLSearchParams },
): (type: EventType, object: Document) => Uint8Array<ArrayBuffer> {
  const apiVersion = versionText(call);
  if (form === "whole") return (type, object) => eventLine(type, inVersion(object, apiVersion));
  if (form === "partial") {
    return (type, object) => eventLine(type, partialObject(inVersion(object, apiVersion)));
  }
  let isFirst = true;
  return (type, object) => {
    const settings = {
      ...columnsOf(call, options.query),
      now: options.clock.now(),
      metadata: { resourceVersion: object.metadata.resourceVersion ?? "" },
    };
    const versioned = [inVersion(object, apiVersion)];
    const table = isFirst ? tableOf(versioned, settings) : tableRows(versioned, settings);
    isFirst = false;
    return madeLine(type, table);
  };
}

/** After which version a watch tells changes; `undefined`: it starts with all that is stored. */
function startOf(context: ReadContext, query: URLSearchParams): number | undefined {
  const resourceVersion = query.get("resourceVersion") ?? "";
  const initial = query.get("sendInitialEvents");
  if (initial !== null && query.get("resourceVersionMatch") !== "NotOlderThan") {
    throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [{
      field: "resourceVersionMatch",
      reason: "FieldValueForbidden",
      message: "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    }]);
  }
  if (initial === "true") return undefined;
  if (resourceVersion !== "" && resourceVersion !== "0") {
    const problem = versionProblem(resourceVersion);
    if (problem !== undefined) throw unexpected(problem);
    return Number(resourceVersion);
  }
  return initial === "false" ? context.engine.store.revision : undefined;
}

function refusedInStream(status: StatusBody): Response {
  return new Response(madeLine("ERROR", status), {
    headers: { "content-type": "application/json" },
  });
}

/** A stream of events. */
export function watch(
  context: ReadContext,
  call: Call,
  incoming: { readonly request: Request; readonly signal: AbortSignal | undefined },
): Response {
  const { request } = incoming;
  const query = new URL(request.url).searchParams;
  const { engine } = context;
  const { clock, random } = engine;
  const seconds = Number(query.get("timeoutSeconds") ?? 0) ||
    DEFAULT_WATCH_SECONDS * (1 + random());
  const plan: WatchPlan = {
    shelf: engine.store.shelf(call.resource),
    namespace: call.namespace,
    matches: selection(call, query),
    after: startOf(context, query),
    bookmarks: query.get("allowWatchBookmarks") === "true",
    marksInitialEnd: query.get("sendInitialEvents") === "true",
    timeoutMs: seconds * 1000,
    render: renderer(formOf(request.headers.get("accept")), call, { clock, query }),
    kind: { apiVersion: versionText(call), kind: call.resource.kind },
    revision: () => engine.store.revision,
    clock,
    signal: incoming.signal,
  };
  const refusal = tooOld(plan);
  if (refusal) {
    return context.expiredAnswer() === "status" ? statusAnswer(refusal) : refusedInStream(refusal);
  }
  const opened: OpenWatch = openWatch(plan, () => context.closed(opened));
  context.opened(opened, call);
  return new Response(opened.body, { headers: { "content-type": "application/json" } });
}
