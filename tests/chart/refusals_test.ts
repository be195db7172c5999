/** What the charts refuse: the condition of each refusal, and that its message tells key, value and what is accepted. */
import assert from "node:assert/strict";
import { chartTest } from "./chart_test_case.ts";
import { CONTROLLER_RELEASE } from "./controller_cases.ts";
import { refusal, type Release } from "./render.ts";
import { RUNNER_SET_RELEASE } from "./runner_set_cases.ts";

interface Refusal {
  readonly when: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly release?: Partial<Release>;
  /** Parts of the message: ARC's words, the value, what is accepted. */
  readonly says: readonly (string | RegExp)[];
  /** Must not be in the message. */
  readonly hides?: string;
}

const CONTROLLER: readonly Refusal[] = [
  {
    when: "the ServiceAccount is called default",
    values: { serviceAccount: { name: "default" } },
    says: ["serviceAccount.name cannot be set to 'default'", "leave it empty"],
  },
  {
    when: "no ServiceAccount is made and none is named",
    values: { serviceAccount: { create: false } },
    says: ["serviceAccount.name must be set if serviceAccount.create is false", "exists"],
  },
  {
    when: "the metrics' address has no port",
    values: { metrics: { controllerManagerAddr: "localhost", listenerAddr: ":8080" } },
    says: [
      "Values.metrics.controllerManagerAddr must end with a numeric port",
      '"localhost"',
      '":8080"',
    ],
  },
  {
    when: "the profiles' address has no port",
    values: { pprof: { addr: "here:" } },
    says: ["Values.pprof.addr must end with a numeric port", '"here:"', '":8080"'],
  },
  {
    when: "the probes' address has no port",
    values: { flags: { healthProbeBindAddress: "here" } },
    says: ["Values.flags.healthProbeBindAddress must end with a numeric port", '"here"'],
  },
  ...["podMonitor", "serviceMonitor", "prometheusRule"].map((key): Refusal => ({
    when: `${key} is wanted where no metrics are served`,
    values: { [key]: { enabled: true } },
    says: [`Values.${key}.enabled`, "metrics.controllerManagerAddr", '":8080"'],
  })),
  {
    when: "a key holds something of another kind",
    values: { tolerations: "all" },
    says: ["'/tolerations'", "got string, want array"],
  },
];

const APP = { github_app_id: "1", github_app_installation_id: "2", github_app_private_key: "k" };

const RUNNER_SET: readonly Refusal[] = [
  {
    when: "there is no URL",
    values: { githubConfigUrl: "" },
    says: [".Values.githubConfigUrl is required", "https://github.com/my-org"],
  },
  {
    when: "the name is too long, whatever else is wrong",
    values: { runnerScaleSetName: "x".repeat(64), githubConfigUrl: "" },
    says: ["Name must have up to 63 characters", "runnerScaleSetName", "x".repeat(64), "64"],
  },
  {
    when: "the namespace is too long",
    values: { namespaceOverride: "y".repeat(64) },
    says: ["Namespace must have up to 63 characters", "namespaceOverride", "y".repeat(64)],
  },
  {
    when: "the Secret has no name",
    values: { githubConfigSecret: "" },
    says: ["Values.githubConfigSecret is required for setting auth with GitHub server."],
  },
  {
    when: "there are no credentials",
    values: { githubConfigSecret: { github_token: "", other: "hush" } },
    says: [
      "provide .Values.githubConfigSecret.github_token or .Values.githubConfigSecret.github_app_id",
      "name of a Secret",
    ],
    hides: "hush",
  },
  ...["github_app_installation_id", "github_app_private_key"].map((key): Refusal => ({
    when: `an App has no ${key}`,
    values: { githubConfigSecret: { ...APP, github_token: "hush", [key]: "" } },
    says: [
      "provide .Values.githubConfigSecret.github_app_installation_id and " +
      ".Values.githubConfigSecret.github_app_private_key",
    ],
    hides: "hush",
  })),
  {
    when: "a label is empty",
    values: { scaleSetLabels: ["a", ""] },
    says: ["scaleSetLabels contains an empty string, ", "position 2", "1 to 255"],
  },
  {
    when: "a label is too long",
    values: { scaleSetLabels: ["z".repeat(256)] },
    says: [
      "scaleSetLabels contains a label that is 256 characters or more, ",
      "position 1",
      "z".repeat(40),
      "1 to 255",
    ],
  },
  {
    when: "the maximum is below the minimum, which is said first",
    values: { maxRunners: -2, minRunners: -1 },
    says: ["maxRunners has to be greater or equal to minRunners", "-2", "-1"],
  },
  {
    when: "the maximum is negative",
    values: { maxRunners: -1 },
    says: ["maxRunners has to be greater or equal to 0", "-1"],
  },
  {
    when: "the minimum is negative",
    values: { minRunners: -1 },
    says: ["minRunners has to be greater or equal to 0", "-1"],
  },
  {
    when: "the server's certificate has no key, and the cluster would not take the set",
    values: { githubServerTLS: { certificateFrom: { configMapKeyRef: { name: "ca" } } } },
    release: { args: ["--api-versions=actions.github.com/v1alpha1/AutoscalingRunnerSet"] },
    says: ["Values.githubServerTLS.certificateFrom.configMapKeyRef.key is required", "ca.crt"],
  },
  {
    when: "runners are to mount a certificate that is not named",
    values: { githubServerTLS: { runnerMountPath: "/ca" } },
    says: ["Values.githubServerTLS.certificateFrom.configMapKeyRef.key is required", "ca.crt"],
  },
  {
    when: "the vault is of an unknown kind",
    values: { keyVault: { type: "paper" } },
    says: ["Unsupported keyVault type", '"paper"', "azure_key_vault"],
  },
  {
    when: "the vault is not told whole",
    values: { keyVault: { type: "azure_key_vault", azureKeyVault: { url: "https://v" } } },
    says: [/Values\.keyVault\.azureKeyVault\.(certificatePath|clientId|tenantId) is required/],
  },
  {
    when: "Docker is a sidecar in an unheard-of way",
    values: { containerMode: { type: "dind", dind: { sidecar: "maybe" } } },
    says: ["Values.containerMode.dind.sidecar", '"maybe"', "auto, always or never"],
  },
  ...[{ name: "only" }, { namespace: "only" }, {}].map((controllerServiceAccount): Refusal => ({
    when: `there is no cluster to ask and ${JSON.stringify(controllerServiceAccount)} is given`,
    values: { controllerServiceAccount },
    says: [
      "Cannot find the controller's ServiceAccount",
      "controllerServiceAccount.name and controllerServiceAccount.namespace",
      "Argo CD",
    ],
  })),
];

function refusalTests(rows: readonly Refusal[], base: Release): void {
  for (const { when, values, release, says, hides } of rows) {
    chartTest(`${base.chart} refuses when ${when}`, async () => {
      const message = await refusal({
        ...base,
        ...release,
        values: { ...base.values, ...values },
      });
      for (const part of says) {
        const isThere = typeof part === "string" ? message.includes(part) : part.test(message);
        assert.ok(isThere, `${part} is not in: ${message}`);
      }
      if (hides !== undefined) assert.ok(!message.includes(hides), message);
    });
  }
}

refusalTests(CONTROLLER, CONTROLLER_RELEASE);
refusalTests(RUNNER_SET, RUNNER_SET_RELEASE);
