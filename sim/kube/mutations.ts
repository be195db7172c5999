/** Create, update, patch and delete: from a call and its body to an answer. */
import { objectAnswer, statusAnswer } from "./answers.ts";
import { appliedTo, shapeOf } from "./apply.ts";
import { documentIn, looseValue, optionsIn } from "./bodies.ts";
import { deleteObject, type DeleteOptions, deleteOptions } from "./deletion.ts";
import { apiVersionText, type Document, isFields, withMetadata } from "./document.ts";
import { type Call, type Engine, nowText, subjectOf } from "./engine.ts";
import { APPLY_PATCH, patched } from "./patch.ts";
import { fieldSelector, labelSelector } from "./selectors.ts";
import { badRequest, conflict, deleted, invalid, notFound } from "./status.ts";
import { inVersion, listText } from "./wire.ts";
import { create, replace } from "./writes.ts";
import { jsonAnswer } from "./answers.ts";

/** What a write came with besides its call. */
export interface Sent {
  /** The parsed body; `undefined` when it was empty. */
  readonly value: unknown;
  /** The body as it came. */
  readonly text: string;
  readonly mediaType: string;
  readonly query: URLSearchParams;
  /** Throws 403 unless the caller may also create such an object. */
  readonly checkCreate: () => void;
}

function versionText(call: Call): string {
  return apiVersionText(call.resource.group, call.resource.version);
}

function answered(call: Call, object: Document, code = 200): Response {
  return objectAnswer(inVersion(object, versionText(call)), code);
}

function stored(engine: Engine, call: Call): Document {
  const object = engine.store.shelf(call.resource).get(call);
  if (!object) throw notFound(subjectOf(call));
  return inVersion(object, versionText(call));
}

/** POST: 201 with the object. */
export function createAnswer(engine: Engine, call: Call, sent: Sent): Response {
  const document = withMetadata(documentIn(sent.value), { managedFields: undefined });
  return answered(call, create(engine, call, document), 201);
}

/** PUT: 200 with the object as stored. */
export function updateAnswer(engine: Engine, call: Call, sent: Sent): Response {
  const before = stored(engine, call);
  return answered(call, replace(engine, call, { before, sent: documentIn(sent.value) }));
}

/** PATCH in any format: 200 with the object, 201 where server-side apply made it. */
export function patchAnswer(engine: Engine, call: Call, sent: Sent): Response {
  if (sent.mediaType === APPLY_PATCH) return applyAnswer(engine, call, sent);
  const before = stored(engine, call);
  const next = patched(call.resource, before, { format: sent.mediaType, body: sent.value });
  return answered(call, replace(engine, call, { before, sent: next }));
}

function checkApplied(call: Call, applied: Document, query: URLSearchParams): void {
  if (!query.get("fieldManager")) {
    throw invalid({ group: "meta.k8s.io", kind: "PatchOptions" }, "", [{
      field: "fieldManager",
      reason: "FieldValueRequired",
      message: "Required value: is required for apply patch",
    }]);
  }
  if (applied.metadata.managedFields !== undefined) {
    throw badRequest("metadata.managedFields must be nil");
  }
  const { name } = applied.metadata;
  if (name !== undefined && name !== call.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${call.name})`,
    );
  }
  if (!applied.apiVersion || !applied.kind) {
    throw badRequest("Object 'Kind' or 'apiVersion' is missing in the applied configuration");
  }
}

/** What an application to the status, or to all but it, can reach: the rest has no owner by it. */
function withinReach(call: Call, applied: Document): Document {
  if (!call.resource.hasStatus) return applied;
  const { apiVersion, kind, metadata, status, ...rest } = applied;
  const base = {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata,
  };
  if (call.subresource !== "status") return { ...base, ...rest };
  return status === undefined ? base : { ...base, status };
}

function applyAnswer(engine: Engine, call: Call, sent: Sent): Response {
  const value = looseValue(sent.text);
  if (!isFields(value)) throw badRequest("the body of the request is no object");
  const applied = withinReach(call, documentIn(value));
  checkApplied(call, applied, sent.query);
  const live = engine.store.shelf(call.resource).get(call);
  const options = {
    shape: shapeOf(call.resource),
    writer: {
      manager: call.fieldManager,
      subresource: call.subresource,
      now: nowText(engine),
      force: sent.query.get("force") === "true",
    },
  };
  if (live) {
    const before = inVersion(live, versionText(call));
    const { resourceVersion } = applied.metadata;
    const next = withMetadata(appliedTo(before, applied, options), {
      resourceVersion: resourceVersion ?? before.metadata.resourceVersion,
    });
    return answered(call, replace(engine, call, { before, sent: next, ownersKnown: true }));
  }
  if (call.subresource !== "") throw notFound(subjectOf(call));
  if (applied.metadata.uid) {
    throw conflict(
      subjectOf(call),
      `uid mismatch: the provided object specified uid ${applied.metadata.uid}, and no existing ` +
        "object was found",
    );
  }
  sent.checkCreate();
  const fresh = withMetadata(applied, { name: call.name, resourceVersion: undefined });
  const withOwners = appliedTo(undefined, fresh, options);
  return answered(call, create(engine, call, withOwners), 201);
}

function optionsOf(sent: Sent): DeleteOptions {
  return deleteOptions(optionsIn(sent.value), sent.query);
}

/** DELETE of one object: a Status when it is gone, the object while something holds it. */
export function deleteAnswer(engine: Engine, call: Call, sent: Sent): Response {
  const object = stored(engine, call);
  const deletion = deleteObject(engine, call, { object, options: optionsOf(sent) });
  if (!deletion.removed || call.resource.returnsDeleted) return answered(call, deletion.object);
  return statusAnswer(deleted(subjectOf(call), object.metadata.uid ?? ""));
}

/** DELETE of what the selectors match: a list of what was deleted. */
export function deleteCollectionAnswer(engine: Engine, call: Call, sent: Sent): Response {
  const { query } = sent;
  const labels = labelSelector(query.get("labelSelector") ?? "");
  const byField = fieldSelector(query.get("fieldSelector") ?? "", {
    plural: call.resource.plural,
    extra: call.resource.custom?.selectable ?? [],
  });
  const options = optionsOf(sent);
  const namespace = call.namespace === "" ? undefined : call.namespace;
  const objects = engine.store.shelf(call.resource).list(namespace)
    .filter((object) => labels(object) && byField(object))
    .map((object) => deleteObject(engine, call, { object, options }).object);
  const kind = call.resource.custom?.listKind ?? `${call.resource.kind}List`;
  const metadata = { resourceVersion: String(engine.store.revision) };
  return jsonAnswer(listText(
    {
      apiVersion: versionText(call),
      kind,
      metadata,
      items: call.resource.custom ? "named" : "unnamed",
    },
    objects.map((object) => inVersion(object, versionText(call))),
  ));
}
