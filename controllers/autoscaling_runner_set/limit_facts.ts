/**
 * Why a set has fewer runners than it might: its own limits, and what its runners meet, which the EphemeralRunnerSet says.
 * Pure.
 */
import type { Condition } from "../../kube/types.ts";
import { conditionOf } from "../../kube/meta.ts";
import { CONDITIONS, type ConditionType, type Fact } from "../conditions.ts";
import type { ObservedRunnerSet } from "./observe.ts";
import { currentRunnerSet } from "./registration.ts";

/** Each is there from the first time on that it was needed. */
export function limitFacts(observed: ObservedRunnerSet): readonly Fact[] {
  return [
    ...shown(observed, CONDITIONS.scalingLimited, ownLimit(observed)),
    ...shown(observed, CONDITIONS.runnerImageOutdated, outdated(observed)),
    ...shown(observed, CONDITIONS.degraded, undefined),
  ];
}

/** What the user's own maximum does. */
function ownLimit(observed: ObservedRunnerSet): Fact | undefined {
  const type = CONDITIONS.scalingLimited;
  const { maxRunners } = observed.set.spec ?? {};
  if (maxRunners === undefined) return undefined;
  if (maxRunners === 0) {
    const message = "spec.maxRunners is 0: no runner is started until it is raised";
    return { type, status: "True", reason: "Paused", message };
  }
  const { currentReplicas = 0, failedEphemeralRunners = 0 } = currentRunnerSet(observed)?.status ??
    {};
  if (currentReplicas - failedEphemeralRunners < maxRunners) return undefined;
  const message = `spec.maxRunners is ${maxRunners}, and there are as many: further jobs wait`;
  return { type, status: "True", reason: "Max", message };
}

function outdated(observed: ObservedRunnerSet): Fact | undefined {
  if (currentRunnerSet(observed)?.status?.phase !== "Outdated") return undefined;
  return {
    type: CONDITIONS.runnerImageOutdated,
    status: "True",
    reason: "VersionRefused",
    message: "GitHub refuses the version of the runner in spec.template: renew the image",
  };
}

/** What the runners meet comes before what we know ourselves: it is the nearer obstacle. */
function shown(
  observed: ObservedRunnerSet,
  type: ConditionType,
  own: Fact | undefined,
): readonly Fact[] {
  const met = conditionOf(currentRunnerSet(observed)?.status?.conditions, type);
  const isPaused = own?.reason === "Paused";
  if (met?.status === "True" && !isPaused) return [factOf(type, met)];
  if (own !== undefined) return [own];
  if (conditionOf(observed.set.status?.conditions, type) === undefined) return [];
  // A failure that is over stays to be read.
  if (met !== undefined) return [factOf(type, met)];
  return [{ type, status: "False", reason: "None", message: "" }];
}

function factOf(type: ConditionType, { status, reason, message }: Condition): Fact {
  return { type, status: status as Fact["status"], reason, message };
}
