/** What to do about a set of runners: how many come, which go. Pure. Spec: §9.3, B3, B4, B5. */
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { FINALIZERS, LABELS } from "../../crds/group.ts";
import type { Happened } from "../../kube/events.ts";
import { isDeleting } from "../../kube/meta.ts";
import { keyOf, type KubeObject } from "../../kube/types.ts";
import { deleteStep } from "../reconcile/children.ts";
import type { Plan, StatusWrite } from "../reconcile/reconciler.ts";
import type { ServedDecision, Step } from "../reconcile/step.ts";
import type { Fact } from "../conditions.ts";
import { capacityOf, presentOf } from "./capacity.ts";
import { desiredRunner } from "./children.ts";
import { newWarnings, setFacts } from "./conditions.ts";
import { FORGET_MS } from "./departures.ts";
import { lostRunners, REPORT_MS } from "./lost_runners.ts";
import type { ObservedEphemeralRunnerSet } from "./observe.ts";
import { populationOf } from "./population.ts";
import { type FailureRecord, failureRecord, replacementDelayMs } from "./replacement.ts";
import { retirement, retireSteps } from "./retirement.ts";
import { rollSteps } from "./rolling.ts";
import { scaleOf } from "./scale.ts";
import { ephemeralRunnerSetStatus } from "./status.ts";

/** How soon to look again for the room of runners that go, whose going may wake somebody else, in ms. */
const ROOM_MS = 5_000;

/** How soon GitHub is asked again to let runners go, in ms: it may have failed, or said that they are busy. */
const ASK_AGAIN_MS = 60_000;

/** Runners that are created in one pass; the others come in the next, which the first ones' coming wakes. */
const MOST_AT_ONCE = 2_000;

/** Total: whatever was observed has a plan. */
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
  const done = !isWhole || isSame(observed.served, wanted) ? observed.served : wanted;
  // Of ARC's listener another record is kept: the runners that bear the number of its order.
  const served = observed.completed === undefined ? undefined : done;
  const retire = retirement(population, scale, now);
  // Last, as GitHub may hang. While some are too many, rolling waits: the same runner might be asked for both.
  const atGitHub = scale.retire > 0
    ? retireSteps(set, retire.runners, scale.retire)
    : inParallel(rollSteps(set, population, wanted));
  const looks = [
    ...(waits ? [delayMs] : []),
    ...(observed.departed > 0 ? [FORGET_MS] : []),
    ...retire.lookAgainMs,
    ...(lost.undecided > 0 ? [REPORT_MS] : []),
    ...(failures.overInMs === undefined ? [] : [failures.overInMs]),
    ...(atGitHub.length > 0 ? [ASK_AGAIN_MS] : []),
    ...(scale.later > 0 && observed.inherited ? [ROOM_MS] : []),
  ];
  return {
    because: becauseOf({ create, retire: retire.runners.length, waits }),
    steps: [
      ...arcs,
      ...warnings(set, facts, failures),
      ...inParallel(createSteps(observed, create)),
      ...(served !== undefined && served !== observed.served
        ? [{ do: "note-served", uid: set.metadata?.uid ?? "", served } as const]
        : []),
      ...inParallel(gone.flatMap((runner) => deleteStep(EPHEMERAL_RUNNERS, runner))),
      ...inParallel(relabelSteps(observed)),
      ...atGitHub,
    ],
    status: ephemeralRunnerSetStatus(set, { population, failures, served, facts }, now),
    lookAgainMs: looks.length === 0 ? undefined : Math.min(...looks),
  };
}

/** What is true although a step failed, GitHub's or the cluster's: counters and conditions do not wait for it. Pure. */
export function setStatusAfterFailure(
  observed: ObservedEphemeralRunnerSet,
  now: Date,
): StatusWrite | undefined {
  const { set } = observed;
  if (isDeleting(set)) return undefined;
  const population = populationOf(observed.runners);
  const failures = failureRecord(set.status, population, now);
  const facts = setFacts({ ...observed, population, failures });
  // What was served is not known: the record stays as it is.
  return ephemeralRunnerSetStatus(set, { population, failures, served: undefined, facts }, now);
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

function becauseOf(what: { create: number; retire: number; waits: boolean }): string {
  if (what.waits) return "Runners failed; the next one waits";
  if (what.create > 0) return "There are fewer runners than wanted";
  if (what.retire > 0) return "There are more runners than wanted";
  return "There are as many runners as wanted";
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

/** Somebody took the labels off that lead from a runner to its set, and that its pod is to have. */
function relabelSteps(
  { set, runners, excludedLabelPrefixes }: ObservedEphemeralRunnerSet,
): readonly Step[] {
  const isBare = (object: KubeObject) => !(LABELS.scaleSetName in (object.metadata?.labels ?? {}));
  const bare = runners.filter((runner) => isBare(runner) && !isDeleting(runner));
  if (bare.length === 0 || isBare(set)) return [];
  const { labels } = desiredRunner(set, excludedLabelPrefixes).metadata ?? {};
  const patch = { metadata: { labels } };
  return bare.map((runner) => ({
    do: "patch",
    type: EPHEMERAL_RUNNERS,
    key: keyOf(runner),
    patch,
  }));
}

/** Its own, and the one that ARC until 0.14.2 put there. */
function removeArcsFinalizers(set: EphemeralRunnerSet): readonly Step[] {
  const finalizers = [FINALIZERS.ephemeralRunnerSet, FINALIZERS.ephemeralRunner]
    .filter((finalizer) => set.metadata?.finalizers?.includes(finalizer));
  if (finalizers.length === 0) return [];
  return [{ do: "remove-finalizers", type: EPHEMERAL_RUNNER_SETS, object: set, finalizers }];
}
