/** Fields that several kinds have in common: connection settings, metadata of children, conditions. */
import type { Condition, PodTemplate } from "../kube/types.ts";
import {
  allOptional,
  bool,
  type Infer,
  int,
  list,
  map,
  opaque,
  optional,
  record,
  text,
} from "./schema.ts";

const resourceMeta = record(allOptional({ labels: map(text()), annotations: map(text()) }));
/** Labels and annotations that a user wants on a child. */
export type ResourceMeta = Infer<typeof resourceMeta>;
export const resourceMetaField = resourceMeta;

const proxyServer = record(allOptional({
  url: text({ doc: "URL of the proxy, http or https." }),
  credentialSecretRef: text({ doc: "Secret with the keys username and password." }),
}));
export const proxyField = record(allOptional({
  http: proxyServer,
  https: proxyServer,
  noProxy: list(text(), { doc: "Hosts, domains and networks that are reached directly." }),
}));
export type ProxyConfig = Infer<typeof proxyField>;

export const tlsField = record({
  certificateFrom: optional(record({
    configMapKeyRef: optional(record({
      key: text(),
      name: optional({ schema: { type: "string", default: "" } } as ReturnType<typeof text>),
      optional: optional(bool()),
    })),
  }, { doc: "PEM certificates to trust besides those of the system." })),
});
export type TlsConfig = Infer<typeof tlsField>;

export const vaultField = record(allOptional({
  type: text({ doc: "azure_key_vault." }),
  azureKeyVault: record({
    url: text(),
    tenantId: text(),
    clientId: text(),
    certificatePath: text(),
  }),
  proxy: proxyField,
}));
export type VaultConfig = Infer<typeof vaultField>;

const labelled = record({ labels: list(text()) });
const floats = { schema: { type: "array", items: { type: "number" } } } as ReturnType<
  typeof list<number>
>;
export const metricsField = record(
  allOptional({
    counters: map(labelled),
    gauges: map(labelled),
    histograms: map(record({ labels: list(text()), buckets: optional(floats) })),
  }),
  {
    doc:
      "Which metrics the listener serves, with which labels. Absent: all, with the default labels.",
  },
);
export type MetricsConfig = Infer<typeof metricsField>;

/** A pod template is kept whole and checked by a dry-run create, not by its schema (B6). */
export const podTemplateField = opaque<PodTemplate>();

export const conditionsField = {
  schema: {
    type: "array",
    description: "What is well and what is not, in words a person can act on.",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
    items: record({
      type: text(),
      status: { schema: { type: "string", enum: ["True", "False", "Unknown"] } } as ReturnType<
        typeof text
      >,
      reason: text(),
      message: text(),
      lastTransitionTime: text({ format: "date-time" }),
      observedGeneration: optional(int({ bits: 64, min: 0 })),
    }).schema,
  },
  writtenBy: "controller",
} as ReturnType<typeof list<Condition>>;

/** Whether all is well, and the word for what is not, for `kubectl get -o wide`. */
export const readyColumns = ["status", "reason"].map((member) => ({
  name: member === "status" ? "Ready" : "Reason",
  type: "string" as const,
  jsonPath: `.status.conditions[?(@.type=="Ready")].${member}`,
  priority: 1,
}));
