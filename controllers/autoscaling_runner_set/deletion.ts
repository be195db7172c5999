/**
 * How a runner set goes: its listener and its runners first, then the scale set at GitHub, then what ARC's chart
 * protected, then the finalizer. Pure. What cannot be cleaned up at GitHub is reported, not waited for (B5, D10).
 */
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { CLEANUP_ANNOTATIONS, FINALIZERS } from "../../crds/group.ts";
import type { Happened } from "../../kube/events.ts";
import { hasFinalizer } from "../../kube/meta.ts";
import { ROLE_BINDINGS, ROLES, SECRETS, SERVICE_ACCOUNTS } from "../../kube/resources.ts";
import { deleteStep } from "../reconcile/children.ts";
import type { AnyType } from "../../kube/types.ts";
import type { Plan } from "../reconcile/reconciler.ts";
import type { Step } from "../reconcile/step.ts";
import type { ObservedRunnerSet } from "./observe.ts";
import { scaleSetIdOf, targetOf } from "./registration.ts";

/** How long a listener's pod may take to close its session before we go on without it. */
const LISTENER_LIMIT_MS = 75_000;
/** After so long GitHub is asked for the last time: what it does not remove then is left behind. */
const GITHUB_LIMIT_MS = 45_000;
/** How long GitHub may take to answer at the last time of asking. */
const LAST_ASK_MS = 5_000;
const LOOK_AGAIN_MS = 5_000;

/** Chart objects in the order in which they may be let go: rights last. */
const PROTECTED: readonly { readonly annotation: string; readonly type: AnyType }[] = [
  { annotation: CLEANUP_ANNOTATIONS.kubernetesModeRoleBinding, type: ROLE_BINDINGS },
  { annotation: CLEANUP_ANNOTATIONS.kubernetesModeRole, type: ROLES },
  { annotation: CLEANUP_ANNOTATIONS.kubernetesModeServiceAccount, type: SERVICE_ACCOUNTS },
  { annotation: CLEANUP_ANNOTATIONS.noPermissionServiceAccount, type: SERVICE_ACCOUNTS },
  { annotation: CLEANUP_ANNOTATIONS.githubSecret, type: SECRETS },
  { annotation: CLEANUP_ANNOTATIONS.managerRoleBinding, type: ROLE_BINDINGS },
  { annotation: CLEANUP_ANNOTATIONS.managerRole, type: ROLES },
];

export function planDeletion(observed: ObservedRunnerSet, now: Date): Plan {
  const { set } = observed;
  if (!hasFinalizer(set, FINALIZERS.runnerSet)) {
    return { because: "Somebody else holds the object", steps: [] };
  }
  const ageMs = now.getTime() - Date.parse(set.metadata?.deletionTimestamp ?? "");
  const children = [
    ...observed.listeners.flatMap((l) => deleteStep(AUTOSCALING_LISTENERS, l)),
    ...observed.runnerSets.flatMap((r) => deleteStep(EPHEMERAL_RUNNER_SETS, r)),
  ];
  const listening = observed.listeners.length > 0 ||
    (observed.listenerPods.length > 0 && ageMs < LISTENER_LIMIT_MS);
  if (listening || observed.runnerSets.length > 0 || observed.runnerCount > 0) {
    return {
      because: "Listener and runners go first",
      steps: children,
      lookAgainMs: LOOK_AGAIN_MS,
    };
  }
  // An older set has the same one, and needs it.
  const scaleSetId = observed.namesake === undefined ? scaleSetIdOf(observed) : undefined;
  const last: readonly Step[] = [
    ...releaseProtected(observed),
    {
      do: "remove-finalizers",
      type: AUTOSCALING_RUNNER_SETS,
      object: set,
      finalizers: [FINALIZERS.runnerSet],
    },
  ];
  if (scaleSetId === undefined) {
    return { because: "Nothing of it exists at GitHub", steps: last };
  }
  const leftBehind: Happened = {
    about: set,
    type: "Warning",
    reason: "ScaleSetLeftBehind",
    note: `Scale set ${scaleSetId} may still exist at ${set.spec?.githubConfigUrl}: ` +
      (observed.credentials.problem?.message ?? "GitHub did not confirm its removal in time"),
  };
  if (observed.credentials.service === "none") {
    return {
      because: "GitHub could not be asked to remove the scale set",
      steps: [{ do: "record-event", ...leftBehind }, ...last],
    };
  }
  return {
    because: "All is gone but the scale set",
    steps: [
      {
        do: "delete-scale-set",
        target: targetOf(observed),
        scaleSetId,
        ...(ageMs > GITHUB_LIMIT_MS && { orElse: leftBehind }),
        // No longer than until the last time of asking, so that the two do not add up.
        withinMs: ageMs > GITHUB_LIMIT_MS ? LAST_ASK_MS : Math.max(GITHUB_LIMIT_MS - ageMs, 1_000),
      },
      ...last,
    ],
    lookAgainMs: LOOK_AGAIN_MS,
  };
}

function releaseProtected(observed: ObservedRunnerSet): readonly Step[] {
  const { annotations = {}, namespace = "" } = observed.set.metadata ?? {};
  return PROTECTED.flatMap(({ annotation, type }): readonly Step[] => {
    const name = annotations[annotation];
    return name === undefined ? [] : [{ do: "release-protected", type, key: { namespace, name } }];
  });
}
