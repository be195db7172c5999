/** What to do about a runner set. Pure: guards from the outside in, one branch per situation. Spec: §7, B1, B3, B5. */
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { FINALIZERS } from "../../crds/group.ts";
import { controllerOf, hasFinalizer, isDeleting } from "../../kube/meta.ts";
import { keyOf } from "../../kube/types.ts";
import { deleteStep, ensureChild, ownKeys } from "../reconcile/children.ts";
import type { Plan } from "../reconcile/reconciler.ts";
import type { Step } from "../reconcile/step.ts";
import {
  desiredEphemeralRunnerSet,
  desiredListener,
  desiredRunnerProxySecret,
  listenerKey,
} from "./children.ts";
import { planDeletion } from "./deletion.ts";
import { credentialFacts, failureFacts, registeredFacts, specFacts, takenFacts } from "./facts.ts";
import { formerScaleSets, movedFrom, noteMove, retireFormer } from "./former_scale_sets.ts";
import type { ObservedRunnerSet } from "./observe.ts";
import {
  currentRunnerSet,
  forgottenScaleSet,
  labelChange,
  registerStep,
  scaleSetChange,
  scaleSetIdOf,
  targetOf,
} from "./registration.ts";
import { checkSpec } from "./spec_problems.ts";
import { type RunnerSetState, runnerSetStatus } from "./status.ts";
import { checkTemplate, recheckMs } from "./template_check.ts";

/** How often to look again at a set that a person has to mend. */
const SLOW_MS = 60_000;

/** Total: whatever was observed has a plan. */
export function planRunnerSet(observed: ObservedRunnerSet, now: Date): Plan {
  const { set, credentials, settings } = observed;
  if (isDeleting(set)) return planDeletion(observed, now);

  const checked = checkSpec(set, settings);
  if (checked.url === undefined || checked.problem !== undefined) {
    return {
      because: "The spec cannot work; what runs already is left alone",
      steps: [],
      status: runnerSetStatus(set, {
        phase: phaseOf(observed),
        facts: specFacts(observed, checked),
      }, now),
    };
  }
  const url = checked.url;
  if (observed.namesake !== undefined) {
    return {
      because: "An older runner set has the scale set; what runs already is left alone",
      steps: [],
      status: runnerSetStatus(set, { phase: phaseOf(observed), facts: takenFacts(observed) }, now),
      lookAgainMs: SLOW_MS,
    };
  }
  const left = movedFrom(observed);
  if (left !== undefined) {
    return {
      because: "The config URL is another one; the scale set at the former one is remembered",
      steps: [noteMove(observed, left)],
    };
  }
  const finalizer = addFinalizer(observed);
  if (credentials.problem !== undefined && scaleSetIdOf(observed) === undefined) {
    return {
      because: "There are no usable credentials yet",
      steps: finalizer,
      status: runnerSetStatus(set, {
        phase: phaseOf(observed),
        facts: credentialFacts(observed),
      }, now),
      lookAgainMs: SLOW_MS,
    };
  }
  const scaleSetId = scaleSetIdOf(observed);
  if (scaleSetId === undefined) {
    return {
      because: "The scale set is not registered at GitHub",
      steps: [...finalizer, registerStep(observed, url)],
      lookAgainMs: SLOW_MS, // nobody tells when a refused credential is replaced
    };
  }
  if (credentials.service === "none" && credentials.problem?.about === "network") {
    return {
      because: "The way to GitHub cannot work; what runs already is left alone",
      steps: finalizer,
      status: runnerSetStatus(set, {
        phase: phaseOf(observed),
        facts: credentialFacts(observed),
      }, now),
      lookAgainMs: SLOW_MS,
    };
  }
  const forgotten = forgottenScaleSet(observed);
  if (forgotten === scaleSetId && credentials.problem === undefined) {
    return {
      because: "The listener says that GitHub forgot the scale set",
      steps: [{ ...registerStep(observed, url), replaces: forgotten }],
    };
  }
  const change = credentials.problem === undefined ? scaleSetChange(observed) : undefined;
  if (change !== undefined) {
    return {
      because: "The scale set's name or group at GitHub is not the wanted one",
      steps: [{
        do: "update-scale-set",
        runnerSet: keyOf(set),
        target: targetOf(observed),
        scaleSetId,
        change,
      }],
    };
  }
  const current = currentRunnerSet(observed);
  const parent = {
    set,
    url,
    scaleSetId,
    patchId: current?.spec?.patchID ?? 0,
    capacity: current?.status?.capacity,
    childName: keyOf(current ?? set).name,
    settings,
  };
  const runners = desiredEphemeralRunnerSet(parent);
  const wantedListener = listenerKey(set, settings).name;
  const listener = observed.listeners.find((l) => l.metadata?.name === wantedListener);
  if (current === undefined && listener !== undefined && !isDeleting(listener)) {
    // It tells a number only when that changes, and a new set of runners knows none.
    return {
      because: "The set of runners is gone; its listener has to begin anew",
      steps: [...finalizer, ...deleteStep(AUTOSCALING_LISTENERS, listener)],
    };
  }
  return {
    because: "The children are brought to what is wanted",
    steps: [
      ...finalizer,
      ...observed.listeners.filter((l) => l !== listener)
        .flatMap((l) => deleteStep(AUTOSCALING_LISTENERS, l)),
      ...observed.runnerSets.filter((r) => r !== current).flatMap((r) => drain(observed, r)),
      ...adoptOrphan(current, runners),
      ...ensureChild(EPHEMERAL_RUNNER_SETS, current, runners, {
        members: ["spec"],
        keysBefore: set.status?.propagatedKeys ?? [],
      }),
      ...writeProxySecret(observed, current),
      ...ensureChild(AUTOSCALING_LISTENERS, listener, desiredListener(parent), {
        members: ["spec"],
      }),
      ...relabel(observed, scaleSetId),
      ...retireFormer(observed, scaleSetId),
      ...checkTemplate(observed, runners, now),
    ],
    status: runnerSetStatus(set, {
      phase: current?.status?.phase === "Outdated" ? "Outdated" : "Running",
      facts: registeredFacts(observed),
      runners: current,
      propagatedKeys: ownKeys(runners),
    }, now),
    lookAgainMs: soonest([
      credentials.problem === undefined ? undefined : SLOW_MS,
      formerScaleSets(set).length === 0 ? undefined : SLOW_MS,
      recheckMs(observed, now),
    ]),
  };
}

function soonest(looks: readonly (number | undefined)[]): number | undefined {
  const known = looks.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** A set of runners that lost its owner gets this one: nothing else would ever take it away. */
function adoptOrphan(
  current: EphemeralRunnerSet | undefined,
  wanted: EphemeralRunnerSet,
): readonly Step[] {
  if (current === undefined || controllerOf(current) !== undefined) return [];
  const ownerReferences = [
    ...current.metadata?.ownerReferences ?? [],
    ...wanted.metadata?.ownerReferences ?? [],
  ];
  return [{
    do: "patch",
    type: EPHEMERAL_RUNNER_SETS,
    key: keyOf(current),
    patch: { metadata: { ownerReferences } },
  }];
}

/** Runners wait for it: a container does not start before what its environment names exists. */
function writeProxySecret(
  observed: ObservedRunnerSet,
  current: EphemeralRunnerSet | undefined,
): readonly Step[] {
  const { set, credentials: { fingerprint, service }, proxySecret } = observed;
  if (set.spec?.proxy === undefined || current === undefined || service === "none") return [];
  if (proxySecret === fingerprint) return [];
  return [{
    do: "write-proxy-secret",
    target: targetOf(observed),
    fingerprint,
    secret: desiredRunnerProxySecret(current, keyOf(set)),
  }];
}

/** Last: a server that takes no labels must not keep anything else from being done. */
function relabel(observed: ObservedRunnerSet, scaleSetId: number): readonly Step[] {
  const change = observed.credentials.problem === undefined ? labelChange(observed) : undefined;
  if (change === undefined) return [];
  return [{
    do: "update-scale-set",
    runnerSet: keyOf(observed.set),
    target: targetOf(observed),
    scaleSetId,
    change,
  }];
}

/** A failed step as the user should see it. */
export function runnerSetAfterFailure(
  observed: ObservedRunnerSet,
  thrown: { readonly code: string; readonly message: string },
  now: Date,
): ReturnType<typeof runnerSetStatus> {
  if (isDeleting(observed.set) || !thrown.code.startsWith("github_")) return undefined;
  const facts = failureFacts(observed, thrown);
  return runnerSetStatus(observed.set, { phase: phaseOf(observed), facts }, now);
}

/** Sets that older controllers made under generated names: no new runners, and gone when they are empty. */
function drain(observed: ObservedRunnerSet, legacy: EphemeralRunnerSet): readonly Step[] {
  const { uid } = legacy.metadata ?? {};
  const hasRunners = observed.runners?.some((runner) => controllerOf(runner)?.uid === uid) ??
    (legacy.status?.currentReplicas ?? 0) > 0;
  if (!hasRunners) return deleteStep(EPHEMERAL_RUNNER_SETS, legacy);
  if ((legacy.spec?.replicas ?? 0) === 0 && legacy.spec?.patchID === 0) return [];
  return [{
    do: "patch",
    type: EPHEMERAL_RUNNER_SETS,
    key: keyOf(legacy),
    patch: { spec: { replicas: null, patchID: 0 } },
  }];
}

function addFinalizer(observed: ObservedRunnerSet): readonly Step[] {
  const { set } = observed;
  if (hasFinalizer(set, FINALIZERS.runnerSet)) return [];
  return [{
    do: "add-finalizer",
    type: AUTOSCALING_RUNNER_SETS,
    object: set,
    finalizers: [FINALIZERS.runnerSet],
  }];
}

function phaseOf(observed: ObservedRunnerSet): RunnerSetState["phase"] {
  const phase = observed.set.status?.phase;
  return phase === "Running" || phase === "Outdated" ? phase : "Pending";
}
