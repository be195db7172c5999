/** What every part of the server works with, and the one way for an object into the store and out of it. */
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { apiVersionText, type Document, timeText } from "./document.ts";
import type { Registry } from "./registry.ts";
import type { Verb } from "./request_info.ts";
import type { Resource } from "./resources.ts";
import { keyOf, type ShelfName, type Store } from "./store.ts";
import type { Identity } from "./tokens.ts";

/** A completed write. */
export interface Write {
  readonly user: string;
  readonly verb: Verb;
  /** With its subresource, e.g. "ephemeralrunners/status". */
  readonly resource: string;
  /** As stored; of a removal, the last state. */
  readonly object: Document;
  readonly before?: Document;
  /** The object is gone. */
  readonly removed: boolean;
}

/** One authorised call on a resource. */
export interface Call {
  readonly identity: Identity;
  readonly verb: Verb;
  readonly resource: Resource;
  /** "" for the object itself. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Everything is checked and answered, nothing is stored. */
  readonly dryRun: boolean;
  /** Who owns the fields that this call writes. */
  readonly fieldManager: string;
  /** What becomes of fields that the schema does not know. */
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
  /** Takes sentences for the caller's eyes (`Warning` headers). */
  readonly warn: (sentence: string) => void;
}

/** The parts of the server that calls work with. */
export interface Engine {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly registry: Registry;
  /** Throws 403 when the document would hand out permissions that its writer does not hold. */
  readonly mayGrant: (identity: Identity, call: Call, document: Document) => void;
  readonly onWrite: (write: Write) => void;
}

/** The present time as Kubernetes writes it. */
export function nowText(engine: Engine): string {
  return timeText(engine.clock.now());
}

/** Stores the object as `call` asks; with `dryRun` it only says what would be stored. */
export function commit(engine: Engine, call: Call, object: Document): Document {
  if (call.dryRun) return object;
  const before = engine.store.shelf(call.resource).get(keyOf(object));
  const stored = engine.store.put(call.resource, storedForm(call.resource, object));
  engine.onWrite({
    ...writeOf(call),
    object: stored,
    ...(before ? { before } : {}),
    removed: false,
  });
  return stored;
}

/** Removes the object that `call` names; `last` is its final state. */
export function expunge(engine: Engine, call: Call, last: Document): Document {
  if (call.dryRun) return last;
  const before = engine.store.shelf(call.resource).get(keyOf(last));
  const removed = engine.store.remove(call.resource, keyOf(last)) ?? last;
  engine.onWrite({
    ...writeOf(call),
    object: removed,
    ...(before ? { before } : {}),
    removed: true,
  });
  return removed;
}

/** The call with which the control plane itself works on an object. */
export function internalCall(
  identity: Identity,
  target: {
    readonly verb: Verb;
    readonly resource: Resource;
    readonly object: Document;
    readonly subresource?: string;
  },
): Call {
  return {
    identity,
    verb: target.verb,
    resource: target.resource,
    subresource: target.subresource ?? "",
    ...keyOf(target.object),
    dryRun: false,
    fieldManager: "kube-controller-manager",
    fieldValidation: "Ignore",
    warn: () => {},
  };
}

/** The call's resource and object, as refusals name them. */
export function subjectOf(call: Call, name: string = call.name): ShelfName & { name: string } {
  return { group: call.resource.group, plural: call.resource.plural, name };
}

/** "pods", "ephemeralrunners/status". */
function resourceText(call: Pick<Call, "resource" | "subresource">): string {
  return call.subresource === ""
    ? call.resource.plural
    : `${call.resource.plural}/${call.subresource}`;
}

function writeOf(call: Call) {
  return { user: call.identity.user, verb: call.verb, resource: resourceText(call) };
}

function storedForm(resource: Resource, object: Document): Document {
  const version = resource.custom?.storageVersion ?? resource.version;
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  return {
    apiVersion: apiVersionText(resource.group, version),
    kind: resource.kind,
    metadata,
    ...rest,
  };
}
