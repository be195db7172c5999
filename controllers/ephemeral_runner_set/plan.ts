/** What to do about a set of runners: how many come, which go. Pure. Spec: §9.3, B3, B4, B5. */
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS, FINALIZERS } from "../../crds/group.ts";
import type { Happened } from "../../kube/events.ts";
import { isDeleting } from "../../kube/meta.ts";
import { keyOf } from "../../kube/types.ts";
import { gitHubTarget } from "../github_target.ts";
import { deleteStep, isOurHash } from "../reconcile/children.ts";
import type { Plan } from "../reconcile/reconciler.ts";
import type { GitHubTarget, ServedDecision, Step } from "../reconcile/step.ts";
import type { Fact } from "../conditions.ts";
import { hasJob } from "../runner_job.ts";
import { desiredRunner } from "./children.ts";
import { newWarnings, setFacts } from "./conditions.ts";
import { FORGET_MS } from "./departures.ts";
import type { ObservedEphemeralRunnerSet } from "./observe.ts";
import { isForeign, type Population, populationOf } from "./population.ts";
import {
  failedAtMs,
  type FailureRecord,
  failureRecord,
  REPLACED_ON_PURPOSE,
  replacementDelayMs,
} from "./replacement.ts";
import { type Scale, scaleOf } from "./scale.ts";
import { ephemeralRunnerSetStatus } from "./status.ts";

/** How soon to look again for the room of runners that go, whose going may wake somebody else, in ms. */
const ROOM_MS = 5_000;
/** At a template change, at most this share of the wanted runners is replaced at a time, and at least one. */
const ROLL_SHARE = 0.25;

/** Runners that are created in one pass; the others come in the next, which the first ones' coming wakes. */
const MOST_AT_ONCE = 2_000;

export function planEphemeralRunnerSet(observed: ObservedEphemeralRunnerSet, now: Date): Plan {
  const { set } = observed;
  const arcs = removeArcsFinalizers(set);
  if (isDeleting(set)) {
    return { because: "It goes, and its runners by owner reference", steps: arcs };
  }
  const population = populationOf(observed.runners);
  const failures = failureRecord(set.status, population, now);
  const facts = setFacts({ ...observed, population, failures });
  const delayMs = replacementDelayMs(failures, now);
  const wanted: ServedDecision = {
    patchId: set.spec?.patchID ?? 0,
    replicas: set.spec?.replicas ?? 0,
  };
  const lost = lostRunners(observed, population, now);
  const scale = scaleOf({
    wanted,
    served: observed.served,
    capacity: capacityOf(observed, population),
    present: presentOf(observed, population, wanted.replicas),
    exact: observed.completed !== undefined,
    latestPatchId: population.latestPatchId,
    toReplace: lost.owed.length,
  });
  // New demand never waits for old failures; only what replaces a failed runner does.
  const replacing = Math.min(scale.create, lost.owed.length);
  const waits = delayMs > 0 && replacing > 0;
  const create = Math.min(waits ? scale.create - replacing : scale.create, MOST_AT_ONCE);
  // A failed runner stays until it is replaced: it is the record that a replacement is owed.
  const keep = Math.min(scale.later + scale.create - create, lost.owed.length);
  const gone = [...population.finished, ...lost.reported, ...lost.owed.slice(keep)];
  const isWhole = create === scale.create && scale.later === 0;
  const served = !isWhole || isSame(observed.served, wanted) ? observed.served : wanted;
  const retire = retirement(population, scale, now);
  const looks = [
    ...(waits ? [delayMs] : []),
    ...(observed.departed > 0 ? [FORGET_MS] : []),
    ...retire.lookAgainMs,
    ...(lost.undecided > 0 ? [REPORT_MS] : []),
    ...(failures.overInMs === undefined ? [] : [failures.overInMs]),
    ...(scale.later > 0 && observed.inherited ? [ROOM_MS] : []),
  ];
  return {
    because: becauseOf({ create, retire: retire.runners.length, waits }),
    steps: [
      ...arcs,
      ...warnings(set, facts, failures),
      ...retireSteps(set, retire.runners, scale.retire),
      // While some are too many, rolling waits: the same runner might be asked for both.
      ...inParallel(scale.retire > 0 ? [] : rollSteps(set, population, wanted)),
      ...inParallel(createSteps(observed, create)),
      ...(served !== undefined && served !== observed.served
        ? [{ do: "note-served", uid: set.metadata?.uid ?? "", served } as const]
        : []),
      ...inParallel(gone.flatMap((runner) => deleteStep(EPHEMERAL_RUNNERS, runner))),
    ],
    status: ephemeralRunnerSetStatus(set, { population, failures, served, facts }, now),
    lookAgainMs: looks.length === 0 ? undefined : Math.min(...looks),
  };
}

/** Each failure, and each trouble as it begins: what is left of them when their runners are gone. */
function warnings(
  set: EphemeralRunnerSet,
  facts: readonly Fact[],
  failures: FailureRecord,
): readonly Step[] {
  const { reason = "Unknown", message = "" } = failures;
  const note = `${reason}: ${message}`;
  const failed: Happened = { about: set, type: "Warning", reason: "RunnerFailed", note };
  return [...(failures.isNew ? [failed] : []), ...newWarnings(set, facts)]
    .map((happened) => ({ do: "record-event", ...happened }));
}

/** A surplus runner that is this old, in ms, and idle has had its chance of a job. */
const LONG_IDLE_MS = 30_000;

/** Whom to ask to go, and when to look again for those who are too young yet. */
function retirement(
  population: Population,
  scale: Scale,
  now: Date,
): { readonly runners: readonly EphemeralRunner[]; readonly lookAgainMs: readonly number[] } {
  if (scale.retire === 0) return { runners: [], lookAgainMs: [] };
  const idle = idleRunners(population);
  if (scale.patience === "none") return { runners: idle, lookAgainMs: [] };
  const ageMs = (runner: EphemeralRunner) =>
    now.getTime() - Date.parse(runner.metadata?.creationTimestamp ?? "");
  const young = idle.filter((runner) => ageMs(runner) < LONG_IDLE_MS);
  return {
    runners: idle.filter((runner) => ageMs(runner) >= LONG_IDLE_MS),
    lookAgainMs: young.map((runner) => LONG_IDLE_MS - ageMs(runner)),
  };
}

/** What the listener's decision counts on: it still counts jobs whose end it has not heard of, and no others. */
function capacityOf(observed: ObservedEphemeralRunnerSet, population: Population): number {
  const { completed = new Set() } = observed;
  const isCounted = (runner: EphemeralRunner) =>
    !completed.has(runner.metadata?.name ?? "") && !isForeign(runner, observed.set);
  // The word of a job's end may come before the word that its pod runs.
  return [...population.pending, ...population.running].filter(isCounted).length +
    observed.departed;
}

/**
 * Runners in whose place no other one may come yet. Those of a former scale set do not serve this order; they only count
 * towards the maximum that the user set, which holds whatever the order says: anybody may edit the object that it is in.
 */
function presentOf(
  observed: ObservedEphemeralRunnerSet,
  population: Population,
  wanted: number,
): number {
  const { set, inherited = 0, maxRunners = Infinity } = observed;
  const live = [...population.pending, ...population.running];
  const own = live.filter((runner) => !isForeign(runner, set)).length + inherited;
  const room = Math.max(0, maxRunners - live.length - inherited);
  return Math.max(own, wanted - room);
}

function becauseOf(what: { create: number; retire: number; waits: boolean }): string {
  if (what.waits) return "Runners failed; the next one waits";
  if (what.create > 0) return "There are fewer runners than wanted";
  if (what.retire > 0) return "There are more runners than wanted";
  return "There are as many runners as wanted";
}

/** Failed runners by what they leave behind. */
interface Lost {
  /** They were counted on and have to be replaced. */
  readonly owed: readonly EphemeralRunner[];
  /** The listener has heard of the end of their job: its order knows. */
  readonly reported: readonly EphemeralRunner[];
  /** They had a job; the listener may hear of its end at any moment. */
  readonly undecided: number;
}

/** How long the listener's word on the job of a failed runner is waited for, in ms; GitHub may take minutes. */
const REPORT_MS = 10_000;

function lostRunners(
  { completed = new Set() }: ObservedEphemeralRunnerSet,
  { failed, outdated }: Population,
  now: Date,
): Lost {
  const groups = Map.groupBy([...failed, ...outdated], (runner) => {
    if (completed.has(runner.metadata?.name ?? "")) return "reported";
    const isFresh = now.getTime() - failedAtMs(runner) < REPORT_MS;
    return hasJob(runner) && isFresh ? "undecided" : "owed";
  });
  return {
    owed: groups.get("owed") ?? [],
    reported: groups.get("reported") ?? [],
    undecided: groups.get("undecided")?.length ?? 0,
  };
}

function isSame(a: ServedDecision | undefined, b: ServedDecision): boolean {
  return a?.patchId === b.patchId && a.replicas === b.replicas;
}

function inParallel(steps: readonly Step[]): readonly (readonly Step[])[] {
  return steps.length === 0 ? [] : [steps];
}

function createSteps(observed: ObservedEphemeralRunnerSet, count: number): readonly Step[] {
  const object = desiredRunner(observed.set, observed.excludedLabelPrefixes);
  return Array.from({ length: count }, () => ({ do: "create", type: EPHEMERAL_RUNNERS, object }));
}

/** Idle runners in the order in which they go: those that have not started first, the oldest of each first. */
function idleRunners(population: Population): readonly EphemeralRunner[] {
  const created = (r: EphemeralRunner) => r.metadata?.creationTimestamp ?? "";
  const byAge = (a: EphemeralRunner, b: EphemeralRunner) => created(a) < created(b) ? -1 : 1;
  return [...[...population.pending].sort(byAge), ...[...population.running].sort(byAge)]
    .filter((runner) => !hasJob(runner) && (runner.status?.runnerId ?? 0) > 0);
}

/** All candidates are named, as GitHub may refuse some: those stay. */
function retireSteps(
  set: EphemeralRunnerSet,
  runners: readonly EphemeralRunner[],
  count: number,
): readonly Step[] {
  if (count === 0 || runners.length === 0) return [];
  const candidates = runners.map((runner) => ({
    runnerId: runner.status?.runnerId ?? 0,
    key: keyOf(runner),
    uid: runner.metadata?.uid ?? "",
    ...(isForeign(runner, set) && { target: homeOf(runner) }),
  }));
  return [{ do: "retire-runners", target: targetOf(set), candidates, count }];
}

/**
 * Idle runners of another template or another scale set, a few at a time. A fingerprint of another controller says
 * nothing.
 */
function rollSteps(
  set: EphemeralRunnerSet,
  population: Population,
  wanted: ServedDecision,
): readonly Step[] {
  const hashOf = (object: EphemeralRunner | EphemeralRunnerSet) =>
    object.metadata?.annotations?.[ANNOTATIONS.integrityHash];
  const hash = hashOf(set);
  if (!isOurHash(hash)) return [];
  const isStale = (runner: EphemeralRunner) =>
    isForeign(runner, set) || (isOurHash(hashOf(runner)) && hashOf(runner) !== hash);
  const underWay = population.pending.filter((runner) => !isStale(runner)).length +
    population.failed.length;
  const room = Math.max(1, Math.floor(wanted.replicas * ROLL_SHARE)) - underWay;
  return idleRunners(population).filter(isStale).slice(0, Math.max(0, room)).map((runner) => ({
    do: "replace-runner",
    target: homeOf(runner),
    runnerId: runner.status?.runnerId ?? 0,
    key: keyOf(runner),
    reason: REPLACED_ON_PURPOSE,
    message: "The template changed while this runner was idle",
  }));
}

/** Where a runner is registered: not where new ones are, after a change of the config URL. */
function homeOf({ metadata, spec }: EphemeralRunner): GitHubTarget {
  return gitHubTarget(metadata?.namespace ?? "", spec);
}

function targetOf(set: EphemeralRunnerSet): GitHubTarget {
  return gitHubTarget(set.metadata?.namespace ?? "", set.spec?.ephemeralRunnerSpec);
}

/** Its own, and the one that ARC until 0.14.2 put there. */
function removeArcsFinalizers(set: EphemeralRunnerSet): readonly Step[] {
  const finalizers = [FINALIZERS.ephemeralRunnerSet, FINALIZERS.ephemeralRunner]
    .filter((finalizer) => set.metadata?.finalizers?.includes(finalizer));
  if (finalizers.length === 0) return [];
  return [{ do: "remove-finalizers", type: EPHEMERAL_RUNNER_SETS, object: set, finalizers }];
}
