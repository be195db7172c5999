/**
 * The garbage collector: what has lost all its owners goes, what waits for its dependents is told when they are gone.
 * Works after a short delay, as kube-controller-manager does beside a real API server.
 */
import { Background } from "./background.ts";
import { deleteObject, FOREGROUND, isReleased, ORPHAN } from "./deletion.ts";
import { type Document, type OwnerReference, withMetadata } from "./document.ts";
import { commit, type Engine, expunge, internalCall } from "./engine.ts";
import type { Change } from "./history.ts";
import type { Resource } from "./resources.ts";
import type { Located } from "./store.ts";
import type { Identity } from "./tokens.ts";

/** As whom the collector writes. */
const COLLECTOR: Identity = {
  user: "system:serviceaccount:kube-system:generic-garbage-collector",
  groups: ["system:masters", "system:authenticated"],
};

type OwnerState = "solid" | "absent" | "waiting";

/** Collects until `signal` aborts. */
export function startGarbageCollector(
  engine: Engine,
  options: { readonly delayMs: number; readonly signal: AbortSignal },
): void {
  const work = new Background({
    ...options,
    clock: engine.clock,
    handle: (uid) => {
      const located = engine.store.byUid(uid);
      if (located) attend(engine, located, (again) => work.add(again));
    },
  });
  const stop = engine.store.onChange((located, change) => {
    for (const uid of affectedBy(engine, located.object, change)) work.add(uid);
  });
  options.signal.addEventListener("abort", stop, { once: true });
}

function waitsFor(object: Document | undefined, finalizer: string): boolean {
  return object?.metadata.deletionTimestamp !== undefined &&
    (object.metadata.finalizers ?? []).includes(finalizer);
}

/** The objects that have to be looked at after a change. */
function affectedBy(engine: Engine, object: Document, change: Change): readonly string[] {
  const { uid = "", ownerReferences = [] } = object.metadata;
  const oldOwners = change.before?.metadata.ownerReferences ?? [];
  if (change.type === "DELETED") {
    const owners = ownerReferences.filter((owner) =>
      waitsFor(engine.store.byUid(owner.uid)?.object, FOREGROUND)
    );
    return [
      ...engine.store.dependents(uid).map((located) => located.object.metadata.uid ?? ""),
      ...owners.map((owner) => owner.uid),
    ];
  }
  if (waitsFor(object, FOREGROUND) || waitsFor(object, ORPHAN)) return [uid];
  if (ownerReferences === oldOwners) return [];
  const isLoose = ownerReferences.some((owner) => stateOf(engine, object, owner) !== "solid");
  const released = oldOwners.filter((owner) =>
    waitsFor(engine.store.byUid(owner.uid)?.object, FOREGROUND)
  );
  return [...(isLoose ? [uid] : []), ...released.map((owner) => owner.uid)];
}

/**
 * Owners are looked for by kind and name in the dependent's own namespace (or the cluster), and must have the uid. An
 * owner of an unknown kind, or in a namespace while the dependent is in none, is left in peace.
 */
function stateOf(engine: Engine, dependent: Document, owner: OwnerReference): OwnerState {
  const resource = engine.registry.ofKind(owner.apiVersion, owner.kind);
  const { namespace = "" } = dependent.metadata;
  if (!resource || (resource.namespaced && namespace === "")) return "solid";
  const found = engine.store.shelf(resource).get({
    namespace: resource.namespaced ? namespace : "",
    name: owner.name,
  });
  if (found?.metadata.uid !== owner.uid) return "absent";
  return waitsFor(found, FOREGROUND) ? "waiting" : "solid";
}

function resourceOf(engine: Engine, located: Located): Resource | undefined {
  return engine.registry.ofShelf(located.shelf);
}

function update(engine: Engine, resource: Resource, object: Document): void {
  const call = internalCall(COLLECTOR, { verb: "patch", resource, object });
  if (isReleased(call, object)) expunge(engine, call, object);
  else commit(engine, call, object);
}

function dropFinalizer(engine: Engine, located: Located, finalizer: string): void {
  const resource = resourceOf(engine, located);
  const finalizers = (located.object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  if (!resource) return;
  update(
    engine,
    resource,
    withMetadata(located.object, { finalizers: finalizers.length > 0 ? finalizers : undefined }),
  );
}

function dropOwners(engine: Engine, located: Located, uids: ReadonlySet<string>): void {
  const resource = resourceOf(engine, located);
  const left = (located.object.metadata.ownerReferences ?? []).filter((owner) =>
    !uids.has(owner.uid)
  );
  if (!resource) return;
  update(
    engine,
    resource,
    withMetadata(located.object, { ownerReferences: left.length > 0 ? left : undefined }),
  );
}

/** Looks at one object and does what is due; `again` asks for another look at an object. */
function attend(engine: Engine, located: Located, again: (uid: string) => void): void {
  const { object } = located;
  const { uid = "", ownerReferences = [] } = object.metadata;
  if (waitsFor(object, ORPHAN)) return orphan(engine, uid);
  if (waitsFor(object, FOREGROUND)) return waitForDependents(engine, located, again);
  if (ownerReferences.length === 0) return;

  const byState = Map.groupBy(ownerReferences, (owner) => stateOf(engine, object, owner));
  const waiting = byState.get("waiting") ?? [];
  if (byState.has("solid")) {
    const loose = [...byState.get("absent") ?? [], ...waiting].map((owner) => owner.uid);
    if (loose.length > 0) dropOwners(engine, located, new Set(loose));
    return;
  }
  const resource = resourceOf(engine, located);
  if (!resource || object.metadata.deletionTimestamp) return;
  const hasDependents = engine.store.dependents(uid).length > 0;
  const finalizers = object.metadata.finalizers ?? [];
  const propagation = (waiting.length > 0 && hasDependents) || finalizers.includes(FOREGROUND)
    ? "Foreground"
    : finalizers.includes(ORPHAN)
    ? "Orphan"
    : "Background";
  const call = internalCall(COLLECTOR, { verb: "delete", resource, object });
  deleteObject(engine, call, { object, options: { uid, propagation } });
}

function orphan(engine: Engine, uid: string): void {
  for (const dependent of engine.store.dependents(uid)) {
    dropOwners(engine, dependent, new Set([uid]));
  }
  const latest = engine.store.byUid(uid);
  if (latest) dropFinalizer(engine, latest, ORPHAN);
}

function waitForDependents(
  engine: Engine,
  located: Located,
  again: (uid: string) => void,
): void {
  const { uid = "" } = located.object.metadata;
  const dependents = engine.store.dependents(uid);
  const blocking = dependents.filter(({ object }) =>
    (object.metadata.ownerReferences ?? []).some((owner) =>
      owner.uid === uid && owner.blockOwnerDeletion === true
    )
  );
  if (blocking.length === 0) return dropFinalizer(engine, located, FOREGROUND);
  for (const { object } of dependents) {
    if (!object.metadata.deletionTimestamp) again(object.metadata.uid ?? "");
  }
}
