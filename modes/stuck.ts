/** What hangs in its deletion, as a person sees it: `doctor` and `explain` agree on it. Pure. */
import type { KubeObject } from "../kube/types.ts";

/** What takes longer than this to go, hangs, in ms. */
const STUCK_MS = 300_000;

/** Whether its deletion was asked for long ago, and a finalizer holds it. */
export function isStuck({ metadata }: KubeObject, now: Date): boolean {
  return (metadata?.finalizers ?? []).length > 0 &&
    now.getTime() - Date.parse(metadata?.deletionTimestamp ?? "") > STUCK_MS;
}
