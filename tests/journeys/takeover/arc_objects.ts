/**
 * The objects of a runner set as ARC's controller and chart leave them, built from the specification and never from our
 * own builders: those must find their way about in objects that they did not make. Pure.
 */
import {
  ANNOTATIONS,
  COMPONENTS,
  CONTAINERS,
  FINALIZERS,
  LABELS,
  LISTENER_CONFIG,
  RUNNER_ENV,
} from "../../../crds/group.ts";
import { listenerName } from "../../../crds/names.ts";
import type { KubeObject, OwnerReference } from "../../../kube/types.ts";
import { ARC_HASHES, ARC_ROLE_HASHES, arcLabels, type ArcRelease } from "./arc_release.ts";

export const ARC_URL = "https://github.com/acme";
export const ARC_SET = { namespace: "arc-runners", name: "linux" } as const;
export const ARC_SYSTEM = "arc-systems";
export const ARC_LISTENER = listenerName({
  runnerSetName: ARC_SET.name,
  runnerSetNamespace: ARC_SET.namespace,
  runnerGroup: "",
  configUrl: ARC_URL,
});

/** Anything that an API server stores. */
export type Stored = KubeObject & Readonly<Record<string, unknown>>;

/** Members of a status, to be merged into it. */
type Status = Readonly<Record<string, unknown>>;

interface ArcTemplate {
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly image: string;
      readonly command: readonly string[];
    }[];
    readonly restartPolicy: "Never";
    readonly serviceAccountName: string;
  };
}

/** A set that ARC registered. */
export interface ArcSet {
  readonly release: ArcRelease;
  readonly scaleSetId: number;
  readonly min: number;
  readonly max: number;
  /** Of the AutoscalingRunnerSet. */
  readonly owner: OwnerReference;
  /** Name of the newest EphemeralRunnerSet: ARC generated it until 0.14.2. */
  readonly generation: string;
  /** Name of the Secret with its credential. */
  readonly secret: string;
  /** ServiceAccount of its runners. */
  readonly account: string;
}

export interface ArcRunner {
  readonly name: string;
  readonly id: number;
  /** The secret that its pod hands to the runner. */
  readonly jitConfig: string;
}

const GROUP_VERSION = "actions.github.com/v1alpha1";
const RBAC = "rbac.authorization.k8s.io";

export function arcImage({ version }: ArcRelease): string {
  return `ghcr.io/actions/gha-runner-scale-set-controller:${version}`;
}

/** The pod template of the set, in the order in which the chart renders it; an outdated one had another image. */
export function arcTemplate(
  { account }: Pick<ArcSet, "account">,
  image = "ghcr.io/actions/actions-runner:latest",
): ArcTemplate {
  return {
    spec: {
      containers: [{ name: CONTAINERS.runner, image, command: ["/home/runner/run.sh"] }],
      restartPolicy: "Never",
      serviceAccountName: account,
    },
  };
}

/** What ARC's controller and chart put on the AutoscalingRunnerSet beside its spec. */
export function arcSetMetadata(
  release: ArcRelease,
  scaleSetId: number,
): NonNullable<KubeObject["metadata"]> {
  return {
    labels: {
      ...arcLabels(release, COMPONENTS.runnerSet),
      [LABELS.component]: "autoscaling-runner-set",
    },
    annotations: {
      [ANNOTATIONS.scaleSetId]: String(scaleSetId),
      [ANNOTATIONS.runnerGroupName]: "Default",
      [ANNOTATIONS.scaleSetName]: ARC_SET.name,
      [ARC_HASHES.changeHash]: "6c8d5f4b9",
      [ARC_HASHES.valuesHash]: "9b1d3c7e5f",
    },
    finalizers: [FINALIZERS.runnerSet],
  };
}

export function arcRunnerSet(
  set: ArcSet,
  changes: { readonly name: string; readonly replicas: number; readonly image?: string },
): Stored {
  return {
    apiVersion: GROUP_VERSION,
    kind: "EphemeralRunnerSet",
    metadata: {
      name: changes.name,
      namespace: ARC_SET.namespace,
      labels: arcLabels(set.release, COMPONENTS.runnerSet),
      annotations: {
        [ARC_HASHES.runnerSpecHash]: "7b8c9d6f4d",
        [ANNOTATIONS.runnerGroupName]: "Default",
        [ANNOTATIONS.scaleSetName]: ARC_SET.name,
      },
      finalizers: [FINALIZERS.ephemeralRunner],
      ownerReferences: [set.owner],
    },
    spec: {
      patchID: 41,
      replicas: changes.replicas,
      ephemeralRunnerSpec: arcRunnerSpec(set, changes.image),
    },
  };
}

function arcRunnerSpec(set: ArcSet, image?: string) {
  return {
    githubConfigUrl: ARC_URL,
    githubConfigSecret: set.secret,
    runnerScaleSetId: set.scaleSetId,
    ...arcTemplate(set, image),
  };
}

/** The runner, its Secret and its pod; both belong to `owner`, which is known once the runner is stored. */
export function arcRunner(
  set: ArcSet,
  runner: ArcRunner,
  { owner, image }: { readonly owner: OwnerReference; readonly image?: string },
): Stored {
  return {
    apiVersion: GROUP_VERSION,
    kind: "EphemeralRunner",
    metadata: {
      name: runner.name,
      namespace: ARC_SET.namespace,
      labels: arcLabels(set.release, COMPONENTS.runner),
      annotations: {
        [ARC_HASHES.runnerSpecHash]: "7b8c9d6f4d",
        [ANNOTATIONS.patchId]: "41",
        [ANNOTATIONS.runnerGroupName]: "Default",
        [ANNOTATIONS.scaleSetName]: ARC_SET.name,
      },
      finalizers: [FINALIZERS.ephemeralRunner, FINALIZERS.runnerRegistration],
      ownerReferences: [owner],
    },
    spec: arcRunnerSpec(set, image),
  };
}

export function arcRunnerStatus({ release }: ArcSet, runner: ArcRunner): Status {
  return {
    ready: true,
    phase: "Running",
    runnerId: runner.id,
    runnerName: runner.name,
    ...(release.jobs === "request" && { runnerJITConfig: runner.jitConfig }),
  };
}

/** What ARC's listener writes when a job starts. */
export function arcJobStatus(
  { jobs }: ArcRelease,
  job: { readonly id: string; readonly request: number },
): Status {
  return {
    jobRequestId: job.request,
    jobRepositoryName: "acme/widgets",
    jobDisplayName: "build",
    jobWorkflowRef: "acme/widgets/.github/workflows/ci.yaml@refs/heads/main",
    workflowRunId: 77,
    ...(jobs === "id" && { jobId: job.id }),
  };
}

export function arcJitSecret(set: ArcSet, runner: ArcRunner, owner: OwnerReference): Stored {
  const whose = {
    runnerName: btoa(runner.name),
    runnerId: btoa(String(runner.id)),
    scaleSetId: btoa(String(set.scaleSetId)),
  };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: runner.name, namespace: ARC_SET.namespace, ownerReferences: [owner] },
    data: { jitToken: btoa(runner.jitConfig), ...(set.release.jobs === "id" && whose) },
  };
}

export function arcRunnerPod(
  set: ArcSet,
  runner: ArcRunner,
  { owner, image }: { readonly owner: OwnerReference; readonly image?: string },
): Stored {
  const { spec } = arcTemplate(set, image);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: runner.name,
      namespace: ARC_SET.namespace,
      labels: {
        ...arcLabels(set.release, COMPONENTS.runner),
        [LABELS.ephemeralRunner]: "True",
        [LABELS.podTemplateHash]: "6f5b8c7d9",
      },
      annotations: {
        [ARC_HASHES.runnerSpecHash]: "7b8c9d6f4d",
        [ANNOTATIONS.patchId]: "41",
        [ANNOTATIONS.runnerGroupName]: "Default",
        [ANNOTATIONS.scaleSetName]: ARC_SET.name,
      },
      ownerReferences: [owner],
    },
    spec: {
      ...spec,
      containers: spec.containers.map((container) => ({
        ...container,
        env: [
          {
            name: RUNNER_ENV.jitConfig,
            valueFrom: { secretKeyRef: { name: runner.name, key: "jitToken" } },
          },
          {
            name: RUNNER_ENV.userAgent,
            value: `actions-runner-controller/${set.release.version}`,
          },
          { name: RUNNER_ENV.outdatedExitCode, value: "1" },
        ],
      })),
    },
  };
}

/** The AutoscalingListener; what belongs to it is of {@link arcListenerChildren}. */
export function arcListener(set: ArcSet): Stored {
  return {
    apiVersion: GROUP_VERSION,
    kind: "AutoscalingListener",
    metadata: {
      name: ARC_LISTENER,
      namespace: ARC_SYSTEM,
      labels: arcLabels(set.release, COMPONENTS.listener),
      annotations: {
        [ARC_HASHES.runnerSpecHash]: "5d7f9c8b6f",
        [ARC_HASHES.valuesHash]: "9b1d3c7e5f",
      },
      finalizers: [FINALIZERS.listener],
    },
    spec: {
      githubConfigUrl: ARC_URL,
      githubConfigSecret: set.secret,
      runnerScaleSetId: set.scaleSetId,
      autoscalingRunnerSetNamespace: ARC_SET.namespace,
      autoscalingRunnerSetName: ARC_SET.name,
      ephemeralRunnerSetName: set.generation,
      minRunners: set.min,
      maxRunners: set.max,
      image: arcImage(set.release),
    },
  };
}

export function arcListenerChildren(set: ArcSet, owner: OwnerReference): readonly Stored[] {
  const labels = arcLabels(set.release, COMPONENTS.listener);
  const here = { name: ARC_LISTENER, namespace: ARC_SYSTEM };
  const there = { name: ARC_LISTENER, namespace: ARC_SET.namespace };
  const named = {
    ...labels,
    [LABELS.listenerNamespace]: ARC_SYSTEM,
    [LABELS.listenerName]: ARC_LISTENER,
  };
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { ...here, labels, ownerReferences: [owner] },
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "Role",
      metadata: { ...there, labels: { ...named, [ARC_ROLE_HASHES.rules]: "84cb8fc5fb" } },
      rules: [
        {
          apiGroups: ["actions.github.com"],
          resources: ["ephemeralrunnersets"],
          resourceNames: [set.generation],
          verbs: ["patch"],
        },
        {
          apiGroups: ["actions.github.com"],
          resources: ["ephemeralrunners", "ephemeralrunners/status"],
          verbs: ["patch"],
        },
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "RoleBinding",
      metadata: {
        ...there,
        labels: {
          ...named,
          [ARC_ROLE_HASHES.roleRef]: "7d9c5b8f6d",
          [ARC_ROLE_HASHES.subject]: "5f6b9d7c8b",
        },
      },
      roleRef: { apiGroup: RBAC, kind: "Role", name: ARC_LISTENER },
      subjects: [{ kind: "ServiceAccount", name: ARC_LISTENER, namespace: ARC_SYSTEM }],
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: `${ARC_LISTENER}-config`,
        namespace: ARC_SYSTEM,
        labels,
        ownerReferences: [owner],
      },
      data: { [LISTENER_CONFIG.key]: btoa(arcListenerConfig(set)) },
    },
    arcListenerPod(set, owner),
  ];
}

function arcListenerConfig(set: ArcSet): string {
  return JSON.stringify({
    configure_url: ARC_URL,
    vault_type: "",
    vault_lookup_key: "",
    github_app_id: "",
    github_app_installation_id: 0,
    github_app_private_key: "",
    github_token: "ghp_example",
    ephemeral_runner_set_namespace: ARC_SET.namespace,
    ephemeral_runner_set_name: set.generation,
    max_runners: set.max,
    min_runners: set.min,
    runner_scale_set_id: set.scaleSetId,
    runner_scale_set_name: ARC_SET.name,
    server_root_ca: "",
    log_level: "debug",
    log_format: "text",
    metrics_addr: "",
    metrics_endpoint: "",
    metrics: null,
  });
}

function arcListenerPod(set: ArcSet, owner: OwnerReference): Stored {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: ARC_LISTENER,
      namespace: ARC_SYSTEM,
      labels: arcLabels(set.release, COMPONENTS.listener),
      ownerReferences: [owner],
    },
    spec: {
      serviceAccountName: ARC_LISTENER,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 60,
      nodeSelector: { "kubernetes.io/os": "linux" },
      containers: [{
        name: CONTAINERS.listener,
        image: arcImage(set.release),
        command: ["/ghalistener"],
        env: [{
          name: LISTENER_CONFIG.env,
          value: `${LISTENER_CONFIG.mountPath}/${LISTENER_CONFIG.key}`,
        }],
        volumeMounts: [{
          name: LISTENER_CONFIG.volume,
          mountPath: LISTENER_CONFIG.mountPath,
          readOnly: true,
        }],
      }],
      volumes: [{ name: LISTENER_CONFIG.volume, secret: { secretName: `${ARC_LISTENER}-config` } }],
    },
  };
}
