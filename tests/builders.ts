/**
 * Objects as an API server would return them, complete and all of one story: runner set "linux" of the organization
 * "acme", registered and settled. A test names only what matters to it. Pure: the same arguments give equal objects.
 */
import { AUTOSCALING_LISTENERS, type AutoscalingListener } from "../crds/autoscaling_listener.ts";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../crds/ephemeral_runner_set.ts";
import {
  ANNOTATIONS,
  COMPONENTS,
  FINALIZERS,
  LABELS,
  MAX_RUNNERS,
  PART_OF,
} from "../crds/group.ts";
import { listenerName } from "../crds/names.ts";
import {
  type AnyType,
  apiVersionOf,
  type KubeObject,
  type ObjectKey,
  type OwnerReference,
  type Pod,
  type ResourceType,
} from "../kube/types.ts";
import { PODS } from "../kube/resources.ts";
import { applyMergePatch, shortHash } from "../lib/json.ts";
import { inState, type PodInState } from "./pod_states.ts";
import { CREATED, stampAfter } from "./times.ts";

/** The names that all builders share unless told otherwise. */
export const STORY = {
  controllerNamespace: "arc-systems",
  namespace: "arc-runners",
  runnerSet: "linux",
  runner: "linux-runner-a1b2c",
  listener: listenerName({
    runnerSetName: "linux",
    runnerSetNamespace: "arc-runners",
    runnerGroup: "",
    configUrl: "https://github.com/acme",
  }),
  configUrl: "https://github.com/acme",
  secret: "github-credentials",
  scaleSetId: 7,
  runnerId: 101,
  jobId: "9a3f0c1e-5b1d-4b7e-8a53-0f6f2f7d9c11",
} as const;

/** A part of `T` to lay over a default: objects are merged, lists replaced, `null` removes. */
export type Patch<T> = T extends readonly unknown[] ? T
  : T extends object ? { readonly [K in keyof T]?: Patch<T[K]> | null }
  : T;

/** What every builder takes. */
export type Changes<T extends KubeObject> = Patch<T> & {
  readonly name?: string;
  readonly namespace?: string;
  /** Deletion was asked for 60 s after {@link CREATED}. */
  readonly deleting?: boolean;
};

/** As the user applied it when `fresh`, else registered at GitHub with an idle listener. */
export function aRunnerSet(
  changes: Changes<AutoscalingRunnerSet> & { readonly fresh?: boolean } = {},
): AutoscalingRunnerSet {
  const { fresh, ...rest } = changes;
  const name = changes.name ?? STORY.runnerSet;
  return stored<AutoscalingRunnerSet>(AUTOSCALING_RUNNER_SETS, {
    metadata: {
      name,
      namespace: STORY.namespace,
      labels: { ...labelsFor("autoscaling-runner-set"), "app.kubernetes.io/managed-by": "Helm" },
      ...(!fresh && {
        finalizers: [FINALIZERS.runnerSet],
        annotations: {
          [ANNOTATIONS.scaleSetId]: String(STORY.scaleSetId),
          [ANNOTATIONS.runnerGroupName]: "Default",
          [ANNOTATIONS.scaleSetName]: name,
          [ANNOTATIONS.registeredUrl]: STORY.configUrl,
        },
      }),
    },
    spec: {
      githubConfigUrl: STORY.configUrl,
      githubConfigSecret: STORY.secret,
      minRunners: 0,
      maxRunners: 5,
      template: { spec: { containers: [RUNNER_CONTAINER], restartPolicy: "Never" } },
    },
    ...(!fresh && {
      status: {
        currentRunners: 0,
        phase: "Running",
        pendingEphemeralRunners: 0,
        runningEphemeralRunners: 0,
        failedEphemeralRunners: 0,
        observedGeneration: 1,
      },
    }),
  }, rest);
}

/** No runners wanted, none there. */
export function anEphemeralRunnerSet(
  changes: Changes<EphemeralRunnerSet> = {},
): EphemeralRunnerSet {
  const { namespace = STORY.namespace, name = STORY.runnerSet } = changes;
  return stored<EphemeralRunnerSet>(EPHEMERAL_RUNNER_SETS, {
    metadata: {
      name: STORY.runnerSet,
      namespace: STORY.namespace,
      labels: labelsFor(COMPONENTS.runnerSet),
      annotations: GROUP_ANNOTATIONS,
      ownerReferences: [ownedBy(AUTOSCALING_RUNNER_SETS, { namespace, name })],
    },
    spec: { patchID: 0, ephemeralRunnerSpec: RUNNER_SPEC },
    status: { currentReplicas: 0, phase: "Running", observedGeneration: 1 },
  }, changes);
}

/** What a test says about a runner. */
export type RunnerChanges = Changes<EphemeralRunner> & {
  /** A job was assigned: the listener has written the job's fields. */
  readonly hasJob?: boolean;
  /** "" is a runner as it was created: unknown to GitHub, no status. Default: Running, registered, ready. */
  readonly phase?: "" | "Pending" | "Running" | "Succeeded" | "Failed" | "Outdated";
};

export function aRunner(changes: RunnerChanges = {}): EphemeralRunner {
  const { hasJob, phase = "Running", ...rest } = changes;
  const { namespace = STORY.namespace, name = STORY.runner } = changes;
  return stored<EphemeralRunner>(EPHEMERAL_RUNNERS, {
    metadata: {
      name,
      generateName: `${STORY.runnerSet}-runner-`,
      namespace: STORY.namespace,
      labels: labelsFor(COMPONENTS.runner),
      annotations: { ...GROUP_ANNOTATIONS, [ANNOTATIONS.patchId]: "0" },
      finalizers: [FINALIZERS.runnerRegistration],
      ownerReferences: [ownedBy(EPHEMERAL_RUNNER_SETS, { namespace, name: STORY.runnerSet })],
    },
    spec: RUNNER_SPEC,
    ...(phase !== "" && {
      status: {
        phase,
        ready: phase === "Running",
        runnerId: STORY.runnerId,
        runnerName: name,
        ...(hasJob && JOB),
      },
    }),
  }, rest);
}

/** In the controller's namespace, for the runner set of the story. */
export function aListener(changes: Changes<AutoscalingListener> = {}): AutoscalingListener {
  return stored<AutoscalingListener>(AUTOSCALING_LISTENERS, {
    metadata: {
      name: STORY.listener,
      namespace: STORY.controllerNamespace,
      labels: labelsFor(COMPONENTS.listener),
    },
    spec: {
      githubConfigUrl: STORY.configUrl,
      githubConfigSecret: STORY.secret,
      runnerScaleSetId: STORY.scaleSetId,
      autoscalingRunnerSetNamespace: STORY.namespace,
      autoscalingRunnerSetName: STORY.runnerSet,
      ephemeralRunnerSetName: STORY.runnerSet,
      minRunners: 0,
      maxRunners: MAX_RUNNERS,
      image: "ghcr.io/longshore/longshore:0.1.0",
    },
  }, changes);
}

/** What a test says about a pod; its state follows by method, e.g. `aPod().failedWith(7)`. */
export type PodChanges = Patch<Pod> & {
  readonly name?: string;
  readonly namespace?: string;
};

/** The pod of the runner `name`, scheduled and not started. */
export function aPod(changes: PodChanges = {}): PodInState {
  const { namespace = STORY.namespace, name = STORY.runner } = changes;
  const pod = stored<Pod>(PODS, {
    metadata: {
      name,
      namespace,
      labels: { ...labelsFor(COMPONENTS.runner), [LABELS.ephemeralRunner]: "True" },
      annotations: { ...GROUP_ANNOTATIONS, [ANNOTATIONS.patchId]: "0" },
      ownerReferences: [ownedBy(EPHEMERAL_RUNNERS, { namespace, name })],
    },
    spec: { ...RUNNER_SPEC.spec, nodeName: "node-1" },
  }, changes);
  return inState(pod, "runner");
}

/** The pod of the listener `name`, scheduled and not started. */
export function aListenerPod(changes: PodChanges = {}): PodInState {
  const { namespace = STORY.controllerNamespace, name = STORY.listener } = changes;
  const pod = stored<Pod>(PODS, {
    metadata: {
      name,
      namespace,
      labels: labelsFor(COMPONENTS.listener),
      ownerReferences: [ownedBy(AUTOSCALING_LISTENERS, { namespace, name })],
    },
    spec: {
      containers: [{ name: "listener", image: "ghcr.io/longshore/longshore:0.1.0" }],
      serviceAccountName: name,
      restartPolicy: "Never",
      nodeName: "node-1",
    },
  }, changes);
  return inState(pod, "listener");
}

/** The UID that every builder gives to the object of that name, so that owners and children find each other. */
export function uidOf(type: AnyType, key: ObjectKey): string {
  const digits = shortHash([type.kind, key.namespace, key.name]);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13)}-8000-000000000000`;
}

/** The reference of a child to the object of that name. */
export function ownedBy(type: AnyType, owner: ObjectKey): OwnerReference {
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name: owner.name,
    uid: uidOf(type, owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

const RUNNER_CONTAINER = {
  name: "runner",
  image: "ghcr.io/actions/actions-runner:latest",
  command: ["/home/runner/run.sh"],
} as const;

const RUNNER_SPEC = {
  githubConfigUrl: STORY.configUrl,
  githubConfigSecret: STORY.secret,
  runnerScaleSetId: STORY.scaleSetId,
  spec: { containers: [RUNNER_CONTAINER], restartPolicy: "Never" },
} as const;

const GROUP_ANNOTATIONS = {
  [ANNOTATIONS.runnerGroupName]: "Default",
  [ANNOTATIONS.scaleSetName]: STORY.runnerSet,
};

const JOB = {
  jobRequestId: 4711,
  jobId: STORY.jobId,
  jobRepositoryName: "acme/shop",
  jobWorkflowRef: "acme/shop/.github/workflows/ci.yaml@refs/heads/main",
  workflowRunId: 8080808080,
  jobDisplayName: "build",
} as const;

function labelsFor(component: string): Readonly<Record<string, string>> {
  return {
    [LABELS.partOf]: PART_OF,
    [LABELS.component]: component,
    [LABELS.version]: "0.14.2",
    [LABELS.scaleSetName]: STORY.runnerSet,
    [LABELS.scaleSetNamespace]: STORY.namespace,
    [LABELS.organization]: "acme",
  };
}

/** Lays the changes over the default and adds what the server adds. */
function stored<T extends KubeObject>(
  type: ResourceType<T>,
  object: T,
  changes: Readonly<Record<string, unknown>>,
): T {
  const { name, namespace, deleting, ...patch } = changes;
  const key = {
    namespace: String(namespace ?? object.metadata?.namespace),
    name: String(name ?? object.metadata?.name),
  };
  const complete = {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    ...object,
    metadata: {
      ...object.metadata,
      ...key,
      uid: uidOf(type, key),
      resourceVersion: "1",
      generation: 1,
      creationTimestamp: CREATED,
      ...(deleting === true && {
        deletionTimestamp: stampAfter(60),
        deletionGracePeriodSeconds: 0,
        generation: 2,
      }),
    },
  };
  return applyMergePatch(complete, patch) as T;
}
