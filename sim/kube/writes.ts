/**
 * Create and replace: from a caller's document to a stored one. Owns the rules that hold for every kind: server-owned
 * metadata, optimistic concurrency, status apart from the rest, generation, writes that change nothing.
 */
import { deepEqual } from "../../lib/json.ts";
import { randomText, randomUuid } from "../../lib/random.ts";
import { checkDocument, completed } from "./admission.ts";
import { fieldsAfterUpdate, shapeOf } from "./apply.ts";
import { checkDefinition } from "./definitions.ts";
import { isReleased } from "./deletion.ts";
import type { Resource } from "./resources.ts";
import { apiVersionText, type Document, type Metadata, withMetadata } from "./document.ts";
import { type Call, commit, type Engine, expunge, nowText, subjectOf } from "./engine.ts";
import { kindRules } from "./kinds.ts";
import { checkNamespace } from "./namespaces.ts";
import { checkQuota } from "./quota.ts";
import { withIdentity } from "./service_accounts.ts";
import {
  alreadyExists,
  badRequest,
  conflict,
  invalid,
  STALE,
  stillExists,
  unexpected,
} from "./status.ts";

/** What Kubernetes draws random names from: nothing that could spell a word or be misread. */
const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const NAME_SUFFIX_LENGTH = 5;
/** Longest prefix of a generated name. */
const MAX_PREFIX = 63 - NAME_SUFFIX_LENGTH;
/** How often a generated name that is taken is drawn again. */
const NAME_ATTEMPTS = 8;

function drawnName(engine: Engine, call: Call, prefix: string): string {
  const shelf = engine.store.shelf(call.resource);
  let name = "";
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    name = prefix.slice(0, MAX_PREFIX) +
      randomText(engine.random, NAME_SUFFIX_LENGTH, NAME_ALPHABET);
    if (!shelf.get({ namespace: call.namespace, name })) return name;
  }
  return name;
}

/** How much of a body a refusal repeats. */
const SHOWN_LENGTH = 31;

/** The document with kind, version and namespace of the call; throws 400 when it names others. */
function addressed(call: Call, document: Document): Document {
  const { resource } = call;
  const apiVersion = apiVersionText(resource.group, resource.version);
  if (resource.custom && document.kind === undefined) throw withoutKind(resource, document);
  if (document.apiVersion !== undefined && document.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${document.apiVersion}) does not match the expected API ` +
        `version (${apiVersion})`,
    );
  }
  if (document.kind !== undefined && document.kind !== resource.kind) {
    throw badRequest(
      `${document.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ` +
        `no kind "${document.kind}" is registered for the resource`,
    );
  }
  const { namespace } = document.metadata;
  if (namespace !== undefined && namespace !== "" && namespace !== call.namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  const metadata = {
    ...document.metadata,
    ...(resource.namespaced ? { namespace: call.namespace } : { namespace: undefined }),
  };
  return { apiVersion, kind: resource.kind, ...document, metadata } as Document;
}

/** Nothing but its kind says how a custom resource is to be read. */
function withoutKind(resource: Resource, document: Document): Error {
  const sent = JSON.stringify(document);
  const start = sent.length > SHOWN_LENGTH ? `${sent.slice(0, SHOWN_LENGTH)} ...` : sent;
  return badRequest(
    `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is ` +
      `missing in '${sent}' (${start})`,
  );
}

/** What only the server writes into new metadata. */
function stampedMetadata(engine: Engine, call: Call, document: Document): Metadata {
  const { name, namespace, generateName, labels, annotations, finalizers, ownerReferences } =
    document.metadata;
  const ownName = name || (generateName ? drawnName(engine, call, generateName) : undefined);
  return {
    ...(ownName ? { name: ownName } : {}),
    ...(generateName ? { generateName } : {}),
    ...(namespace ? { namespace } : {}),
    uid: randomUuid(engine.random),
    ...(call.resource.hasGeneration ? { generation: 1 } : {}),
    creationTimestamp: nowText(engine),
    ...(Object.keys(labels ?? {}).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations ?? {}).length > 0 ? { annotations } : {}),
    ...(ownerReferences && ownerReferences.length > 0 ? { ownerReferences } : {}),
    ...(finalizers && finalizers.length > 0 ? { finalizers } : {}),
    ...(document.metadata.managedFields ? { managedFields: document.metadata.managedFields } : {}),
  };
}

/** Stores a new object. Throws what the API would answer: 400, 403, 404, 409, 422. */
export function create(engine: Engine, call: Call, sent: Document): Document {
  const document = addressed(call, sent);
  if (document.metadata.resourceVersion) {
    throw unexpected("resourceVersion should not be set on objects to be created");
  }
  const now = nowText(engine);
  const stamped = { ...document, metadata: stampedMetadata(engine, call, document) };
  const subject = subjectOf(call, stamped.metadata.name ?? "");
  checkNamespace(engine, call, subject);
  checkDefinition(engine, call);
  const complete = withInitialStatus(call, completed(call.resource, stamped, { now, ...call }));
  checkDocument(call.resource, complete);
  const admitted = withIdentity(engine, call, complete);
  engine.mayGrant(call.identity, call, admitted);
  checkQuota(engine, call, admitted);
  const key = { namespace: call.namespace, name: subject.name };
  const occupant = engine.store.shelf(call.resource).get(key);
  if (occupant?.metadata.deletionTimestamp) throw stillExists(subject);
  if (occupant) throw alreadyExists(subject);
  return commit(engine, call, admitted);
}

function withInitialStatus(call: Call, document: Document): Document {
  const initial = kindRules(call.resource).initialStatus?.(document);
  if (initial) return { ...document, status: initial };
  if (!call.resource.hasStatus) return document;
  const { status: _status, ...rest } = document;
  return rest as Document;
}

/** Members of metadata that a caller may change. */
const CALLERS_METADATA = [
  "labels",
  "annotations",
  "finalizers",
  "ownerReferences",
  "generateName",
  "managedFields",
] as const;

function checkIdentity(call: Call, before: Document, after: Document): void {
  const { name, namespace, uid, resourceVersion } = after.metadata;
  if (name !== undefined && name !== before.metadata.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${call.name})`,
    );
  }
  if (namespace && namespace !== before.metadata.namespace) {
    throw badRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the URL ` +
        `(${call.namespace})`,
    );
  }
  const subject = subjectOf(call, before.metadata.name);
  if (uid && uid !== before.metadata.uid) {
    throw otherUid(call, before, uid);
  }
  if (resourceVersion) {
    if (resourceVersion !== before.metadata.resourceVersion) throw conflict(subject, STALE);
    return;
  }
  if (call.verb !== "update" || call.resource.unconditionalUpdate) return;
  const { group, plural } = call.resource;
  throw invalid({ group, kind: plural }, before.metadata.name ?? "", [{
    field: "metadata.resourceVersion",
    reason: "FieldValueInvalid",
    message: "Invalid value: 0: must be specified for an update",
  }]);
}

/** A replacement fails in the storage, which tells its key; a patch fails as a change of what cannot change. */
function otherUid(call: Call, before: Document, uid: string): Error {
  if (call.verb === "patch") {
    return invalid(call.resource, before.metadata.name ?? "", [{
      field: "metadata.uid",
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(uid)}: field is immutable`,
    }]);
  }
  const { group, plural, custom } = call.resource;
  const key = ["/registry", ...(custom ? [group] : []), plural, call.namespace, call.name]
    .filter((part) => part !== "").join("/");
  return conflict(
    subjectOf(call, before.metadata.name),
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ` +
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
  );
}

function callersMetadata(before: Document, after: Document): Metadata {
  const metadata: Record<string, unknown> = { ...before.metadata };
  for (const member of CALLERS_METADATA) {
    const value = after.metadata[member];
    const isEmpty = value === undefined || value === null ||
      (typeof value === "object" && Object.keys(value).length === 0);
    if (isEmpty) delete metadata[member];
    else if (!deepEqual(value, metadata[member])) metadata[member] = value;
  }
  return metadata;
}

/** What a write to `status` may change: the status, and for built-in kinds labels, annotations and finalizers. */
function statusOnly(call: Call, before: Document, after: Document): Document {
  const { status: _old, ...rest } = before;
  const { ownerReferences } = before.metadata;
  const metadata = call.resource.custom
    ? before.metadata
    : callersMetadata(before, withMetadata(after, { ownerReferences }));
  return {
    ...rest,
    metadata,
    ...(after.status === undefined || after.status === null ? {} : { status: after.status }),
  } as Document;
}

/** What a write to the object itself may change: everything but the status. */
function allButStatus(call: Call, before: Document, after: Document): Document {
  const metadata = callersMetadata(before, after);
  if (!call.resource.hasStatus) return { ...after, metadata };
  const { status: _new, ...rest } = after;
  return {
    ...rest,
    metadata,
    ...(before.status === undefined ? {} : { status: before.status }),
  } as Document;
}

function sameContent(a: Document, b: Document): boolean {
  return deepEqual(
    { ...a, metadata: { ...a.metadata, managedFields: undefined } },
    { ...b, metadata: { ...b.metadata, managedFields: undefined } },
  );
}

function specOf(document: Document): unknown {
  const { metadata: _metadata, status: _status, ...rest } = document;
  return rest;
}

/** What the stored object `before` becomes when a caller writes `sent` over it, in whatever verb. */
export interface Replacement {
  readonly before: Document;
  readonly sent: Document;
  /** Server-side apply has worked out the owners of fields itself. */
  readonly ownersKnown?: boolean;
}

/**
 * Stores the replacement, or returns what is stored when it changes nothing. An object that waits for deletion goes when
 * the write takes away what held it. Throws what the API would answer.
 */
export function replace(engine: Engine, call: Call, replacement: Replacement): Document {
  const { before } = replacement;
  const after = addressed(call, replacement.sent);
  checkIdentity(call, before, after);
  const isStatus = call.subresource === "status";
  const allowed = isStatus ? statusOnly(call, before, after) : allButStatus(call, before, after);
  const now = nowText(engine);
  const complete = completed(call.resource, allowed, { now, ...call });
  if (sameContent(before, complete) && !replacement.ownersKnown) return before;
  checkDocument(call.resource, complete, before);
  engine.mayGrant(call.identity, call, complete);

  const specChanged = call.resource.hasGeneration && !isStatus &&
    !deepEqual(specOf(before), specOf(complete));
  const generation = before.metadata.generation;
  const owners = replacement.ownersKnown
    ? replacement.sent.metadata.managedFields
    : fieldsAfterUpdate(before, complete, {
      shape: shapeOf(call.resource),
      writer: { manager: call.fieldManager, subresource: call.subresource, now, force: false },
    });
  const next = withMetadata(complete, {
    ...(specChanged && generation !== undefined ? { generation: generation + 1 } : {}),
    managedFields: owners && owners.length > 0 ? owners : undefined,
  });
  if (sameContent(before, next) && deepEqual(owners, before.metadata.managedFields)) return before;
  if (!isReleased(call, next)) return commit(engine, call, next);
  expunge(engine, call, next);
  return next;
}
