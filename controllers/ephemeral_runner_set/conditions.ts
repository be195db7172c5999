/**
 * What a set of runners says of itself (B7): whether runners fail, why there are fewer than wanted. Pure. The table of
 * types and reasons is in `crds/ephemeral_runner_set.ts`.
 */
import { RUNNER_REASONS } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import type { Happened } from "../../kube/events.ts";
import { conditionOf } from "../../kube/meta.ts";
import type { Condition } from "../../kube/types.ts";
import { CONDITIONS, type Fact } from "../conditions.ts";
import type { Population } from "./population.ts";
import type { FailureRecord } from "./replacement.ts";

export interface SetSituation {
  readonly set: EphemeralRunnerSet;
  readonly population: Population;
  readonly failures: FailureRecord;
  /** The user's limits. Absent: none. */
  readonly maxRunners?: number | undefined;
  readonly minRunners?: number | undefined;
}

/** In the order of the table. Those of which True is bad are absent until they are needed for the first time. */
export function setFacts(situation: SetSituation): readonly Fact[] {
  const { conditions } = situation.set.status ?? {};
  const bad = [degraded(situation), imageOutdated(situation), scalingLimited(situation)]
    .filter((fact) => fact.status === "True" || conditionOf(conditions, fact.type) !== undefined);
  return [ready(bad), ...bad];
}

/** What of the facts is worth a warning, and not what the status said already. */
export function newWarnings(
  set: EphemeralRunnerSet,
  facts: readonly Fact[],
): readonly Happened[] {
  return facts
    .filter(isWorthTelling)
    .filter(({ type, reason }) => {
      const before = conditionOf(set.status?.conditions, type);
      return before?.status !== "True" || before.reason !== reason;
    })
    .map(({ reason, message }) => ({ about: set, type: "Warning", reason, note: message }));
}

/** Limits that the user set are no trouble, and failures are told one by one. */
function isWorthTelling({ type, status, reason }: Fact): boolean {
  if (status !== "True" || type === CONDITIONS.ready) return false;
  if (type === CONDITIONS.degraded) {
    return RUNNER_REASONS.notStarting.some((known) => known === reason);
  }
  return reason !== "Max" && reason !== "Paused";
}

function ready(bad: readonly Fact[]): Fact {
  const type = CONDITIONS.ready;
  const isBad = (wanted: string) =>
    bad.find((fact) => fact.type === wanted && fact.status === "True");
  const outdated = isBad(CONDITIONS.runnerImageOutdated);
  if (outdated) return { type, status: "False", reason: outdated.type, message: outdated.message };
  const failing = isBad(CONDITIONS.degraded);
  if (failing) return { type, status: "False", reason: failing.type, message: failing.message };
  const limited = isBad(CONDITIONS.scalingLimited);
  if (limited?.reason === "Quota" || limited?.reason === "Unschedulable") {
    return { type, status: "False", reason: limited.reason, message: limited.message };
  }
  return { type, status: "True", reason: "AsWanted", message: "" };
}

function degraded({ population, failures }: SetSituation): Fact {
  const type = CONDITIONS.degraded;
  const stuck = population.pending.find(({ status }) =>
    RUNNER_REASONS.notStarting.some((reason) => reason === status?.reason)
  );
  if (stuck !== undefined) {
    const { reason = "", message = "" } = stuck.status ?? {};
    return { type, status: "True", reason, message };
  }
  const { consecutiveFailures: row, lastFailureMs = 0, message = "" } = failures;
  const reason = failures.reason ?? "Unknown";
  const when = new Date(lastFailureMs).toISOString();
  if (row === 0) {
    const last = lastFailureMs === 0
      ? ""
      : `The last failure was at ${when}: ${reason}: ${message}`;
    return { type, status: "False", reason: "Recovered", message: last };
  }
  const times = row === 1 ? "A runner failed" : `Runners failed ${row} times in a row`;
  return {
    type,
    status: "True",
    reason: word(reason),
    message: `${times}, last at ${when}: ${message}`,
  };
}

/** As it may stand in a condition. */
function word(reason: string): string {
  return /^[A-Za-z]\w*$/.test(reason) ? reason : "RunnerFailed";
}

function imageOutdated({ population, failures }: SetSituation): Fact {
  const type = CONDITIONS.runnerImageOutdated;
  const isRefused = failures.consecutiveFailures > 0 && failures.reason === RUNNER_REASONS.outdated;
  return population.outdated.length > 0 || isRefused
    ? {
      type,
      status: "True",
      reason: "VersionRefused",
      message:
        "GitHub refuses the version of the runner (exit code 7): the image in the template " +
        "has to be renewed. Runners are tried again from time to time",
    }
    : { type, status: "False", reason: "VersionAccepted", message: "" };
}

function scalingLimited({ set, population, maxRunners, minRunners = 0 }: SetSituation): Fact {
  const type = CONDITIONS.scalingLimited;
  const limited = (reason: string, message: string): Fact => ({
    type,
    status: "True",
    reason,
    message,
  });
  if (maxRunners === 0) return limited("Paused", "maxRunners is 0: no runner is made");
  const { quotaExceeded, unschedulable } = RUNNER_REASONS;
  const waiting = (reason: string) =>
    population.pending.find(({ status }) => status?.reason === reason)?.status?.message;
  const quota = waiting(quotaExceeded);
  if (quota !== undefined) return limited("Quota", quota);
  const nodes = waiting(unschedulable);
  if (nodes !== undefined) return limited("Unschedulable", nodes);
  const replicas = set.spec?.replicas ?? 0;
  if (maxRunners !== undefined && maxRunners > minRunners && replicas >= maxRunners) {
    return limited(
      "Max",
      `There is work for ${maxRunners} runners or more, and maxRunners is ${maxRunners}`,
    );
  }
  return { type, status: "False", reason: "NotLimited", message: "" };
}

/** How many runners there is room for while a quota is full: those that have a pod. `undefined`: nothing says so. */
export function capacityOf({ pending, running }: Population): number | undefined {
  const { quotaExceeded } = RUNNER_REASONS;
  if (!pending.some(({ status }) => status?.reason === quotaExceeded)) return undefined;
  return running.length + pending.filter(({ status }) => (status?.phase ?? "") !== "").length;
}

/** Whether two lists say the same but for the generation that they were written for. */
export function sayTheSame(a: readonly Condition[], b: readonly Condition[]): boolean {
  const text = (list: readonly Condition[]) =>
    JSON.stringify(list.map(({ observedGeneration: _, ...rest }) => Object.entries(rest).sort()));
  return text(a) === text(b);
}
