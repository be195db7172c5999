/** EphemeralRunner: one runner for one job. Upstream: `ephemeralrunner_types.go`. */
import type { KubeObject, ObjectMeta, PodSpec } from "../kube/types.ts";
import { type KindDefinition, ourType } from "./kind.ts";
import { bool, type Infer, int, map, opaque, optional, record, text } from "./schema.ts";
import {
  conditionsField,
  proxyField,
  resourceMetaField,
  tlsField,
  vaultField,
} from "./shared_fields.ts";

/** The rows of a runner's spec; a set of runners embeds them. The pod template is inlined: `metadata` and `spec`. */
export const ephemeralRunnerSpecField = record({
  githubConfigUrl: text(),
  githubConfigSecret: text(),
  runnerScaleSetId: int(),
  githubServerTLS: optional(tlsField),
  proxy: optional(proxyField),
  proxySecretRef: optional(text({ doc: "Secret with the proxy variables of the runner's pod." })),
  vaultConfig: optional(vaultField),
  ephemeralRunnerConfigSecretMetadata: optional(resourceMetaField),
  metadata: optional(opaque<ObjectMeta>({ doc: "Labels and annotations of the runner's pod." })),
  spec: optional(
    opaque<PodSpec>({ doc: "The runner's pod; its runner container is named runner." }),
  ),
}, { writtenBy: "controller" });

const status = record({
  ready: optional(bool({ doc: "The runner's pod is ready." })),
  phase: optional(
    text({ doc: "Pending, Running, Succeeded, Failed or Outdated; empty at first." }),
  ),
  reason: optional(text()),
  message: optional(text()),
  runnerId: optional(int({ doc: "The runner's id at GitHub." })),
  runnerName: optional(text()),
  failures: optional(
    map(text({ format: "date-time" }), { doc: "By UID of the failed pod: when." }),
  ),
  jobRequestId: optional(int({ bits: 64, writtenBy: "listener" })),
  jobId: optional(text({ writtenBy: "listener", doc: "Not empty: this runner has a job." })),
  jobRepositoryName: optional(text({ writtenBy: "listener" })),
  jobWorkflowRef: optional(text({ writtenBy: "listener" })),
  workflowRunId: optional(int({ bits: 64, writtenBy: "listener" })),
  jobDisplayName: optional(text({ writtenBy: "listener" })),
  conditions: optional(conditionsField),
}, { writtenBy: "controller" });

/** Reasons in a runner's status that its set acts on. */
export const RUNNER_REASONS = {
  /** Its pod does not fit into a quota; it waits. */
  quotaExceeded: "QuotaExceeded",
  /** No node takes its pod. */
  unschedulable: "Unschedulable",
  /** GitHub refused the version of the runner. */
  outdated: "Outdated",
  /** GitHub has not let it register for a while. */
  notRegistered: "RegistrationFailed",
  /** It does not come to run, and will not by itself. */
  notStarting: [
    "RegistrationFailed",
    "ImagePullFailed",
    "InvalidImageName",
    "ContainerConfigFailed",
  ],
} as const;

export type EphemeralRunnerSpec = Infer<typeof ephemeralRunnerSpecField>;
export type EphemeralRunnerStatus = Infer<typeof status>;
export type EphemeralRunner = KubeObject & {
  readonly spec?: EphemeralRunnerSpec;
  readonly status?: EphemeralRunnerStatus;
};

export const EPHEMERAL_RUNNERS = ourType<EphemeralRunner>("EphemeralRunner");

export const ephemeralRunnerKind: KindDefinition = {
  type: EPHEMERAL_RUNNERS,
  doc: "A runner that is registered at GitHub, runs one job in its pod, and goes.",
  spec: ephemeralRunnerSpecField,
  status,
  columns: [
    { name: "GitHub Config URL", type: "string", jsonPath: ".spec.githubConfigUrl" },
    { name: "RunnerId", type: "number", jsonPath: ".status.runnerId" },
    { name: "Phase", type: "string", jsonPath: ".status.phase" },
    { name: "JobRepository", type: "string", jsonPath: ".status.jobRepositoryName" },
    { name: "JobWorkflowRef", type: "string", jsonPath: ".status.jobWorkflowRef" },
    { name: "WorkflowRunId", type: "number", jsonPath: ".status.workflowRunId" },
    { name: "JobDisplayName", type: "string", jsonPath: ".status.jobDisplayName" },
    { name: "JobId", type: "string", jsonPath: ".status.jobId" },
    { name: "Message", type: "string", jsonPath: ".status.message" },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
};
