/**
 * How a stored child is brought to what is desired without touching what belongs to others: keys that third parties
 * added stay, keys that we once set and no longer want go. Pure.
 */
import { deepEqual, mergePatch, shortHash } from "../../lib/json.ts";
import type { AnyType, KubeObject, ObjectKey } from "../../kube/types.ts";
import { keyOf } from "../../kube/types.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import type { Step } from "./step.ts";

type Keys = Readonly<Record<string, string>>;

/** Hashes of ours are told apart from those of other controllers by their beginning. */
const HASH_PREFIX = "ls1-";

/** A fingerprint as we write it into {@link ANNOTATIONS.integrityHash}. */
export function integrityHash(content: unknown): string {
  return `${HASH_PREFIX}${shortHash(content)}`;
}

/** Whether a stored fingerprint is ours; another one says nothing to us. */
export function isOurHash(hash: string | undefined): hash is string {
  return hash?.startsWith(HASH_PREFIX) ?? false;
}

/** The label and annotation keys of an object that we made: `l:` and `a:` before each key, sorted. */
export function ownKeys(object: KubeObject): readonly string[] {
  const { labels = {}, annotations = {} } = object.metadata ?? {};
  return [
    ...Object.keys(labels).map((key) => `l:${key}`),
    ...Object.keys(annotations).map((key) => `a:${key}`),
  ].sort();
}

/** The object with a note of the label and annotation keys that are ours. */
export function withOwnKeys<T extends KubeObject>(object: T): T {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: {
        ...object.metadata?.annotations,
        [ANNOTATIONS.ownKeys]: ownKeys(object).join(","),
      },
    },
  };
}

/** A merge patch for one map: what is wanted is set, what we set before and no longer want is removed. */
function keyPatch(
  observed: Keys,
  desired: Keys,
  before: readonly string[],
): Record<string, string | null> {
  const patch: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(desired)) {
    if (observed[key] !== value) patch[key] = value;
  }
  for (const key of before) if (!(key in desired) && key in observed) patch[key] = null;
  return patch;
}

/** Which members are ours to set, and which keys were ours before. */
export interface ChildOptions {
  /** `spec`, `rules`, `data` …; members of theirs that the desired object does not name stay. */
  readonly members: readonly string[];
  /** As {@link ownKeys} gave them before. Absent: the note that {@link withOwnKeys} left on the object. */
  readonly keysBefore?: readonly string[];
}

/**
 * The merge patch that brings `observed` to `desired` in labels, annotations and members, and gives it its owner when it
 * has none. `undefined`: nothing to do.
 */
export function childPatch(
  observed: KubeObject,
  desired: KubeObject,
  options: ChildOptions,
): unknown {
  const before = options.keysBefore ??
    (observed.metadata?.annotations?.[ANNOTATIONS.ownKeys] ?? "").split(",");
  const keysOf = (kind: "l:" | "a:") =>
    before.filter((key) => key.startsWith(kind)).map((key) => key.slice(kind.length));
  const labels = keyPatch(
    observed.metadata?.labels ?? {},
    desired.metadata?.labels ?? {},
    keysOf("l:"),
  );
  const annotations = keyPatch(
    observed.metadata?.annotations ?? {},
    desired.metadata?.annotations ?? {},
    keysOf("a:"),
  );
  const patch: Record<string, unknown> = {};
  const metadata = {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...ownersOf(observed, desired),
  };
  if (Object.keys(metadata).length > 0) patch["metadata"] = metadata;
  for (const member of options.members) {
    const change = memberPatch(valueOf(observed, member), valueOf(desired, member));
    if (change !== undefined) patch[member] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** What nobody owns would stay for ever: ARC owns a listener's Role by its labels alone. */
function ownersOf(observed: KubeObject, desired: KubeObject): KubeObject["metadata"] {
  const { ownerReferences = [] } = desired.metadata ?? {};
  const isOwned = (observed.metadata?.ownerReferences ?? []).length > 0;
  return isOwned || ownerReferences.length === 0 ? {} : { ownerReferences };
}

function valueOf(object: KubeObject, member: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[member];
}

/** As a merge patch, but members that `desired` leaves out at the first level stay. An explicit `undefined` removes. */
function memberPatch(observed: unknown, desired: unknown): unknown {
  if (deepEqual(observed, desired)) return undefined;
  if (typeof observed !== "object" || observed === null || Array.isArray(observed)) return desired;
  if (typeof desired !== "object" || desired === null || Array.isArray(desired)) return desired;
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(desired)) {
    const change = mergePatch((observed as Record<string, unknown>)[key], value);
    if (change !== undefined) patch[key] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** A null that a chart rendered means nothing, and no merge patch could say it: it would be patched for ever. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
}

/** Create the child, or patch it, or nothing. */
export function ensureChild(
  type: AnyType,
  observed: KubeObject | undefined,
  desired: KubeObject,
  options: ChildOptions,
): readonly Step[] {
  const plain = withoutNulls(desired) as KubeObject;
  const object = options.keysBefore === undefined ? withOwnKeys(plain) : plain;
  if (observed === undefined) return [{ do: "create", type, object }];
  const patch = childPatch(observed, object, options);
  return patch === undefined ? [] : [{ do: "patch", type, key: keyOf(observed), patch }];
}

/** Delete the very incarnation that was observed, unless that has been asked for already. */
export function deleteStep(type: AnyType, object: KubeObject): readonly Step[] {
  if (object.metadata?.deletionTimestamp !== undefined) return [];
  return [{ do: "delete", type, key: keyOf(object) as ObjectKey, uid: object.metadata?.uid ?? "" }];
}

/** The same for what goes with its owner in any case: rights that went first keep nothing (B5). */
export function tidyingStep(type: AnyType, object: KubeObject): readonly Step[] {
  return deleteStep(type, object).map((step) =>
    step.do === "delete" ? { ...step, whenForbidden: "go-on" } : step
  );
}
