/** Namespaces as places for objects: nothing is made in one that is missing or going away, and what goes is emptied. */
import { Background } from "./background.ts";
import { deleteObject, isReleased } from "./deletion.ts";
import { fields, items, valueAt } from "./document.ts";
import { type Call, commit, type Engine, expunge, internalCall } from "./engine.ts";
import { createDefaultAccount } from "./service_accounts.ts";
import { namespaceTerminating, notFound, type Subject } from "./status.ts";
import type { Shelf } from "./store.ts";
import { CONTROL_PLANE } from "./tokens.ts";

const NAMESPACES = { group: "", plural: "namespaces" };

/** Throws 404 or 403 when nothing can be created in the call's namespace. */
export function checkNamespace(engine: Engine, call: Call, subject: Subject): void {
  if (!call.resource.namespaced) return;
  const namespace = engine.store.shelf(NAMESPACES).get({ namespace: "", name: call.namespace });
  if (!namespace) throw notFound({ ...NAMESPACES, name: call.namespace });
  if (namespace.metadata.deletionTimestamp === undefined) return;
  throw namespaceTerminating(subject, call.namespace);
}

/** Keeps namespaces in order until `signal` aborts: default accounts in new ones, nothing left in those that go. */
export function startNamespaces(
  engine: Engine,
  options: { readonly delayMs: number; readonly signal: AbortSignal },
): void {
  const emptying = new Background({
    ...options,
    clock: engine.clock,
    handle: (name) => empty(engine, name),
  });
  const stop = engine.store.onChange(({ shelf, object }, change) => {
    if (shelf.group === "" && shelf.plural === "namespaces") {
      if (change.type === "ADDED") createDefaultAccount(engine, object.metadata.name ?? "");
      if (change.type === "MODIFIED" && object.metadata.deletionTimestamp) {
        emptying.add(object.metadata.name ?? "");
      }
      return;
    }
    const { namespace } = object.metadata;
    if (change.type !== "DELETED" || !namespace) return;
    const home = engine.store.shelf(NAMESPACES).get({ namespace: "", name: namespace });
    if (home?.metadata.deletionTimestamp) emptying.add(namespace);
  });
  options.signal.addEventListener("abort", stop, { once: true });
}

function deleteContent(engine: Engine, shelf: Shelf, namespace: string): void {
  const resource = engine.registry.ofShelf(shelf);
  if (!resource) return;
  for (const object of shelf.list(namespace)) {
    if (object.metadata.deletionTimestamp) continue;
    const call = internalCall(CONTROL_PLANE, { verb: "delete", resource, object });
    deleteObject(engine, call, { object, options: { propagation: "Background" } });
  }
}

/** Deletes what is in the namespace; once nothing is, lets the namespace go. */
function empty(engine: Engine, name: string): void {
  const shelf = engine.store.shelf(NAMESPACES);
  const resource = engine.registry.ofShelf(NAMESPACES);
  if (!resource || !shelf.get({ namespace: "", name })?.metadata.deletionTimestamp) return;
  let left = 0;
  for (const content of [...engine.store.shelves()]) {
    deleteContent(engine, content, name);
    left += content.count(name);
  }
  const object = shelf.get({ namespace: "", name });
  if (left > 0 || !object) return;
  const finalizers = items(valueAt(object, ["spec", "finalizers"]))
    .filter((finalizer) => finalizer !== "kubernetes");
  const freed = { ...object, spec: { ...fields(object.spec), finalizers } };
  const call = internalCall(CONTROL_PLANE, {
    verb: "update",
    resource,
    object,
    subresource: "finalize",
  });
  if (isReleased(call, freed)) expunge(engine, call, freed);
  else if (items(valueAt(object, ["spec", "finalizers"])).length > finalizers.length) {
    commit(engine, call, freed);
  }
}
