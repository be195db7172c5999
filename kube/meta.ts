/**
 * What all objects have in common: owners, finalizers, deletion, conditions, labels, times. Pure; refuses to know any
 * kind.
 */
import {
  type AnyType,
  apiVersionOf,
  type Condition,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
} from "./types.ts";

/** RFC 3339 in whole seconds, as `metav1.Time`. */
export function timeText(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with exactly six decimals, which is all that `metav1.MicroTime` reads. */
export function microTimeText(moment: Date): string {
  return `${moment.toISOString().slice(0, 23)}000Z`;
}

/**
 * The controller reference to an object that the server has stored: the child goes when the owner has gone, and a
 * foreground deletion of the owner waits for it. An owner without name or uid is a bug and throws.
 */
export function ownerReference(owner: KubeObject, type: AnyType): OwnerReference {
  const { name, uid } = owner.metadata ?? {};
  if (!name || !uid) throw new TypeError(`A ${type.kind} that is not stored cannot own anything`);
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The one owner that manages this object; `undefined` when nobody does. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

/** Whether `owner` is this object's controller, by uid: a new incarnation of the same name is another owner. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

/** Deletion was asked for. */
export function isDeleting(object: KubeObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined;
}

/** Deleted, with nothing that holds it back: an answer that shows this shows the last of the object. */
export function isFinished({ metadata }: KubeObject): boolean {
  return metadata?.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0 &&
    metadata.deletionGracePeriodSeconds === 0;
}

/** Characters that end a generated name. */
export const DRAWN_LENGTH = 5;
const MAX_GENERATED = 63;

/** What the API server keeps of a `generateName` before it draws the end. */
export function generatedBase(generateName: string): string {
  return generateName.slice(0, MAX_GENERATED - DRAWN_LENGTH);
}

/** Ours or anybody's. */
export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata?.finalizers?.includes(finalizer) ?? false;
}

/** One operation of RFC 6902, of those that we use. */
export type PatchOperation =
  | { readonly op: "test" | "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/**
 * The JSON patch that adds `finalizer`, keeping everybody else's; `undefined` when it is there. Fails (422, then
 * `kube_patch_test_failed`) when the list is no longer the one in `object`.
 */
export function withFinalizer(
  object: KubeObject,
  finalizer: string,
): readonly PatchOperation[] | undefined {
  if (hasFinalizer(object, finalizer)) return undefined;
  const { finalizers = [], resourceVersion } = object.metadata ?? {};
  if (finalizers.length > 0) {
    return [
      ...sameIncarnation(object.metadata),
      { op: "test", path: "/metadata/finalizers", value: finalizers },
      { op: "add", path: "/metadata/finalizers/-", value: finalizer },
    ];
  }
  // An absent list cannot be tested: that nobody wrote at all is the next best.
  return [
    ...sameIncarnation(object.metadata),
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "add", path: "/metadata/finalizers", value: [finalizer] },
  ];
}

/**
 * The JSON patch that removes `finalizer` and nothing else; `undefined` when it is not there. Fails as
 * {@link withFinalizer} when the finalizer has moved: read again and try again.
 */
export function withoutFinalizer(
  object: KubeObject,
  finalizer: string,
): readonly PatchOperation[] | undefined {
  const at = object.metadata?.finalizers?.indexOf(finalizer) ?? -1;
  if (at < 0) return undefined;
  const path = `/metadata/finalizers/${at}`;
  return [
    ...sameIncarnation(object.metadata),
    { op: "test", path, value: finalizer },
    { op: "remove", path },
  ];
}

function sameIncarnation(metadata: ObjectMeta | undefined): readonly PatchOperation[] {
  const uid = metadata?.uid;
  return uid === undefined ? [] : [{ op: "test", path: "/metadata/uid", value: uid }];
}

/** What a condition says, without the time at which it came to say so. */
export type ConditionClaim = Omit<Condition, "lastTransitionTime">;

/**
 * The list with the condition of that type set. `lastTransitionTime` moves only with `status`; the same array comes back
 * when nothing changed.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  claim: ConditionClaim,
  now: Date,
): readonly Condition[] {
  const list = conditions ?? [];
  const at = list.findIndex(({ type }) => type === claim.type);
  const before = list[at];
  if (
    before !== undefined && before.status === claim.status && before.reason === claim.reason &&
    before.message === claim.message && before.observedGeneration === claim.observedGeneration
  ) return list;
  const lastTransitionTime = before?.status === claim.status
    ? before.lastTransitionTime
    : timeText(now);
  const condition: Condition = { ...claim, lastTransitionTime };
  return before === undefined ? [...list, condition] : list.with(at, condition);
}

/** The condition of that type. */
export function conditionOf(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** "a=b,c=d": objects that have all of these labels. */
export function labelSelectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(",");
}
