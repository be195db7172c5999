/** What to do about a listener. Pure. A change of its limits touches nothing that runs (B3). Spec: §8, B5, B10. */
import {
  AUTOSCALING_LISTENERS,
  type AutoscalingListener,
} from "../../crds/autoscaling_listener.ts";
import { ANNOTATIONS, CONTAINERS, FINALIZERS } from "../../crds/group.ts";
import { hasFinalizer, isDeleting, ownerReference } from "../../kube/meta.ts";
import { PODS, ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS } from "../../kube/resources.ts";
import { type ContainerStatus, keyOf, type Pod } from "../../kube/types.ts";
import { errorCode, messageOf } from "../../lib/errors.ts";
import {
  deleteStep,
  ensureChild,
  integrityHash,
  isOurHash,
  tidyingStep,
  withOwnKeys,
} from "../reconcile/children.ts";
import { listenerProxySecretName } from "../../crds/names.ts";
import { gitHubTarget } from "../github_target.ts";
import { desiredProxySecret } from "../proxy_secrets.ts";
import type { Plan, StatusWrite } from "../reconcile/reconciler.ts";
import type { GitHubTarget, Step } from "../reconcile/step.ts";
import {
  desiredConfigSecret,
  desiredDocument,
  desiredRole,
  desiredRoleBinding,
  desiredServiceAccount,
  type ListenerParent,
} from "./children.ts";
import { isDeaf } from "./deaf_program.ts";
import type { ObservedListener } from "./observe.ts";
import { lossOf, lostInMs } from "./lost_pod.ts";
import { desiredListenerPod } from "./pod.ts";
import { restartDelayMs, terminationOf } from "./restarts.ts";
import { listenerStatus, notReady } from "./status.ts";

const SLOW_MS = 60_000;

/** Total: whatever was observed has a plan. */
export function planListener(observed: ObservedListener, now: Date): Plan {
  const { listener } = observed;
  if (listener === undefined) {
    return { because: "The listener is gone; its rights go too", steps: withdrawRights(observed) };
  }
  const arcs = removeArcsFinalizer(listener);
  if (isDeleting(listener)) {
    return { because: "It goes, and its pod by owner reference", steps: arcs };
  }
  if (observed.runnerSet === undefined) {
    return {
      because: "Its runner set is gone",
      steps: [...arcs, ...deleteStep(AUTOSCALING_LISTENERS, listener)],
    };
  }
  const { runnerSet, settings } = observed;
  const parent: ListenerParent = { listener, runnerSet, settings };
  const rights = [...arcs, ...ensureRights(observed, parent)];
  if (observed.credentials.service === "none") {
    return {
      because: "Without credentials it could not listen",
      steps: rights,
      status: listenerStatus(
        observed,
        notReady("CredentialsInvalid", credentialText(observed)),
        now,
      ),
      lookAgainMs: SLOW_MS,
    };
  }
  return planPod({
    observed,
    listener,
    parent,
    rights: [...rights, ...writeProxySecret(observed, listener)],
    config: writeConfig(observed, parent),
  }, now);
}

/** What the cluster refuses is the user's to mend. Other failures are told in the log. */
export function listenerAfterFailure(
  observed: ObservedListener,
  thrown: unknown,
  now: Date,
): StatusWrite | undefined {
  const { listener, pod } = observed;
  if (listener === undefined || isDeleting(listener) || pod !== undefined) return undefined;
  if (!REFUSALS.includes(errorCode(thrown))) return undefined;
  const message = messageOf(thrown);
  const state = message.startsWith("Cannot create pods")
    ? { ...notReady("PodRefused", message), podRefused: message }
    : notReady("Refused", message);
  return listenerStatus(observed, state, now);
}

const REFUSALS: readonly string[] = ["kube_invalid", "kube_bad_request", "kube_forbidden"];

interface PodSituation {
  readonly observed: ObservedListener;
  readonly listener: AutoscalingListener;
  readonly parent: ListenerParent;
  readonly rights: readonly Step[];
  readonly config: Extract<Step, { do: "write-listener-config" }>;
}

function planPod(situation: PodSituation, now: Date): Plan {
  const { observed, listener, parent, rights, config } = situation;
  const { pod } = observed;
  const { isUnproven = false, problem } = observed.credentials;
  const written = listener.metadata?.annotations?.[ANNOTATIONS.configHash];
  // Credentials that GitHub has not taken yet do not replace those that a listener may live on.
  const isKept = isUnproven && written !== undefined;
  const before = written === config.hash || isKept ? rights : [...rights, config];
  const lookAgainMs = isUnproven || problem !== undefined ? SLOW_MS : undefined;
  const desired = desiredListenerPod(parent);
  if (pod === undefined) {
    const delayMs = restartDelayMs(listener.status, now);
    if (delayMs > 0) {
      return {
        because: "It ended by itself; the next start waits",
        steps: before,
        status: listenerStatus(
          observed,
          notReady("BackingOff", "The listener is started again soon"),
          now,
        ),
        lookAgainMs: delayMs,
      };
    }
    return {
      because: "It has no pod",
      // The configuration is written in any case: somebody may have deleted its Secret.
      steps: [...rights, ...isKept ? [] : [config], { do: "create", type: PODS, object: desired }],
      status: listenerStatus(observed, notReady("Starting", "The listener's pod is created"), now),
    };
  }
  const loss = lossOf(pod, now);
  if (loss !== undefined) {
    return {
      because: "Its pod is lost; another one takes over",
      steps: [...before, {
        do: "delete",
        type: PODS,
        key: keyOf(pod),
        uid: pod.metadata?.uid ?? "",
        graceSeconds: 0,
      }],
      status: listenerStatus(observed, notReady("Lost", loss.message), now),
    };
  }
  if (isDeleting(pod)) {
    return {
      because: "Its former pod is still stopping",
      steps: before,
      lookAgainMs: lostInMs(pod, now),
    };
  }
  const termination = terminationOf(pod, listener.status, now);
  if (termination !== undefined) {
    return {
      because: "The listener ended by itself",
      steps: [...before, ...deleteStep(PODS, pod)],
      status: listenerStatus(observed, {
        ...notReady("Terminated", termination.message),
        restarts: termination.restarts,
        lastRestartTime: now.toISOString().replace(/\.\d+Z$/, "Z"),
      }, now),
    };
  }
  const isNews = !isKept && written !== undefined && written !== config.hash;
  if (isOutdated(pod, desired) || (isNews && isDeaf(observed, pod))) {
    return {
      because: "The pod was made from another configuration",
      steps: [...before, ...deleteStep(PODS, pod)],
      status: listenerStatus(
        observed,
        notReady("Restarting", "The listener takes a new configuration"),
        now,
      ),
    };
  }
  const state = pod.status?.containerStatuses
    ?.find(({ name }) => name === CONTAINERS.listener)?.state;
  const running = state?.running !== undefined;
  const overdueMs = running || !mayLackItsConfig(state) ? undefined : overdueSinceMs(pod, now);
  if (overdueMs !== undefined && overdueMs >= 0 && !isKept) {
    return {
      because: "The pod does not start; somebody may have deleted the Secret that it mounts",
      steps: [...rights, config],
      status: listenerStatus(observed, notReady("Starting", NOT_STARTED), now),
      lookAgainMs: SLOW_MS,
    };
  }
  return {
    because: "The listener is as wanted",
    steps: before,
    status: listenerStatus(
      observed,
      running
        ? { ready: "True", reason: "Running", message: "The listener runs" }
        : notReady("Starting", NOT_STARTED),
      now,
    ),
    lookAgainMs: overdueMs === undefined || isKept ? lookAgainMs : -overdueMs,
  };
}

const NOT_STARTED = "The listener's container has not started";
/** A pod that has everything starts sooner, in ms. */
const START_MS = 30_000;

/** What kubelets say of a container whose Secret is missing: as a volume, and as a variable. */
const LACKING: readonly (string | undefined)[] = [
  "ContainerCreating",
  "CreateContainerConfigError",
];

function mayLackItsConfig(state: ContainerStatus["state"]): boolean {
  return state === undefined || LACKING.includes(state.waiting?.reason);
}

/** For how many ms the pod should have started; negative: it still has time; `undefined`: its age is not known. */
function overdueSinceMs(pod: Pod, now: Date): number | undefined {
  const created = Date.parse(pod.metadata?.creationTimestamp ?? "");
  return Number.isNaN(created) ? undefined : now.getTime() - created - START_MS;
}

/** A fingerprint that another controller wrote says nothing; the program that it started does. */
function isOutdated(pod: Pod, desired: Pod): boolean {
  const hash = pod.metadata?.annotations?.[ANNOTATIONS.integrityHash];
  return isOurHash(hash)
    ? hash !== desired.metadata?.annotations?.[ANNOTATIONS.integrityHash]
    : imageOf(pod) !== imageOf(desired);
}

function imageOf({ spec }: Pod): string | undefined {
  return spec?.containers.find(({ name }) => name === CONTAINERS.listener)?.image;
}

function ensureRights(observed: ObservedListener, parent: ListenerParent): readonly Step[] {
  const namespace = parent.listener.spec?.autoscalingRunnerSetNamespace ?? "";
  const role = desiredRole(parent);
  const binding = desiredRoleBinding(parent);
  const here = (object: { metadata?: { namespace?: string } }) =>
    object.metadata?.namespace === namespace;
  return [
    ...ensureChild(SERVICE_ACCOUNTS, observed.serviceAccount, desiredServiceAccount(parent), {
      members: [],
    }),
    ...ensureChild(ROLES, observed.roles.find(here), role, { members: ["rules"] }),
    ...ensureChild(ROLE_BINDINGS, observed.roleBindings.find(here), binding, { members: [] }),
  ];
}

/** A listener of another namespace is another controller's, and only looks gone from here. */
function withdrawRights(observed: ObservedListener): readonly Step[] {
  if (observed.key.namespace !== observed.settings.namespace) return [];
  return [
    ...observed.roleBindings.flatMap((binding) => tidyingStep(ROLE_BINDINGS, binding)),
    ...observed.roles.flatMap((role) => tidyingStep(ROLES, role)),
  ];
}

/** Writes the document, unless the listener's annotation says that this very one is there. */
function writeConfig(
  observed: ObservedListener,
  parent: ListenerParent,
): PodSituation["config"] {
  const { listener } = parent;
  const document = desiredDocument(parent);
  const secret = desiredConfigSecret(parent);
  return {
    do: "write-listener-config",
    listener: keyOf(listener),
    secret: withOwnKeys(secret),
    target: targetOf(listener),
    document,
    hash: integrityHash({ document, secret, credentials: observed.credentials.fingerprint }),
  };
}

/** What its pod reads at its start. A running listener learns of changes from its document. */
function writeProxySecret(
  observed: ObservedListener,
  listener: AutoscalingListener,
): readonly Step[] {
  const { credentials: { fingerprint }, proxySecret } = observed;
  if (listener.spec?.proxy === undefined || proxySecret === fingerprint) return [];
  const { namespace, name } = keyOf(listener);
  return [{
    do: "write-proxy-secret",
    target: targetOf(listener),
    fingerprint,
    secret: desiredProxySecret({ namespace, name: listenerProxySecretName(name) }, {
      runnerSet: {
        namespace: listener.spec.autoscalingRunnerSetNamespace ?? "",
        name: listener.spec.autoscalingRunnerSetName ?? "",
      },
      owner: ownerReference(listener, AUTOSCALING_LISTENERS),
    }),
  }];
}

function targetOf({ spec }: AutoscalingListener): GitHubTarget {
  return gitHubTarget(spec?.autoscalingRunnerSetNamespace ?? "", spec);
}

function removeArcsFinalizer(listener: AutoscalingListener): readonly Step[] {
  if (!hasFinalizer(listener, FINALIZERS.listener)) return [];
  return [{
    do: "remove-finalizers",
    type: AUTOSCALING_LISTENERS,
    object: listener,
    finalizers: [FINALIZERS.listener],
  }];
}

function credentialText(observed: ObservedListener): string {
  return observed.credentials.problem?.message ?? "There are no credentials";
}
