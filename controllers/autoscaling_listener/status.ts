/** The status of a listener: conditions in words a user can act on, and how often it ended by itself. Pure. */
import {
  AUTOSCALING_LISTENERS,
  type AutoscalingListener,
  type AutoscalingListenerStatus,
} from "../../crds/autoscaling_listener.ts";
import { CONDITIONS, conditionsWith, type Fact } from "../conditions.ts";
import type { StatusWrite } from "../reconcile/reconciler.ts";
import { sessionFact } from "../session_fact.ts";
import { toldStatus } from "../told_status.ts";
import { versionFacts } from "../version_skew.ts";
import type { ObservedListener } from "./observe.ts";

export interface ListenerState {
  readonly ready: "True" | "False";
  /** CamelCase, stable. */
  readonly reason: string;
  readonly message: string;
  readonly restarts?: number;
  readonly lastRestartTime?: string;
  /** What the cluster said of its pod, when it refused it. */
  readonly podRefused?: string;
}

/** A state in which no job is heard of. */
export function notReady(reason: string, message: string): ListenerState {
  return { ready: "False", reason, message };
}

/** The write that makes the stored status say `state`; `undefined` when it does already, or when there is no listener. */
export function listenerStatus(
  observed: ObservedListener,
  state: ListenerState,
  now: Date,
): StatusWrite | undefined {
  const { listener } = observed;
  if (listener === undefined) return undefined;
  const after: AutoscalingListenerStatus = {
    ...listener.status,
    ...(state.restarts !== undefined && { restarts: state.restarts }),
    ...(state.lastRestartTime !== undefined && { lastRestartTime: state.lastRestartTime }),
    observedGeneration: listener.metadata?.generation,
    conditions: conditionsWith(listener, factsOf(observed, listener, state), now),
  };
  return toldStatus(AUTOSCALING_LISTENERS, listener, after);
}

function factsOf(
  observed: ObservedListener,
  listener: AutoscalingListener,
  state: ListenerState,
): readonly Fact[] {
  const ready: Fact = {
    type: CONDITIONS.ready,
    status: state.ready,
    reason: state.reason,
    message: state.message,
  };
  return [
    ready,
    credentialFact(observed),
    sessionFact(ready, observed.word),
    ...podFacts(observed, state),
    ...versionFacts(listener),
  ];
}

function credentialFact({ credentials }: ObservedListener): Fact {
  const type = CONDITIONS.credentialsValid;
  const { problem } = credentials;
  if (problem !== undefined && problem.about !== "network") {
    return { type, status: "False", reason: problem.reason, message: problem.message };
  }
  return credentials.isUnproven
    ? { type, status: "Unknown", reason: "NotTried", message: "GitHub was not asked yet" }
    : { type, status: "True", reason: "Accepted", message: "The credentials can be used" };
}

/** Nothing before the cluster has taken or refused a pod. */
function podFacts({ pod }: ObservedListener, { podRefused }: ListenerState): readonly Fact[] {
  const type = CONDITIONS.podTemplateValid;
  if (podRefused !== undefined) {
    return [{ type, status: "False", reason: "Refused", message: podRefused }];
  }
  if (pod === undefined) return [];
  return [{ type, status: "True", reason: "Accepted", message: "The cluster took the pod" }];
}
