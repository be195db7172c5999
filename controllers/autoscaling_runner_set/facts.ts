/** What is known of a runner set, as conditions in words a user can act on. Pure. What a listener says is elsewhere. */
import { ANNOTATIONS } from "../../crds/group.ts";
import { conditionOf } from "../../kube/meta.ts";
import { keyText } from "../../kube/types.ts";
import { CONDITIONS, type ConditionType, type Fact } from "../conditions.ts";
import { versionFacts } from "../version_skew.ts";
import { formerText } from "./former_scale_sets.ts";
import { limitFacts } from "./limit_facts.ts";
import { listenerFacts } from "./listener_facts.ts";
import type { ObservedRunnerSet } from "./observe.ts";
import { scaleSetIdOf } from "./registration.ts";
import type { CheckedSpec } from "./spec_problems.ts";
import { templateFacts } from "./template_check.ts";

function fact(
  type: ConditionType,
  status: Fact["status"],
  reason: string,
  message: string,
): Fact {
  return { type, status, reason, message };
}

/** The spec cannot work. */
export function specFacts(observed: ObservedRunnerSet, checked: CheckedSpec): readonly Fact[] {
  const { reason = "Invalid", message = "" } = checked.problem ?? {};
  const isTemplate = reason === "InvalidTemplate";
  return [
    ...versionFacts(observed.set),
    ...(isTemplate ? [fact(CONDITIONS.podTemplateValid, "False", "Invalid", message)] : []),
    fact(CONDITIONS.ready, "False", reason, message),
  ];
}

/** An older set has the scale set that this one asks for. */
export function takenFacts({ set, namesake }: ObservedRunnerSet): readonly Fact[] {
  const name = set.spec?.runnerScaleSetName || set.metadata?.name;
  const message = `spec.runnerScaleSetName is "${name}", which AutoscalingRunnerSet ` +
    `"${namesake && keyText(namesake)}" has in this group already: choose another name or ` +
    "another spec.runnerGroup, or delete one of the two";
  return [fact(CONDITIONS.ready, "False", "ScaleSetNameTaken", message)];
}

/** Something is wrong with the credentials, or with the way to GitHub. */
export function credentialFacts({ credentials, set }: ObservedRunnerSet): readonly Fact[] {
  const { reason = "Invalid", message = "", about } = credentials.problem ?? {};
  const first = conditionOf(set.status?.conditions, CONDITIONS.registered) === undefined
    ? [fact(CONDITIONS.registered, "False", "NotRegistered", "The scale set is not registered yet")]
    : [];
  if (about === "network") return [...first, fact(CONDITIONS.ready, "False", reason, message)];
  return [
    ...first,
    fact(CONDITIONS.credentialsValid, "False", reason, message),
    fact(CONDITIONS.ready, "False", "CredentialsInvalid", message),
  ];
}

/** GitHub refused or failed. */
export function failureFacts(
  observed: ObservedRunnerSet,
  thrown: { readonly code: string; readonly message: string },
): readonly Fact[] {
  const { message } = thrown;
  if (thrown.code === "github_unauthorized") {
    return [
      fact(CONDITIONS.credentialsValid, "False", "Refused", message),
      fact(CONDITIONS.ready, "False", "CredentialsInvalid", message),
    ];
  }
  const registered = scaleSetIdOf(observed) !== undefined
    ? []
    : [fact(CONDITIONS.registered, "False", "RegistrationFailed", message)];
  return [...registered, fact(CONDITIONS.ready, "False", "Failing", message)];
}

/** All that is known of a registered set. With credentials that broke later, the last good ones stay in use. */
export function registeredFacts(observed: ObservedRunnerSet): readonly Fact[] {
  const { set, credentials } = observed;
  const group = set.metadata?.annotations?.[ANNOTATIONS.runnerGroupName] ?? "Default";
  const registered = fact(
    CONDITIONS.registered,
    "True",
    "Registered",
    `Scale set ${scaleSetIdOf(observed)} in runner group ${group}${formerText(set)}`,
  );
  const known = [
    registered,
    ...listenerFacts(observed),
    ...templateFacts(observed),
    ...limitFacts(observed),
    ...versionFacts(set),
  ];
  if (credentials.problem !== undefined) return [...known, ...credentialFacts(observed)];
  return [
    ...known,
    fact(CONDITIONS.credentialsValid, "True", "Accepted", "The credentials can be used"),
    readiness(known),
  ];
}

/** What keeps jobs from being served, worst first: a condition in a state, and the reason that `Ready` gives. */
const OBSTACLES: readonly (readonly [ConditionType, Fact["status"], string])[] = [
  [CONDITIONS.sessionHealthy, "False", "SessionUnhealthy"],
  [CONDITIONS.podTemplateValid, "False", "PodTemplateInvalid"],
  [CONDITIONS.runnerImageOutdated, "True", "RunnerImageOutdated"],
  [CONDITIONS.degraded, "True", "Degraded"],
];

function readiness(known: readonly Fact[]): Fact {
  for (const [type, status, reason] of OBSTACLES) {
    const obstacle = known.find((one) => one.type === type && one.status === status);
    if (obstacle !== undefined) return fact(CONDITIONS.ready, "False", reason, obstacle.message);
  }
  const session = known.find(({ type }) => type === CONDITIONS.sessionHealthy);
  return session?.reason === "ListenerNotReady"
    ? fact(CONDITIONS.ready, "False", "ListenerNotReady", session.message)
    : fact(CONDITIONS.ready, "True", "Ready", "Jobs can be served");
}
