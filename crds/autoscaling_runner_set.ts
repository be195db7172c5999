/** AutoscalingRunnerSet: what a user asks for; one scale set at GitHub. Upstream: `autoscalingrunnerset_types.go`. */
import type { KubeObject } from "../kube/types.ts";
import { type KindDefinition, ourType } from "./kind.ts";
import { allOptional, type Infer, int, list, optional, record, text } from "./schema.ts";
import {
  conditionsField,
  metricsField,
  podTemplateField,
  proxyField,
  readyColumns,
  resourceMetaField,
  tlsField,
  vaultField,
} from "./shared_fields.ts";

const spec = record(
  allOptional({
    githubConfigUrl: text({ doc: "URL of the organization, repository or enterprise." }),
    githubConfigSecret: text({ doc: "Secret with the credentials, in this namespace." }),
    runnerGroup: text({ doc: "Runner group at GitHub. Absent: the default group." }),
    runnerScaleSetName: text({ doc: "Name at GitHub. Absent: the name of this object." }),
    runnerScaleSetLabels: list(text(), { doc: "Labels besides the name that route jobs here." }),
    proxy: proxyField,
    githubServerTLS: tlsField,
    vaultConfig: vaultField,
    template: { ...podTemplateField },
    autoscalingListener: resourceMetaField,
    listenerMetrics: metricsField,
    listenerTemplate: podTemplateField,
    listenerServiceAccountMetadata: resourceMetaField,
    listenerRoleMetadata: resourceMetaField,
    listenerRoleBindingMetadata: resourceMetaField,
    listenerConfigSecretMetadata: resourceMetaField,
    ephemeralRunnerSetMetadata: resourceMetaField,
    ephemeralRunnerMetadata: resourceMetaField,
    ephemeralRunnerConfigSecretMetadata: resourceMetaField,
    maxRunners: int({ min: 0, doc: "Most runners at a time. Absent: no limit." }),
    minRunners: int({ min: 0, doc: "Idle runners kept besides those with a job. Absent: 0." }),
  }),
  {
    writtenBy: "user",
    rules: [{
      rule: "!has(self.minRunners) || !has(self.maxRunners) || self.minRunners <= self.maxRunners",
      message: "minRunners must not be greater than maxRunners",
    }],
  },
);

const status = record({
  currentRunners: optional(int()),
  phase: optional(text({ doc: "Pending, Running or Outdated." })),
  pendingEphemeralRunners: optional(int()),
  runningEphemeralRunners: optional(int()),
  finishedEphemeralRunners: optional(int()),
  deletingEphemeralRunners: optional(int()),
  failedEphemeralRunners: optional(int()),
  propagatedKeys: optional(list(text(), {
    doc: "Label (l:) and annotation (a:) keys that the EphemeralRunnerSet has from this object.",
  })),
  observedGeneration: optional(int({ bits: 64 })),
  conditions: optional(conditionsField),
}, { writtenBy: "controller" });

export type AutoscalingRunnerSetSpec = Infer<typeof spec>;
export type AutoscalingRunnerSetStatus = Infer<typeof status>;
export type AutoscalingRunnerSet = KubeObject & {
  readonly spec?: AutoscalingRunnerSetSpec;
  readonly status?: AutoscalingRunnerSetStatus;
};

export const AUTOSCALING_RUNNER_SETS = ourType<AutoscalingRunnerSet>("AutoscalingRunnerSet");

export const autoscalingRunnerSetKind: KindDefinition = {
  type: AUTOSCALING_RUNNER_SETS,
  doc: "A set of self-hosted GitHub Actions runners that grows and shrinks with the queue of jobs.",
  spec,
  status,
  columns: [
    { name: "Minimum Runners", type: "integer", jsonPath: ".spec.minRunners" },
    { name: "Maximum Runners", type: "integer", jsonPath: ".spec.maxRunners" },
    { name: "Current Runners", type: "integer", jsonPath: ".status.currentRunners" },
    { name: "Phase", type: "string", jsonPath: ".status.phase" },
    { name: "Pending Runners", type: "integer", jsonPath: ".status.pendingEphemeralRunners" },
    { name: "Running Runners", type: "integer", jsonPath: ".status.runningEphemeralRunners" },
    { name: "Finished Runners", type: "integer", jsonPath: ".status.finishedEphemeralRunners" },
    { name: "Deleting Runners", type: "integer", jsonPath: ".status.deletingEphemeralRunners" },
    ...readyColumns,
  ],
};
