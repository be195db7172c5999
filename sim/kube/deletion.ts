/** Deleting one object: preconditions, propagation, grace, finalizers. Knows nothing of what depends on it. */
import { type Document, type Fields, fields, timeText, valueAt, withMetadata } from "./document.ts";
import { type Call, commit, type Engine, expunge } from "./engine.ts";
import { conflict, invalid } from "./status.ts";

/** Holds the owner until its blocking dependents are gone. */
export const FOREGROUND = "foregroundDeletion";
/** Holds the owner until its dependents have lost their reference to it. */
export const ORPHAN = "orphan";

/** What a caller demands of a deletion; absent members demand nothing. */
export interface DeleteOptions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagation?: string | undefined;
  /** Seconds; absent: the kind's own. */
  readonly grace?: number | undefined;
}

/** What a deletion did. */
export interface Deletion {
  /** The last state, or the state in which the object waits. */
  readonly object: Document;
  readonly removed: boolean;
}

/** Reads DeleteOptions from body and query; the body wins. Throws 422 on an unknown policy. */
export function deleteOptions(body: Fields, query: URLSearchParams): DeleteOptions {
  const preconditions = fields(body.preconditions);
  const grace = body.gracePeriodSeconds ?? query.get("gracePeriodSeconds") ?? undefined;
  const legacy = body.orphanDependents ?? query.get("orphanDependents") ?? undefined;
  const propagation = body.propagationPolicy ?? query.get("propagationPolicy") ??
    (legacy === undefined ? undefined : String(legacy) === "true" ? "Orphan" : "Background");
  if (
    propagation !== undefined &&
    !["Background", "Foreground", "Orphan"].includes(String(propagation))
  ) {
    throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [{
      field: "propagationPolicy",
      reason: "FieldValueNotSupported",
      message: `Unsupported value: "${propagation}": supported values: "Foreground", ` +
        '"Background", "Orphan", "nil"',
    }]);
  }
  return {
    uid: preconditions.uid as string | undefined,
    resourceVersion: preconditions.resourceVersion as string | undefined,
    propagation: propagation as string | undefined,
    grace: grace === undefined ? undefined : Number(grace),
  };
}

function checkPreconditions(call: Call, object: Document, options: DeleteOptions): void {
  const { uid, resourceVersion, name = "" } = object.metadata;
  const subject = { group: call.resource.group, plural: call.resource.kind, name }; // by kind
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      subject,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). ` +
        "The object might have been deleted and then recreated",
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw conflict(
      subject,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ` +
        `ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

/** Seconds for which a pod may end by itself; 0 for everything that nobody has to stop. */
function graceOf(call: Call, object: Document, options: DeleteOptions): number {
  if (call.resource.group !== "" || call.resource.plural !== "pods") return 0;
  const isScheduled = Boolean(valueAt(object, ["spec", "nodeName"]));
  const phase = valueAt(object, ["status", "phase"]);
  if (!isScheduled || phase === "Succeeded" || phase === "Failed") return 0;
  const own = valueAt(object, ["spec", "terminationGracePeriodSeconds"]);
  return Math.max(options.grace ?? (typeof own === "number" ? own : 30), 0);
}

function finalizersFor(object: Document, propagation: string | undefined): readonly string[] {
  const finalizers = object.metadata.finalizers ?? [];
  if (propagation === undefined) return finalizers;
  const others = finalizers.filter((name) => name !== FOREGROUND && name !== ORPHAN);
  if (propagation === "Foreground") return [...others, FOREGROUND];
  if (propagation === "Orphan") return [...others, ORPHAN];
  return others;
}

/** Holds a definition until its objects are gone. */
export const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

function withCleanup(call: Call, finalizers: readonly string[]): readonly string[] {
  if (call.resource.plural !== "customresourcedefinitions") return finalizers;
  return finalizers.includes(CLEANUP) ? finalizers : [...finalizers, CLEANUP];
}

/** Whether something other than the object's own grace period keeps it. */
function isHeld(call: Call, finalizers: readonly string[], object: Document): boolean {
  if (finalizers.length > 0) return true;
  if (call.resource.group !== "" || call.resource.plural !== "namespaces") return false;
  const held = valueAt(object, ["spec", "finalizers"]);
  return Array.isArray(held) && held.length > 0;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Deletes `object`, at once or by marking it; throws 409 when a precondition does not hold. */
export function deleteObject(
  engine: Engine,
  call: Call,
  target: { readonly object: Document; readonly options: DeleteOptions },
): Deletion {
  const { object, options } = target;
  checkPreconditions(call, object, options);
  const { metadata } = object;
  const grace = graceOf(call, object, options);
  const finalizers = withCleanup(call, finalizersFor(object, options.propagation));
  const waits = grace > 0 || isHeld(call, finalizers, object);
  if (!waits) return { object: expunge(engine, call, object), removed: true };

  const nowMs = engine.clock.now().getTime();
  const oldGrace = metadata.deletionGracePeriodSeconds;
  const isShorter = oldGrace !== undefined && grace < oldGrace;
  const alreadyMarked = metadata.deletionTimestamp !== undefined && !isShorter;
  const sameFinalizers = sameList(finalizers, metadata.finalizers ?? []);
  if (alreadyMarked && sameFinalizers) return { object, removed: false };
  const marked = withMetadata(object, {
    ...(sameFinalizers ? {} : { finalizers: finalizers.length > 0 ? finalizers : undefined }),
    ...(alreadyMarked ? {} : {
      deletionTimestamp: timeText(new Date(nowMs + grace * 1000)),
      deletionGracePeriodSeconds: grace,
    }),
    ...(metadata.generation === undefined || metadata.deletionTimestamp !== undefined
      ? {}
      : { generation: metadata.generation + 1 }),
  });
  return { object: commit(engine, call, terminating(call, marked)), removed: false };
}

function terminating(call: Call, object: Document): Document {
  if (call.resource.group !== "" || call.resource.plural !== "namespaces") return object;
  return { ...object, status: { ...fields(object.status), phase: "Terminating" } };
}

/** Whether nothing keeps an object any more that was to be deleted. */
export function isReleased(call: Call, object: Document): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 &&
    !isHeld(call, finalizers, object);
}
