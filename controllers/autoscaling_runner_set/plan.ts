/** What to do about a runner set. Pure: guards from the outside in, one branch per situation. Spec: §7, B1, B3, B5. */
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS, FINALIZERS } from "../../crds/group.ts";
import { hasFinalizer, isDeleting } from "../../kube/meta.ts";
import { keyOf, keyText } from "../../kube/types.ts";
import { CONDITIONS } from "../conditions.ts";
import { urlLabels } from "../metadata.ts";
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
import { listenerFacts } from "./listener_facts.ts";
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
import { type CheckedSpec, checkSpec } from "./spec_problems.ts";
import { type Fact, type RunnerSetState, runnerSetStatus } from "./status.ts";

/** How often to look again at a set that a person has to mend. */
const SLOW_MS = 60_000;

export function planRunnerSet(observed: ObservedRunnerSet, now: Date): Plan {
  const { set, credentials, settings } = observed;
  if (isDeleting(set)) return planDeletion(observed, now);

  const checked = checkSpec(set, settings);
  if (checked.url === undefined || checked.problem !== undefined) {
    return {
      because: "The spec cannot work; what runs already is left alone",
      steps: [],
      status: runnerSetStatus(set, { phase: phaseOf(observed), facts: specFacts(checked) }, now),
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
  const finalizer = addFinalizer(observed);
  if (credentials.problem !== undefined && scaleSetIdOf(observed) === undefined) {
    return {
      because: "There are no usable credentials yet",
      steps: finalizer,
      status: runnerSetStatus(set, { phase: "Pending", facts: credentialFacts(credentials) }, now),
      lookAgainMs: SLOW_MS,
    };
  }
  const scaleSetId = scaleSetIdOf(observed);
  if (scaleSetId === undefined) {
    return {
      because: "The scale set is not registered at GitHub",
      steps: [...finalizer, registerStep(observed, urlLabels(url))],
      lookAgainMs: SLOW_MS, // nobody tells when a refused credential is replaced
    };
  }
  if (credentials.service === "none" && credentials.problem?.about === "network") {
    return {
      because: "The way to GitHub cannot work; what runs already is left alone",
      steps: finalizer,
      status: runnerSetStatus(set, {
        phase: phaseOf(observed),
        facts: credentialFacts(credentials),
      }, now),
      lookAgainMs: SLOW_MS,
    };
  }
  const forgotten = forgottenScaleSet(observed);
  if (forgotten === scaleSetId && credentials.problem === undefined) {
    return {
      because: "The listener says that GitHub forgot the scale set",
      steps: [{ ...registerStep(observed, urlLabels(url)), replaces: forgotten }],
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
  const parent = { set, url, scaleSetId, patchId: current?.spec?.patchID ?? 0, settings };
  const runners = desiredEphemeralRunnerSet(parent);
  const wantedListener = listenerKey(set, settings).name;
  const listener = observed.listeners.find((l) => l.metadata?.name === wantedListener);
  return {
    because: "The children are brought to what is wanted",
    steps: [
      ...finalizer,
      ...observed.listeners.filter((l) => l !== listener)
        .flatMap((l) => deleteStep(AUTOSCALING_LISTENERS, l)),
      ...observed.runnerSets.filter((r) => r !== current).flatMap(drainLegacy),
      ...ensureChild(EPHEMERAL_RUNNER_SETS, current, runners, {
        members: ["spec"],
        keysBefore: set.status?.propagatedKeys ?? [],
      }),
      ...writeProxySecret(observed, current),
      ...ensureChild(AUTOSCALING_LISTENERS, listener, desiredListener(parent), {
        members: ["spec"],
      }),
      ...relabel(observed, scaleSetId),
    ],
    status: runnerSetStatus(set, {
      phase: current?.status?.phase === "Outdated" ? "Outdated" : "Running",
      facts: wellFacts(observed),
      runners: current,
      propagatedKeys: ownKeys(runners),
    }, now),
    lookAgainMs: credentials.problem === undefined ? undefined : SLOW_MS,
  };
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
  const registered = scaleSetIdOf(observed) !== undefined;
  const { message } = thrown;
  const facts: readonly Fact[] = thrown.code === "github_unauthorized"
    ? [
      fact(CONDITIONS.credentialsValid, "False", "Refused", message),
      fact(CONDITIONS.ready, "False", "CredentialsInvalid", message),
    ]
    : [
      ...(registered ? [] : [fact(CONDITIONS.registered, "False", "RegistrationFailed", message)]),
      fact(CONDITIONS.ready, "False", "Failing", message),
    ];
  return runnerSetStatus(observed.set, { phase: phaseOf(observed), facts }, now);
}

/** Sets that older controllers made under generated names: no new runners, and gone when they are empty. */
function drainLegacy(legacy: EphemeralRunnerSet): readonly Step[] {
  if ((legacy.status?.currentReplicas ?? 0) === 0) return deleteStep(EPHEMERAL_RUNNER_SETS, legacy);
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

function fact(
  type: Fact["type"],
  status: Fact["status"],
  reason: string,
  message: string,
): Fact {
  return { type, status, reason, message };
}

function specFacts(checked: CheckedSpec): readonly Fact[] {
  const { reason = "Invalid", message = "" } = checked.problem ?? {};
  return [fact(CONDITIONS.ready, "False", reason, message)];
}

function takenFacts({ set, namesake }: ObservedRunnerSet): readonly Fact[] {
  const name = set.spec?.runnerScaleSetName || set.metadata?.name;
  const message = `spec.runnerScaleSetName is "${name}", which AutoscalingRunnerSet ` +
    `"${namesake && keyText(namesake)}" has in this group already: choose another name or ` +
    "another spec.runnerGroup, or delete one of the two";
  return [fact(CONDITIONS.ready, "False", "ScaleSetNameTaken", message)];
}

function credentialFacts(credentials: ObservedRunnerSet["credentials"]): readonly Fact[] {
  const { reason = "Invalid", message = "", about } = credentials.problem ?? {};
  if (about === "network") return [fact(CONDITIONS.ready, "False", reason, message)];
  return [
    fact(CONDITIONS.credentialsValid, "False", reason, message),
    fact(CONDITIONS.ready, "False", "CredentialsInvalid", message),
  ];
}

/** With credentials that broke later, the last good ones stay in use, and the condition tells. */
function wellFacts(observed: ObservedRunnerSet): readonly Fact[] {
  const id = scaleSetIdOf(observed);
  const registered = fact(
    CONDITIONS.registered,
    "True",
    "Registered",
    `Scale set ${id} in runner group ${
      observed.set.metadata?.annotations?.[ANNOTATIONS.runnerGroupName] ?? "Default"
    }`,
  );
  const heard = listenerFacts(observed);
  if (observed.credentials.problem !== undefined) {
    return [registered, ...heard, ...credentialFacts(observed.credentials)];
  }
  const deaf = heard.find(({ type, status }) =>
    type === CONDITIONS.sessionHealthy && status === "False"
  );
  return [
    registered,
    fact(CONDITIONS.credentialsValid, "True", "Accepted", "The credentials can be used"),
    ...heard,
    deaf === undefined
      ? fact(CONDITIONS.ready, "True", "Ready", "Jobs can be served")
      : fact(CONDITIONS.ready, "False", "SessionUnhealthy", deaf.message),
  ];
}
