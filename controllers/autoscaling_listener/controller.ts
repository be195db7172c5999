/** The reconciler of AutoscalingListeners, put together. */
import type { Reconciler } from "../reconcile/reconciler.ts";
import { type ListenerSources, type ObservedListener, observeListener } from "./observe.ts";
import { listenerAfterFailure, planListener } from "./plan.ts";

/** Serves AutoscalingListeners: the listener's pod, its rights and its document. */
export function listenerReconciler(sources: ListenerSources): Reconciler<ObservedListener> {
  return {
    name: "autoscalinglistener",
    observe: (key, signal) => observeListener(sources, key, signal),
    plan: planListener,
    afterFailure: listenerAfterFailure,
  };
}
