/**
 * How a runner set goes: its listener and its runners first, then the scale set at GitHub, then what ARC's chart
 * protected, then the finalizer. Pure. What cannot be cleaned up at GitHub is reported, not waited for (B5).
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
import type { GitHubTarget, Step } from "../reconcile/step.ts";
import { formerScaleSets, formerTarget, movedFrom } from "./former_scale_sets.ts";
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

/** For a set that is being deleted. Every branch comes to an end within a time, with GitHub or without. */
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
  const last: readonly Step[] = [
    ...releaseProtected(observed),
    {
      do: "remove-finalizers",
      type: AUTOSCALING_RUNNER_SETS,
      object: set,
      finalizers: [FINALIZERS.runnerSet],
    },
  ];
  const scaleSets = scaleSetsOf(observed);
  if (scaleSets.length === 0) return { because: "Nothing of it exists at GitHub", steps: last };
  const unreachable = scaleSets.filter(({ service }) => service === "none");
  const reachable = scaleSets.filter(({ service }) => service === "usable");
  const told = unreachable.map((one): Step => ({
    do: "record-event",
    ...leftBehind(observed, one),
  }));
  if (reachable.length === 0) {
    return {
      because: "GitHub could not be asked to remove the scale set",
      steps: [...told, ...last],
    };
  }
  return {
    because: "All is gone but the scale set",
    steps: [
      reachable.map((one): Step => ({
        do: "delete-scale-set",
        target: one.target,
        scaleSetId: one.id,
        ...(ageMs > GITHUB_LIMIT_MS && { orElse: leftBehind(observed, one) }),
        // No longer than until the last time of asking, so that the two do not add up.
        withinMs: ageMs > GITHUB_LIMIT_MS ? LAST_ASK_MS : Math.max(GITHUB_LIMIT_MS - ageMs, 1_000),
      })),
      ...told,
      ...last,
    ],
    lookAgainMs: LOOK_AGAIN_MS,
  };
}

interface ScaleSetPlace {
  readonly id: number;
  readonly target: GitHubTarget;
  /** Whether there may be something to call GitHub with. */
  readonly service: ObservedRunnerSet["credentials"]["service"];
}

/** The one that the set has, unless an older set has the same one and needs it, and those that it had elsewhere. */
function scaleSetsOf(observed: ObservedRunnerSet): readonly ScaleSetPlace[] {
  const { set } = observed;
  const moved = movedFrom(observed);
  const former = [...formerScaleSets(set), ...(moved ? [moved] : [])].map((one) => ({
    id: one.id,
    target: formerTarget(set, one),
    service: "usable" as const,
  }));
  const id = scaleSetIdOf(observed);
  if (id === undefined || moved !== undefined || observed.namesake !== undefined) return former;
  const { service } = observed.credentials;
  return [...former, { id, target: targetOf(observed), service }];
}

function leftBehind(observed: ObservedRunnerSet, one: ScaleSetPlace): Happened {
  const problem = one.service === "none" ? observed.credentials.problem?.message : undefined;
  return {
    about: observed.set,
    type: "Warning",
    reason: "ScaleSetLeftBehind",
    note: `Scale set ${one.id} may still exist at ${one.target.configUrl}: ` +
      (problem ?? "GitHub did not confirm its removal in time"),
  };
}

function releaseProtected(observed: ObservedRunnerSet): readonly Step[] {
  const { annotations = {}, namespace = "" } = observed.set.metadata ?? {};
  return PROTECTED.flatMap(({ annotation, type }): readonly Step[] => {
    const name = annotations[annotation];
    return name === undefined ? [] : [{ do: "release-protected", type, key: { namespace, name } }];
  });
}
