/** What a user of ARC has in the cluster goes into our schemas and comes out whole. */
import assert from "node:assert/strict";
import { autoscalingRunnerSetKind } from "../../crds/autoscaling_runner_set.ts";
import { ephemeralRunnerKind } from "../../crds/ephemeral_runner.ts";
import { ephemeralRunnerSetKind } from "../../crds/ephemeral_runner_set.ts";
import { KINDS } from "../../crds/kinds.ts";
import { aRunner, aRunnerSet } from "../builders.ts";
import { ARC_RUNNER_SETS, arcDocuments, arcIsAbsent, NEEDS_ARC } from "./arc_fixtures.ts";
import { structuralProblems } from "./structure.ts";

const ignore = arcIsAbsent();

for (const file of ARC_RUNNER_SETS) {
  Deno.test(
    `the runner set of ARC's ${file} fits our schema ${NEEDS_ARC}`,
    { ignore },
    async () => {
      const sets = (await arcDocuments(file)).filter(({ kind }) => kind === "AutoscalingRunnerSet");
      assert.equal(sets.length, 1);
      for (const set of sets) {
        assert.deepEqual(structuralProblems(autoscalingRunnerSetKind, set), []);
      }
    },
  );
}

/** Every field that ARC's types have, as its controllers and its chart may have stored it. */
const META = { labels: { team: "x" }, annotations: { "example.com/why": "because" } };
const PROXY = {
  http: { url: "http://proxy:8080", credentialSecretRef: "proxy-credentials" },
  https: { url: "https://proxy:8443" },
  noProxy: ["10.0.0.0/8", "example.com"],
};
const CONNECTION = {
  githubConfigUrl: "https://ghes.example.com/acme",
  githubConfigSecret: "s",
  proxy: PROXY,
  githubServerTLS: { certificateFrom: { configMapKeyRef: { key: "ca.crt", name: "ca" } } },
  vaultConfig: {
    type: "azure_key_vault",
    azureKeyVault: { url: "https://v", tenantId: "t", clientId: "c", certificatePath: "/c.pem" },
    proxy: PROXY,
  },
};
const METRICS = {
  counters: { gha_started_jobs_total: { labels: ["repository"] } },
  gauges: { gha_idle_runners: { labels: [] } },
  histograms: { gha_job_startup_duration_seconds: { labels: ["job_name"], buckets: [0.1, 1, 60] } },
};
const TEMPLATE = {
  metadata: { labels: { a: "b" }, finalizers: ["example.com/x"] },
  spec: {
    containers: [{ name: "runner", resources: { limits: { cpu: 1, memory: "1Gi" } } }],
    fieldOfALaterKubernetes: { deeply: ["nested"] },
  },
};

const STORED = [
  {
    kind: "AutoscalingRunnerSet",
    spec: {
      ...CONNECTION,
      runnerGroup: "gpu",
      runnerScaleSetName: "linux",
      runnerScaleSetLabels: ["linux", "x64"],
      template: TEMPLATE,
      autoscalingListener: META,
      listenerMetrics: METRICS,
      listenerTemplate: TEMPLATE,
      listenerServiceAccountMetadata: META,
      listenerRoleMetadata: META,
      listenerRoleBindingMetadata: META,
      listenerConfigSecretMetadata: META,
      ephemeralRunnerSetMetadata: META,
      ephemeralRunnerMetadata: META,
      ephemeralRunnerConfigSecretMetadata: META,
      maxRunners: 10,
      minRunners: 0,
    },
    status: {
      currentRunners: 2,
      phase: "Running",
      pendingEphemeralRunners: 1,
      runningEphemeralRunners: 1,
      failedEphemeralRunners: 0,
    },
  },
  {
    kind: "AutoscalingListener",
    spec: {
      ...CONNECTION,
      runnerScaleSetId: 7,
      autoscalingRunnerSetNamespace: "arc-runners",
      autoscalingRunnerSetName: "linux",
      ephemeralRunnerSetName: "linux-x7k2p",
      maxRunners: 2147483647,
      minRunners: 0,
      image: "ghcr.io/actions/gha-runner-scale-set-controller:0.14.2",
      imagePullSecrets: [{ name: "pull" }],
      metrics: METRICS,
      template: TEMPLATE,
      configSecretMetadata: META,
      serviceAccountMetadata: META,
      roleMetadata: META,
      roleBindingMetadata: META,
    },
    status: {},
  },
  {
    kind: "EphemeralRunnerSet",
    spec: {
      replicas: 2,
      patchID: 3,
      ephemeralRunnerSpec: { ...CONNECTION, runnerScaleSetId: 7, ...TEMPLATE },
      ephemeralRunnerMetadata: META,
    },
    status: {
      currentReplicas: 2,
      pendingEphemeralRunners: 0,
      runningEphemeralRunners: 2,
      failedEphemeralRunners: 0,
      phase: "Running",
    },
  },
  {
    kind: "EphemeralRunner",
    spec: {
      ...CONNECTION,
      runnerScaleSetId: 7,
      proxySecretRef: "linux-754b578d-runner-proxy",
      ephemeralRunnerConfigSecretMetadata: META,
      ...TEMPLATE,
    },
    status: {
      ready: false,
      phase: "Running",
      reason: "Error",
      message: "m",
      runnerId: 101,
      runnerName: "linux-runner-a1b2c",
      failures: { "0d9a5d5e-6a3c-4d3e-8a39-5cf1a1c5d001": "2026-11-01T08:00:00Z" },
      jobRequestId: 9007199254740991,
      jobId: "1",
      jobRepositoryName: "acme/shop",
      jobWorkflowRef: "acme/shop/.github/workflows/ci.yaml@refs/heads/main",
      workflowRunId: 8080808080,
      jobDisplayName: "build",
    },
  },
] as const;

for (const stored of STORED) {
  Deno.test(`a stored ${stored.kind} with every field of ARC's fits our schema`, {
    permissions: "none",
  }, () => {
    const kind = KINDS.find(({ type }) => type.kind === stored.kind);
    assert.ok(kind !== undefined);
    assert.deepEqual(structuralProblems(kind, stored), []);
  });
}

const REFUSED = [
  {
    claim: "a field we do not know",
    kind: autoscalingRunnerSetKind,
    object: { ...aRunnerSet(), spec: { maxRunner: 1 } },
    problem: "AutoscalingRunnerSet.spec.maxRunner: unknown",
  },
  {
    claim: "a negative limit",
    kind: autoscalingRunnerSetKind,
    object: { ...aRunnerSet(), spec: { minRunners: -1 } },
    problem: "AutoscalingRunnerSet.spec.minRunners: below 0",
  },
  {
    claim: "a limit in quotes",
    kind: autoscalingRunnerSetKind,
    object: { ...aRunnerSet(), spec: { maxRunners: "3" } },
    problem: "AutoscalingRunnerSet.spec.maxRunners: not of type integer",
  },
  {
    claim: "a set without a patch id",
    kind: ephemeralRunnerSetKind,
    object: { spec: { replicas: 1 } },
    problem: "EphemeralRunnerSet.spec.patchID: required",
  },
  {
    claim: "a metric without labels",
    kind: autoscalingRunnerSetKind,
    object: { spec: { listenerMetrics: { histograms: { h: { buckets: [1] } } } } },
    problem: "AutoscalingRunnerSet.spec.listenerMetrics.histograms.h.labels: required",
  },
  {
    claim: "a condition of a fourth status",
    kind: ephemeralRunnerKind,
    object: {
      ...aRunner(),
      status: {
        conditions: [{
          type: "Ready",
          status: "Maybe",
          reason: "R",
          message: "",
          lastTransitionTime: "2026-11-01T08:00:00Z",
        }],
      },
    },
    problem: "EphemeralRunner.status.conditions[0].status: not in the enum",
  },
] as const;

for (const { claim, kind, object, problem } of REFUSED) {
  Deno.test(`the schemas notice ${claim}`, { permissions: "none" }, () => {
    assert.deepEqual(structuralProblems(kind, object), [problem]);
  });
}
