/** AutoscalingListener: the listener of one runner set, in the controller's namespace. Upstream: `autoscalinglistener_types.go`. */
import type { KubeObject, LocalObjectReference } from "../kube/types.ts";
import { type KindDefinition, ourType } from "./kind.ts";
import { allOptional, type Field, type Infer, int, optional, record, text } from "./schema.ts";
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

const pullSecrets: Field<readonly LocalObjectReference[]> = {
  schema: {
    type: "array",
    items: { type: "object", properties: { name: { type: "string", default: "" } } },
  },
};

const spec = record(
  allOptional({
    githubConfigUrl: text(),
    githubConfigSecret: text(),
    runnerScaleSetId: int(),
    autoscalingRunnerSetNamespace: text(),
    autoscalingRunnerSetName: text(),
    ephemeralRunnerSetName: text(),
    maxRunners: int({ min: 0, doc: "Followed live by a running listener." }),
    minRunners: int({ min: 0, doc: "Followed live by a running listener." }),
    capacity: int({
      min: 0,
      doc:
        "Runners that the cluster has room for just now; GitHub is told the lesser of this and " +
        "maxRunners. Followed live. Absent: no such limit.",
    }),
    image: text(),
    imagePullSecrets: pullSecrets,
    proxy: proxyField,
    githubServerTLS: tlsField,
    vaultConfig: vaultField,
    metrics: metricsField,
    template: podTemplateField,
    configSecretMetadata: resourceMetaField,
    serviceAccountMetadata: resourceMetaField,
    roleMetadata: resourceMetaField,
    roleBindingMetadata: resourceMetaField,
  }),
  { writtenBy: "controller" },
);

const status = record({
  restarts: optional(int({ doc: "How often the listener ended by itself without lasting." })),
  lastRestartTime: optional(text({ format: "date-time" })),
  observedGeneration: optional(int({ bits: 64 })),
  conditions: optional(conditionsField),
}, { writtenBy: "controller" });

export type AutoscalingListenerSpec = Infer<typeof spec>;
export type AutoscalingListenerStatus = Infer<typeof status>;
export type AutoscalingListener = KubeObject & {
  readonly spec?: AutoscalingListenerSpec;
  readonly status?: AutoscalingListenerStatus;
};

export const AUTOSCALING_LISTENERS = ourType<AutoscalingListener>("AutoscalingListener");

export const autoscalingListenerKind: KindDefinition = {
  type: AUTOSCALING_LISTENERS,
  doc: "The process that listens to GitHub's queue for one AutoscalingRunnerSet.",
  spec,
  status,
  columns: [
    { name: "GitHub Configure URL", type: "string", jsonPath: ".spec.githubConfigUrl" },
    {
      name: "AutoscalingRunnerSet Namespace",
      type: "string",
      jsonPath: ".spec.autoscalingRunnerSetNamespace",
    },
    {
      name: "AutoscalingRunnerSet Name",
      type: "string",
      jsonPath: ".spec.autoscalingRunnerSetName",
    },
    ...readyColumns,
  ],
};
