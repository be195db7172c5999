/**
 * What a plan looks at, settled unless a test says otherwise, and the world after a plan was carried out. Knows the shapes
 * of observations and steps; refuses to know what any plan decides. Pure.
 */
import type { ObservedListener } from "../../controllers/autoscaling_listener/observe.ts";
import type { ObservedRunnerSet } from "../../controllers/autoscaling_runner_set/observe.ts";
import type { ObservedEphemeralRunnerSet } from "../../controllers/ephemeral_runner_set/observe.ts";
import type { ObservedRunner } from "../../controllers/ephemeral_runner/observe.ts";
import type { Plan } from "../../controllers/reconcile/reconciler.ts";
import type { Step } from "../../controllers/reconcile/step.ts";
import { type AnyType, keyOf, type KubeObject } from "../../kube/types.ts";
import { applyMergePatch } from "../../lib/json.ts";
import { aListener, anEphemeralRunnerSet, aRunner, aRunnerSet, STORY, uidOf } from "../builders.ts";

export const GOOD_CREDENTIALS = {
  service: "usable",
  problem: undefined,
  fingerprint: "f1",
} as const;
export const NO_CREDENTIALS = {
  service: "none",
  problem: { reason: "SecretMissing", message: 'Secret "a/b" does not exist' },
  fingerprint: "",
} as const;
/** The Secret broke; the last good credential is still there. */
export const STALE_CREDENTIALS = {
  ...NO_CREDENTIALS,
  service: "usable",
  fingerprint: "f1",
} as const;

export const SETTINGS = {
  controllerNamespace: STORY.controllerNamespace,
  listenerImage: "ghcr.io/longshore/longshore:0.1.0",
  listenerPullSecrets: [],
  excludedLabelPrefixes: [],
  forceGhes: false,
} as const satisfies ObservedRunnerSet["settings"];

export const LISTENER_SETTINGS = {
  namespace: STORY.controllerNamespace,
  entrypoint: "/ghalistener",
  metricsAddress: ":8080",
  metricsEndpoint: "/metrics",
  logLevel: "info",
  logFormat: "json",
  excludedLabelPrefixes: [],
  githubHosts: "",
  forceGhes: false,
} as const satisfies ObservedListener["settings"];

export const TARGET = {
  namespace: STORY.namespace,
  configUrl: STORY.configUrl,
  secretName: STORY.secret,
} as const;

/** Registered, with usable credentials and without children. */
export function observedRunnerSet(changes: Partial<ObservedRunnerSet> = {}): ObservedRunnerSet {
  return {
    set: aRunnerSet(),
    runnerSets: [],
    listeners: [],
    listenerPods: [],
    runnerCount: 0,
    credentials: GOOD_CREDENTIALS,
    settings: SETTINGS,
    ...changes,
  };
}

/** With its runner set and usable credentials, and without children. */
export function observedListener(changes: Partial<ObservedListener> = {}): ObservedListener {
  return {
    key: { namespace: STORY.controllerNamespace, name: STORY.listener },
    listener: aListener(),
    runnerSet: aRunnerSet(),
    serviceAccount: undefined,
    roles: [],
    roleBindings: [],
    pod: undefined,
    credentials: GOOD_CREDENTIALS,
    settings: LISTENER_SETTINGS,
    ...changes,
  };
}

/** No runner wanted, none there, served by one of our listeners. */
export function observedSet(
  changes: Partial<ObservedEphemeralRunnerSet> = {},
): ObservedEphemeralRunnerSet {
  return {
    set: anEphemeralRunnerSet(),
    runners: [],
    served: { patchId: 0, replicas: 0 },
    completed: new Set(),
    departed: 0,
    excludedLabelPrefixes: [],
    ...changes,
  };
}

export const NO_DEADLINES = { startMs: 0, stopMs: 0 } as const;

/** Idle, with its id known; its pod has to be given. Nothing has to happen in time. */
export function observedRunner(changes: Partial<ObservedRunner> = {}): ObservedRunner {
  const runner = changes.runner ?? aRunner();
  return {
    runner,
    pod: undefined,
    runnerId: runner.status?.runnerId,
    completedMs: undefined,
    deadlines: NO_DEADLINES,
    settings: { userAgent: "actions-runner-controller/0.1.0", excludedLabelPrefixes: [] },
    ...changes,
  };
}

/** All steps in order, groups laid flat. */
export function stepsOf(plan: Plan): readonly Step[] {
  return plan.steps.flat();
}

/** What the steps do, in short: `create Pod`, `patch EphemeralRunnerSet linux`, `note-served`. */
export function outline(plan: Plan): readonly string[] {
  return stepsOf(plan).map((step) => {
    switch (step.do) {
      case "create":
        return `create ${step.type.kind}`;
      case "patch":
      case "delete":
      case "confirm-gone":
      case "look-at":
      case "release-protected":
        return `${step.do} ${step.type.kind} ${step.key.name}`;
      case "add-finalizer":
      case "remove-finalizers":
        return `${step.do} ${step.finalizers.join(" ")}`;
      case "record-event":
        return `${step.do} ${step.reason}`;
      case "replace-runner":
        return `${step.do} ${step.key.name}`;
      case "retire-runners":
        return `retire ${step.count} of ${step.candidates.map(({ key }) => key.name).join(" ")}`;
      default:
        return step.do;
    }
  });
}

/** The steps of one name. */
export function only<Name extends Step["do"]>(
  plan: Plan,
  name: Name,
): readonly Extract<Step, { do: Name }>[] {
  return stepsOf(plan).filter((step): step is Extract<Step, { do: Name }> => step.do === name);
}

/** An object as a server would have stored it. */
export function storedAs<T extends KubeObject>(type: AnyType, object: T): T {
  const metadata = { ...object.metadata, uid: uidOf(type, keyOf(object)), resourceVersion: "1" };
  return { ...object, metadata };
}

/** The object of a kind that a plan creates, as stored. `undefined`: the plan creates none. */
export function created<T extends KubeObject>(plan: Plan, kind: string): T | undefined {
  const step = only(plan, "create").find(({ type }) => type.kind === kind);
  return step && storedAs(step.type, step.object) as T;
}

/** The object after the plan's patch of its kind and its status write. */
export function after<T extends KubeObject>(plan: Plan, object: T): T {
  const patched = only(plan, "patch")
    .filter(({ type, key }) => type.kind === object.kind && key.name === object.metadata?.name)
    .reduce((now: unknown, { patch }) => applyMergePatch(now, patch), object);
  const { status } = plan;
  if (status?.type.kind !== object.kind || status?.key.name !== object.metadata?.name) {
    return patched as T;
  }
  return applyMergePatch(patched, { status: status?.patch }) as T;
}

/** Registers a test that runs without any permission. */
export function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}
