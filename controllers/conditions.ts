/**
 * Types of the conditions that users and tools may rely on, and how one is stated. Pure. Reasons are chosen where the
 * condition is set. Those of which `True` is bad appear when they were needed for the first time; the others are always
 * there.
 */
import { setCondition } from "../kube/meta.ts";
import type { Condition, KubeObject } from "../kube/types.ts";
import { redacted } from "../lib/redaction.ts";

export const CONDITIONS = {
  /** Everything below is well and jobs can be served. */
  ready: "Ready",
  /** The scale set exists at GitHub under the wanted name and group. */
  registered: "Registered",
  /** The Secret holds credentials that GitHub accepts. */
  credentialsValid: "CredentialsValid",
  /** The listener hears GitHub's queue of messages. */
  sessionHealthy: "SessionHealthy",
  /** The cluster would take a pod made of the template. */
  podTemplateValid: "PodTemplateValid",
  /** True is bad: fewer runners than there is work for. Reasons: Max, Quota, Unschedulable, Paused. */
  scalingLimited: "ScalingLimited",
  /** True is bad: the object was made for another version than this controller's. It is served all the same (B1). */
  versionSkew: "VersionSkew",
  /** True is bad: GitHub refuses the version of the runner in the image. */
  runnerImageOutdated: "RunnerImageOutdated",
  /** True is bad: GitHub counts jobs that it gives to no runner. */
  phantomDemand: "PhantomDemand",
  /** True is bad: runners fail in a row; the last failure's reason and message stay. */
  degraded: "Degraded",
} as const;

export type ConditionType = (typeof CONDITIONS)[keyof typeof CONDITIONS];

/** One fact about an object; several make its status. */
export interface Fact {
  readonly type: ConditionType;
  readonly status: "True" | "False" | "Unknown";
  /** CamelCase, stable. */
  readonly reason: string;
  /** For a person; may be empty when all is well. */
  readonly message: string;
}

/** Any of our kinds. */
export interface Conditioned extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] | undefined };
}

/**
 * The conditions of an object with these facts stated, each with the generation that was looked at. Messages may be the
 * words of servers: what has the looks of a secret is masked.
 */
export function conditionsWith(
  { metadata, status }: Conditioned,
  facts: readonly Fact[],
  now: Date,
): readonly Condition[] {
  const generation = metadata?.generation;
  return facts.reduce(
    (list, fact) =>
      setCondition(list, {
        ...fact,
        message: redacted(fact.message),
        ...(generation !== undefined && { observedGeneration: generation }),
      }, now),
    status?.conditions ?? [],
  );
}
