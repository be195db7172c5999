/** A status that is written as soon as it changes, with the Events that its conditions ask for (B7). Pure. */
import { keyOf, type ResourceType } from "../kube/types.ts";
import { mergePatch } from "../lib/json.ts";
import { conditionEvents } from "./condition_events.ts";
import type { Conditioned } from "./conditions.ts";
import type { StatusWrite } from "./reconcile/reconciler.ts";

/** The write that makes the stored status of `object` that of `after`; `undefined` when it is that already. */
export function toldStatus<T extends Conditioned>(
  type: ResourceType<T>,
  object: T,
  after: NonNullable<T["status"]>,
): StatusWrite | undefined {
  const before = object.status ?? {};
  const patch = mergePatch(before, after);
  if (patch === undefined) return undefined;
  const events = conditionEvents(object, before.conditions ?? [], after.conditions ?? []);
  return {
    type,
    key: keyOf(object),
    patch,
    delayMs: 0,
    ...(events.length > 0 && { events }),
  };
}
