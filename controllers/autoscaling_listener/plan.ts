/** What to do about a listener. Pure. A change of its limits touches nothing that runs (B3). Spec: §8, B5, B10. */
import {
  AUTOSCALING_LISTENERS,
  type AutoscalingListener,
  type AutoscalingListenerStatus,
} from "../../crds/autoscaling_listener.ts";
import { ANNOTATIONS, CONTAINERS, FINALIZERS } from "../../crds/group.ts";
import { hasFinalizer, isDeleting, ownerReference, setCondition } from "../../kube/meta.ts";
import { PODS, ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS } from "../../kube/resources.ts";
import { keyOf, type Pod } from "../../kube/types.ts";
import { mergePatch } from "../../lib/json.ts";
import { CONDITIONS } from "../conditions.ts";
import {
  deleteStep,
  ensureChild,
  integrityHash,
  isOurHash,
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
import type { ObservedListener } from "./observe.ts";
import { lossOf, lostInMs } from "./lost_pod.ts";
import { desiredListenerPod } from "./pod.ts";
import { restartDelayMs, terminationOf } from "./restarts.ts";

const SLOW_MS = 60_000;

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
  const parent: ListenerParent = { listener, settings: observed.settings };
  const rights = [...arcs, ...ensureRights(observed, parent)];
  if (observed.credentials.service === "none") {
    return {
      because: "Without credentials it could not listen",
      steps: rights,
      status: statusWrite(listener, notReady("CredentialsInvalid", credentialText(observed)), now),
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
        status: statusWrite(
          listener,
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
      status: statusWrite(listener, notReady("Starting", "The listener's pod is created"), now),
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
      status: statusWrite(listener, notReady("Lost", loss.message), now),
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
      status: statusWrite(listener, {
        ...notReady("Terminated", termination.message),
        restarts: termination.restarts,
        lastRestartTime: now.toISOString().replace(/\.\d+Z$/, "Z"),
      }, now),
    };
  }
  if (isOutdated(pod, desired)) {
    return {
      because: "The pod was made from another configuration",
      steps: [...before, ...deleteStep(PODS, pod)],
      status: statusWrite(
        listener,
        notReady("Restarting", "The listener takes a new configuration"),
        now,
      ),
    };
  }
  const running = pod.status?.containerStatuses
    ?.find((status) => status.name === CONTAINERS.listener)?.state?.running !== undefined;
  return {
    because: "The listener is as wanted",
    steps: before,
    status: statusWrite(
      listener,
      running
        ? { ready: "True", reason: "Running", message: "The listener runs" }
        : notReady("Starting", "The listener's container has not started"),
      now,
    ),
    lookAgainMs,
  };
}

/** A fingerprint that another controller wrote says nothing: its pod is kept for as long as it runs. */
function isOutdated(pod: Pod, desired: Pod): boolean {
  const hash = pod.metadata?.annotations?.[ANNOTATIONS.integrityHash];
  return isOurHash(hash) && hash !== desired.metadata?.annotations?.[ANNOTATIONS.integrityHash];
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
    ...observed.roleBindings.flatMap((binding) => deleteStep(ROLE_BINDINGS, binding)),
    ...observed.roles.flatMap((role) => deleteStep(ROLES, role)),
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

interface ListenerState {
  readonly ready: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly restarts?: number;
  readonly lastRestartTime?: string;
}

function notReady(reason: string, message: string): ListenerState {
  return { ready: "False", reason, message };
}

function credentialText(observed: ObservedListener): string {
  return observed.credentials.problem?.message ?? "There are no credentials";
}

function statusWrite(
  listener: AutoscalingListener,
  state: ListenerState,
  now: Date,
): StatusWrite | undefined {
  const before: AutoscalingListenerStatus = listener.status ?? {};
  const observedGeneration = listener.metadata?.generation;
  const after: AutoscalingListenerStatus = {
    ...before,
    ...(state.restarts !== undefined && { restarts: state.restarts }),
    ...(state.lastRestartTime !== undefined && { lastRestartTime: state.lastRestartTime }),
    observedGeneration,
    conditions: setCondition(before.conditions ?? [], {
      type: CONDITIONS.ready,
      status: state.ready,
      reason: state.reason,
      message: state.message,
      ...(observedGeneration !== undefined && { observedGeneration }),
    }, now),
  };
  const patch = mergePatch(before, after);
  if (patch === undefined) return undefined;
  return { type: AUTOSCALING_LISTENERS, key: keyOf(listener), patch, delayMs: 0 };
}
