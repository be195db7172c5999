/** What the shared rows insist on, and what they leave to the user. */
import assert from "node:assert/strict";
import {
  conditionsField,
  metricsField,
  podTemplateField,
  proxyField,
  resourceMetaField,
  tlsField,
  vaultField,
} from "../../crds/shared_fields.ts";
import { problems } from "./structure.ts";

const CONDITION = {
  type: "Ready",
  status: "True",
  reason: "Registered",
  message: "",
  lastTransitionTime: "2026-11-01T08:00:00Z",
};

const ROWS = [
  { claim: "an empty proxy", field: proxyField, value: {}, found: [] },
  {
    claim: "a proxy in upper case",
    field: proxyField,
    value: { HTTP: {} },
    found: [".HTTP: unknown"],
  },
  {
    claim: "metadata with labels alone",
    field: resourceMetaField,
    value: { labels: { a: "b" } },
    found: [],
  },
  {
    claim: "a label that is a number",
    field: resourceMetaField,
    value: { labels: { a: 1 } },
    found: [".labels.a: not of type string"],
  },
  {
    claim: "a certificate without a key",
    field: tlsField,
    value: { certificateFrom: { configMapKeyRef: { name: "ca" } } },
    found: [".certificateFrom.configMapKeyRef.key: required"],
  },
  {
    claim: "a vault without its address",
    field: vaultField,
    value: { azureKeyVault: { tenantId: "t", clientId: "c", certificatePath: "p" } },
    found: [".azureKeyVault.url: required"],
  },
  {
    claim: "a metric without labels",
    field: metricsField,
    value: { gauges: { gha_idle_runners: { labels: [] } } },
    found: [],
  },
  {
    claim: "a metric that does not name its labels",
    field: metricsField,
    value: { gauges: { gha_idle_runners: {} } },
    found: [".gauges.gha_idle_runners.labels: required"],
  },
  {
    claim: "a template of a later Kubernetes",
    field: podTemplateField,
    value: { spec: { new: [1, { a: null }] } },
    found: [],
  },
  { claim: "a condition", field: conditionsField, value: [CONDITION], found: [] },
  {
    claim: "a condition without a reason",
    field: conditionsField,
    value: [{ ...CONDITION, reason: undefined }],
    found: ["[0].reason: required"],
  },
] as const;

for (const { claim, field, value, found } of ROWS) {
  Deno.test(`${claim}: ${found.join(", ") || "fine"}`, { permissions: "none" }, () => {
    assert.deepEqual(problems(value, field.schema, ""), found);
  });
}

Deno.test("conditions are merged by type, so that writers do not undo each other", {
  permissions: "none",
}, () => {
  assert.equal(conditionsField.schema["x-kubernetes-list-type"], "map");
  assert.deepEqual(conditionsField.schema["x-kubernetes-list-map-keys"], ["type"]);
});
