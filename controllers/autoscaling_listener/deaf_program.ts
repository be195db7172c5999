/**
 * Whether the program in a listener's pod would never hear of another configuration: ours follows its document and its
 * AutoscalingListener, ARC's reads the document once. Pure. Knows what programs tell; refuses to know what they are told.
 */
import { ANNOTATIONS, CONTAINERS } from "../../crds/group.ts";
import type { Pod } from "../../kube/types.ts";
import { isOurHash } from "../reconcile/children.ts";
import type { ObservedListener } from "./observe.ts";

/**
 * One that another controller started, or one that runs in a pod of ours (by a template's image, by another entrypoint)
 * and has not told of itself: with its first order ours tells which runners completed, and why there is none.
 */
export function isDeaf(observed: Pick<ObservedListener, "listener" | "word">, pod: Pod): boolean {
  return !isOurs(pod) || (isRunning(pod) && isSilent(observed));
}

function isOurs({ metadata }: Pod): boolean {
  return isOurHash(metadata?.annotations?.[ANNOTATIONS.integrityHash]);
}

/** Before that it has not read anything. */
function isRunning({ status }: Pod): boolean {
  return status?.containerStatuses
    ?.find(({ name }) => name === CONTAINERS.listener)?.state?.running !== undefined;
}

/** Where ARC's definitions drop what ours adds, conditions among it, nobody could tell anything. */
function isSilent({ listener, word }: Pick<ObservedListener, "listener" | "word">): boolean {
  if (word === undefined || (listener?.status?.conditions ?? []).length === 0) return false;
  return word.completedRunners === undefined && !word.listenerReport;
}
