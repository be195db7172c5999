/** What each key of the runner set chart's values does. One table; registered by its test. */
import assert from "node:assert/strict";
import type { Any, Release, Rendered } from "./render.ts";
import type { ValuesCase } from "./values_case.ts";

export const RUNNER_SET_RELEASE: Release = {
  chart: "gha-runner-scale-set",
  name: "arc-runner-set",
  namespace: "arc-runners",
  values: {
    githubConfigUrl: "https://github.com/example-org",
    githubConfigSecret: { github_token: "ghp_dummy" },
    controllerServiceAccount: { name: "arc-gha-rs-controller", namespace: "arc-systems" },
  },
};

const NAME = "arc-runner-set-gha-rs";

/** A pod template whose runner is `runner`, beside `more` in the spec. */
function template(runner: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return {
    spec: {
      containers: [{ name: "runner", image: "example.com/runner:1", ...runner }],
      ...more,
    },
  };
}

function spec(rendered: Rendered): Any {
  return rendered.one("AutoscalingRunnerSet").spec;
}

function pod(rendered: Rendered): Any {
  return spec(rendered).template.spec;
}

function runner(rendered: Rendered): Any {
  return pod(rendered).containers.find(({ name }: Any) => name === "runner");
}

function names(list: readonly { readonly name: string }[] | undefined): readonly string[] {
  return (list ?? []).map(({ name }) => name);
}

function resourceMetaCase(
  key: string,
  { claim, values = {}, labelled }: {
    readonly claim: string;
    readonly values?: Readonly<Record<string, unknown>>;
    readonly labelled: (rendered: Rendered) => Any;
  },
): ValuesCase {
  return {
    covers: [`resourceMeta.${key}.labels`, `resourceMeta.${key}.annotations`],
    claim,
    values: {
      ...values,
      resourceMeta: {
        [key]: {
          labels: { team: "build", "app.kubernetes.io/part-of": "mine" },
          annotations: { note: true },
        },
      },
    },
    holds(rendered) {
      const { labels, annotations } = labelled(rendered);
      assert.equal(labels.team, "build");
      assert.equal(annotations.note, "true");
    },
  };
}

/** Objects of this chart by their key in `resourceMeta`. */
const OBJECTS = [
  ["githubConfigSecret", "Secret", {}],
  ["managerRole", "Role", {}],
  ["managerRoleBinding", "RoleBinding", {}],
  ["noPermissionServiceAccount", "ServiceAccount", {}],
  ["kubernetesModeServiceAccount", "ServiceAccount", { containerMode: { type: "kubernetes" } }],
] as const;

/** Fields of the set's spec by their key in `resourceMeta`. */
const CHILDREN = [
  ["autoscalingListener", "autoscalingListener"],
  ["listenerServiceAccount", "listenerServiceAccountMetadata"],
  ["listenerRole", "listenerRoleMetadata"],
  ["listenerRoleBinding", "listenerRoleBindingMetadata"],
  ["listenerConfigSecret", "listenerConfigSecretMetadata"],
  ["ephemeralRunnerSet", "ephemeralRunnerSetMetadata"],
  ["ephemeralRunner", "ephemeralRunnerMetadata"],
  ["ephemeralRunnerConfigSecret", "ephemeralRunnerConfigSecretMetadata"],
] as const;

export const RUNNER_SET_CASES: readonly ValuesCase[] = [
  {
    covers: ["githubConfigUrl", "runnerGroup", "runnerScaleSetName", "scaleSetLabels"],
    claim: "are texts in the set, whatever YAML made of them",
    values: {
      githubConfigUrl: "https://github.com/example-org/",
      runnerGroup: 123,
      runnerScaleSetName: "my_set",
      scaleSetLabels: ["linux", 64],
    },
    holds(rendered) {
      const { githubConfigUrl, runnerGroup, runnerScaleSetName, runnerScaleSetLabels } = spec(
        rendered,
      );
      assert.equal(githubConfigUrl, "https://github.com/example-org");
      assert.equal(runnerGroup, "123");
      assert.equal(runnerScaleSetName, "my_set");
      assert.deepEqual(runnerScaleSetLabels, ["linux", "64"]);
    },
  },
  {
    covers: ["runnerScaleSetName"],
    claim: "with underscores: names of objects have dashes, but for Roles; labels keep it",
    values: { runnerScaleSetName: "my_set" },
    holds(rendered) {
      const { metadata } = rendered.one("AutoscalingRunnerSet");
      assert.equal(metadata.name, "my-set");
      assert.equal(metadata.labels["actions.github.com/scale-set-name"], "my_set");
      assert.equal(rendered.one("Secret").metadata.name, "my-set-gha-rs-github-secret");
      assert.equal(rendered.one("ServiceAccount").metadata.name, "my-set-gha-rs-no-permission");
      assert.ok(rendered.has("Role", "my_set-gha-rs-manager"));
      assert.ok(rendered.has("RoleBinding", "my_set-gha-rs-manager"));
    },
  },
  {
    covers: ["runnerScaleSetName"],
    claim: "up to 63 characters; long ones are told apart by a hash",
    values: { runnerScaleSetName: `${"x".repeat(62)}y` },
    holds(rendered) {
      assert.equal(rendered.one("AutoscalingRunnerSet").metadata.name, `${"x".repeat(62)}y`);
      const { name } = rendered.objects.find(({ kind }) => kind === "Role").metadata;
      assert.match(name, /^x{47}-[0-9a-f]{8}-gha-rs-manager(-watch)?$/);
      assert.equal(rendered.one("RoleBinding", name).roleRef.name, name);
    },
  },
  {
    covers: ["scaleSetLabels", "proxy.noProxy", "maxRunners", "minRunners"],
    claim: "are ignored when they are of the wrong kind",
    values: {
      scaleSetLabels: "linux",
      proxy: { noProxy: "example.com" },
      maxRunners: "5",
      minRunners: "1",
    },
    holds(rendered) {
      const given = Object.keys(spec(rendered));
      assert.deepEqual(given.sort(), ["githubConfigSecret", "githubConfigUrl", "template"]);
    },
  },
  {
    covers: ["maxRunners", "minRunners"],
    claim: "are whole numbers; 0 is one",
    values: { maxRunners: 1000000, minRunners: 0 },
    holds(rendered) {
      assert.equal(spec(rendered).maxRunners, 1000000);
      assert.equal(spec(rendered).minRunners, 0);
    },
  },
  {
    covers: [
      "githubConfigSecret",
      "githubConfigSecret.github_app_id",
      "githubConfigSecret.github_app_installation_id",
      "githubConfigSecret.github_app_private_key",
    ],
    claim:
      "an App's keys, and keys of the user's own, are in the Secret; numbers keep their digits",
    values: {
      githubConfigSecret: {
        github_token: "",
        github_app_id: 123456789,
        github_app_installation_id: "987654321",
        github_app_private_key: "key",
        extra: "more",
      },
    },
    holds(rendered) {
      const { data, type } = rendered.one("Secret");
      const plain = Object.entries<string>(data).map(([key, value]) => [key, atob(value)]);
      assert.equal(type, undefined);
      assert.deepEqual(Object.fromEntries(plain), {
        github_app_id: "123456789",
        github_app_installation_id: "987654321",
        github_app_private_key: "key",
        extra: "more",
      });
      assert.equal(spec(rendered).githubConfigSecret, `${NAME}-github-secret`);
    },
  },
  {
    covers: ["githubConfigSecret", "githubConfigSecret.github_token"],
    claim: "as a text is the name of a Secret that exists: none is made",
    values: { githubConfigSecret: "mine" },
    holds(rendered) {
      assert.ok(!rendered.has("Secret"));
      assert.equal(spec(rendered).githubConfigSecret, "mine");
      const { annotations } = rendered.one("AutoscalingRunnerSet").metadata;
      assert.equal(annotations["actions.github.com/cleanup-github-secret-name"], undefined);
    },
  },
  {
    covers: ["proxy.http", "proxy.https", "proxy.noProxy"],
    claim: "are in the set",
    values: {
      proxy: {
        http: { url: "http://proxy:1", credentialSecretRef: "auth" },
        https: { url: "http://proxy:2" },
        noProxy: ["example.com", "10.0.0.0/8"],
      },
    },
    holds(rendered) {
      assert.deepEqual(spec(rendered).proxy, {
        http: { url: "http://proxy:1", credentialSecretRef: "auth" },
        https: { url: "http://proxy:2" },
        noProxy: ["example.com", "10.0.0.0/8"],
      });
    },
  },
  {
    covers: [
      "githubServerTLS.certificateFrom.configMapKeyRef.name",
      "githubServerTLS.certificateFrom.configMapKeyRef.key",
      "githubServerTLS.runnerMountPath",
    ],
    claim: "bring the certificate to the runner, and the right to read it to the controller",
    values: {
      githubServerTLS: {
        certificateFrom: { configMapKeyRef: { name: "ca", key: "ca.crt" } },
        runnerMountPath: "/usr/local/share/ca-certificates/",
      },
      template: template({ env: [{ name: "RUNNER_UPDATE_CA_CERTS", value: "0" }] }, {
        volumes: [{ name: "own", emptyDir: {} }],
      }),
    },
    holds(rendered) {
      assert.deepEqual(spec(rendered).githubServerTLS, {
        certificateFrom: { configMapKeyRef: { name: "ca", key: "ca.crt" } },
      });
      const path = "/usr/local/share/ca-certificates/ca.crt";
      assert.deepEqual(pod(rendered).volumes, [
        {
          name: "github-server-tls-cert",
          configMap: { name: "ca", items: [{ key: "ca.crt", path: "ca.crt" }] },
        },
        { name: "own", emptyDir: {} },
      ]);
      assert.deepEqual(runner(rendered).env, [
        { name: "RUNNER_UPDATE_CA_CERTS", value: "0" },
        { name: "NODE_EXTRA_CA_CERTS", value: path },
      ]);
      assert.deepEqual(runner(rendered).volumeMounts, [
        { name: "github-server-tls-cert", mountPath: path, subPath: "ca.crt" },
      ]);
      assert.deepEqual(rendered.one("Role", `${NAME}-manager`).rules[6], {
        apiGroups: [""],
        resources: ["configmaps"],
        verbs: ["get"],
      });
    },
  },
  {
    covers: ["githubServerTLS.certificateFrom.configMapKeyRef.key"],
    claim: "absent: rendered where no cluster is asked that would refuse it, as ARC's chart does",
    values: { githubServerTLS: { certificateFrom: { configMapKeyRef: { name: "ca" } } } },
    holds(rendered) {
      assert.deepEqual(spec(rendered).githubServerTLS, {
        certificateFrom: { configMapKeyRef: { name: "ca" } },
      });
      assert.equal(rendered.one("Role", `${NAME}-manager`).rules.length, 7);
    },
  },
  {
    covers: ["githubServerTLS.certificateFrom.configMapKeyRef.name"],
    claim: "no certificate at all is nothing to refuse",
    values: { githubServerTLS: { runnerMountPath: "" } },
    holds(rendered) {
      assert.equal(spec(rendered).githubServerTLS, undefined);
      assert.equal(pod(rendered).volumes, undefined);
    },
  },
  {
    covers: ["githubServerTLS.runnerMountPath"],
    claim: "absent: the runner gets nothing, the controller its right",
    values: {
      githubServerTLS: { certificateFrom: { configMapKeyRef: { name: "ca", key: "ca.crt" } } },
    },
    holds(rendered) {
      assert.equal(pod(rendered).volumes, undefined);
      assert.equal(runner(rendered).env, undefined);
      assert.equal(rendered.one("Role", `${NAME}-manager`).rules.length, 7);
    },
  },
  {
    covers: [
      "keyVault.type",
      "keyVault.proxy",
      "keyVault.azureKeyVault.url",
      "keyVault.azureKeyVault.tenantId",
      "keyVault.azureKeyVault.clientId",
      "keyVault.azureKeyVault.certificatePath",
    ],
    claim: "say where the credentials are",
    values: {
      githubConfigSecret: "in-the-vault",
      keyVault: {
        type: "azure_key_vault",
        proxy: { https: { url: "http://proxy:1" } },
        azureKeyVault: {
          url: "https://example.vault.azure.net",
          tenantId: "t",
          clientId: "c",
          certificatePath: "/akv/cert.pfx",
          secretKey: "pruned",
        },
      },
    },
    holds(rendered) {
      assert.deepEqual(spec(rendered).vaultConfig, {
        type: "azure_key_vault",
        proxy: { https: { url: "http://proxy:1" } },
        azureKeyVault: {
          url: "https://example.vault.azure.net",
          tenantId: "t",
          clientId: "c",
          certificatePath: "/akv/cert.pfx",
        },
      });
    },
  },
  {
    covers: ["keyVault.azure_key_vault", "keyVault.azureKeyVault.proxy"],
    claim: "as ARC's values file shows them, are the same",
    values: {
      githubConfigSecret: "in-the-vault",
      keyVault: {
        type: "azure_key_vault",
        azure_key_vault: {
          url: "https://example.vault.azure.net",
          tenant_id: "t",
          client_id: "c",
          certificate_path: "/akv/cert.pfx",
        },
        azureKeyVault: { proxy: { noProxy: ["a"] } },
      },
    },
    holds(rendered) {
      const { proxy, azureKeyVault } = spec(rendered).vaultConfig;
      assert.deepEqual(proxy, { noProxy: ["a"] });
      assert.equal(azureKeyVault.certificatePath, "/akv/cert.pfx");
      assert.equal(azureKeyVault.tenantId, "t");
    },
  },
  {
    covers: ["containerMode.type", "template.spec"],
    claim: "without a mode nothing is added but restartPolicy and ServiceAccount",
    values: {
      containerMode: { type: "unheard-of" },
      template: template({ env: [] }, {
        hostNetwork: true,
        restartPolicy: "OnFailure",
        initContainers: [{ name: "first", image: "a" }],
        containers: [{ name: "side", image: "b" }, { name: "runner", image: "c" }],
        securityContext: { fsGroup: 1000000 },
      }),
    },
    holds(rendered) {
      assert.deepEqual(pod(rendered), {
        hostNetwork: true,
        restartPolicy: "OnFailure",
        serviceAccountName: `${NAME}-no-permission`,
        initContainers: [{ name: "first", image: "a" }],
        containers: [{ name: "side", image: "b" }, { name: "runner", image: "c" }],
        securityContext: { fsGroup: 1000000 },
      });
    },
  },
  {
    covers: ["containerMode.type", "template.spec"],
    claim: "dind keeps what the user has under the same name",
    values: {
      containerMode: { type: "dind" },
      template: template({
        env: [{ name: "DOCKER_HOST", value: "tcp://x" }],
        volumeMounts: [{ name: "work", mountPath: "/elsewhere" }],
      }, {
        initContainers: [{ name: "mine", image: "a" }],
        volumes: [{ name: "cache", emptyDir: {} }, { name: "work", hostPath: { path: "/x" } }],
        containers: [
          { name: "side", image: "b" },
          { name: "dind", image: "c" },
          {
            name: "runner",
            image: "example.com/runner:1",
            env: [{ name: "DOCKER_HOST", value: "tcp://x" }],
            volumeMounts: [{ name: "work", mountPath: "/elsewhere" }],
          },
        ],
      }),
    },
    holds(rendered) {
      assert.deepEqual(names(pod(rendered).containers), ["runner", "side"]);
      assert.deepEqual(names(pod(rendered).initContainers), [
        "init-dind-externals",
        "dind",
        "mine",
      ]);
      assert.equal(pod(rendered).initContainers[0].image, "example.com/runner:1");
      assert.deepEqual(names(pod(rendered).volumes), [
        "dind-sock",
        "dind-externals",
        "work",
        "cache",
      ]);
      assert.deepEqual(pod(rendered).volumes[2].hostPath, { path: "/x" });
      assert.deepEqual(runner(rendered).env, [
        { name: "DOCKER_HOST", value: "tcp://x" },
        { name: "RUNNER_WAIT_FOR_DOCKER_IN_SECONDS", value: "120" },
      ]);
      assert.deepEqual(runner(rendered).volumeMounts, [
        { name: "work", mountPath: "/elsewhere" },
        { name: "dind-sock", mountPath: "/var/run" },
      ]);
    },
  },
  {
    covers: ["containerMode.type"],
    claim: "dind is an ordinary container before Kubernetes 1.29, whose minor may have a plus",
    release: { kubeVersion: "1.28.0" },
    values: { containerMode: { type: "dind" } },
    holds(rendered) {
      assert.deepEqual(names(pod(rendered).initContainers), ["init-dind-externals"]);
      assert.deepEqual(names(pod(rendered).containers), ["runner", "dind"]);
      assert.equal(pod(rendered).containers[1].restartPolicy, undefined);
      assert.equal(pod(rendered).containers[1].startupProbe, undefined);
    },
  },
  {
    covers: [
      "containerMode.dind.image",
      "containerMode.dind.imagePullPolicy",
      "containerMode.dind.extraArgs",
      "containerMode.dind.extraEnv",
      "containerMode.dind.extraVolumeMounts",
      "containerMode.dind.resources",
      "containerMode.dind.securityContext",
      "containerMode.dind.groupId",
      "containerMode.dind.sidecar",
      "containerMode.dind.initResources",
      "containerMode.dind.initSecurityContext",
    ],
    claim: "change Docker without copying the mode",
    release: { kubeVersion: "1.28.0" },
    values: {
      containerMode: {
        type: "dind",
        dind: {
          image: "mirror.example.com/docker:28-dind",
          imagePullPolicy: "Always",
          extraArgs: ["--registry-mirror=https://m"],
          extraEnv: [{ name: "A", value: "b" }],
          extraVolumeMounts: [{ name: "cache", mountPath: "/var/lib/docker" }],
          resources: { requests: { cpu: "1" } },
          securityContext: { privileged: true, runAsUser: 0 },
          groupId: 1001,
          sidecar: "always",
          initResources: { requests: { cpu: "10m" } },
          initSecurityContext: { runAsUser: 1001 },
        },
      },
    },
    holds(rendered) {
      const [init, docker] = pod(rendered).initContainers;
      assert.deepEqual(init.resources, { requests: { cpu: "10m" } });
      assert.deepEqual(init.securityContext, { runAsUser: 1001 });
      assert.equal(docker.image, "mirror.example.com/docker:28-dind");
      assert.equal(docker.imagePullPolicy, "Always");
      assert.equal(docker.args.at(-1), "--registry-mirror=https://m");
      assert.deepEqual(docker.env, [
        { name: "DOCKER_GROUP_GID", value: "1001" },
        { name: "A", value: "b" },
      ]);
      assert.equal(docker.volumeMounts.at(-1).mountPath, "/var/lib/docker");
      assert.deepEqual(docker.resources, { requests: { cpu: "1" } });
      assert.deepEqual(docker.securityContext, { privileged: true, runAsUser: 0 });
      assert.equal(docker.restartPolicy, "Always");
    },
  },
  {
    covers: [
      "containerMode.kubernetesModeWorkVolumeClaim",
      "containerMode.kubernetesModeAdditionalRoleRules",
    ],
    claim: "are the runner's work folder and its further rights; a dind of the user's stays",
    values: {
      containerMode: {
        type: "kubernetes",
        kubernetesModeWorkVolumeClaim: { accessModes: ["ReadWriteOnce"], storageClassName: "fast" },
        kubernetesModeAdditionalRoleRules: [
          { apiGroups: [""], resources: ["events"], verbs: ["get"] },
        ],
      },
      template: template({}, {
        volumes: [{ name: "own", emptyDir: {} }],
        containers: [{ name: "dind", image: "a" }, { name: "runner", image: "b" }],
      }),
    },
    holds(rendered) {
      assert.deepEqual(names(pod(rendered).containers), ["runner", "dind"]);
      assert.deepEqual(pod(rendered).volumes, [
        {
          name: "work",
          ephemeral: {
            volumeClaimTemplate: {
              spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast" },
            },
          },
        },
        { name: "own", emptyDir: {} },
      ]);
      const role = rendered.one("Role", `${NAME}-kube-mode`);
      assert.equal(role.rules.length, 6);
      assert.deepEqual(role.rules[5].resources, ["events"]);
    },
  },
  {
    covers: ["containerMode.kubernetesModeServiceAccount.annotations"],
    claim: "are on the ServiceAccount as in older charts of ARC; resourceMeta wins",
    values: {
      annotations: { team: "build" },
      containerMode: {
        type: "kubernetes",
        kubernetesModeServiceAccount: { annotations: { role: "arn:old", number: 7 } },
      },
      resourceMeta: { kubernetesModeServiceAccount: { annotations: { role: "arn:new" } } },
    },
    holds(rendered) {
      assert.deepEqual(rendered.one("ServiceAccount").metadata.annotations, {
        team: "build",
        number: "7",
        role: "arn:new",
      });
      assert.deepEqual(rendered.one("Secret").metadata.annotations, { team: "build" });
    },
  },
  {
    covers: ["containerMode.kubernetesModeAdditionalRoleRules"],
    claim: "hold without volumes too, where no Jobs are started",
    values: {
      containerMode: {
        type: "kubernetes-novolume",
        kubernetesModeAdditionalRoleRules: [
          { apiGroups: [""], resources: ["events"], verbs: ["get"] },
        ],
      },
    },
    holds(rendered) {
      const { rules } = rendered.one("Role", `${NAME}-kube-mode`);
      assert.deepEqual(rules.map(({ resources }: Any) => resources[0]), [
        "pods",
        "pods/exec",
        "pods/log",
        "secrets",
        "events",
      ]);
    },
  },
  {
    covers: ["template.spec"],
    claim: "a ServiceAccount of the user's takes the place of ours, with its Role",
    values: {
      containerMode: { type: "kubernetes" },
      template: template({}, { serviceAccountName: "mine" }),
    },
    holds(rendered) {
      assert.equal(pod(rendered).serviceAccountName, "mine");
      assert.ok(!rendered.has("ServiceAccount"));
      assert.ok(!rendered.has("Role", `${NAME}-kube-mode`));
      assert.ok(!rendered.has("RoleBinding", `${NAME}-kube-mode`));
      const { annotations } = rendered.one("AutoscalingRunnerSet").metadata;
      assert.deepEqual(Object.keys(annotations).sort(), [
        "actions.github.com/cleanup-github-secret-name",
        "actions.github.com/cleanup-manager-role-binding",
        "actions.github.com/cleanup-manager-role-name",
        "actions.github.com/values-hash",
      ]);
    },
  },
  {
    covers: ["template.spec", "containerMode.type"],
    claim: "a runner without an image gets the default one, where the mode needs it",
    values: {
      containerMode: { type: "dind" },
      template: { spec: { containers: [{ name: "side", image: "a" }] } },
    },
    holds(rendered) {
      assert.equal(runner(rendered).image, "ghcr.io/actions/actions-runner:latest");
      assert.deepEqual(runner(rendered).command, ["/home/runner/run.sh"]);
      assert.equal(pod(rendered).initContainers[0].image, runner(rendered).image);
    },
  },
  {
    covers: ["template.metadata.labels", "template.metadata.annotations"],
    claim: "are on the runners' pods, as texts",
    values: {
      template: {
        metadata: { labels: { tier: 1 }, annotations: { a: true }, name: "ignored" },
      },
    },
    holds(rendered) {
      assert.deepEqual(spec(rendered).template.metadata, {
        labels: { tier: "1" },
        annotations: { a: "true" },
      });
    },
  },
  {
    covers: ["listenerTemplate", "listenerMetrics"],
    claim: "are in the set, word for word",
    values: {
      listenerTemplate: { spec: { containers: [{ name: "listener", resources: {} }] } },
      listenerMetrics: { gauges: { gha_assigned_jobs: { labels: ["name"] } } },
    },
    holds(rendered) {
      assert.deepEqual(spec(rendered).listenerTemplate, {
        spec: { containers: [{ name: "listener", resources: {} }] },
      });
      assert.deepEqual(spec(rendered).listenerMetrics, {
        gauges: { gha_assigned_jobs: { labels: ["name"] } },
      });
    },
  },
  {
    covers: ["controllerServiceAccount.name", "controllerServiceAccount.namespace"],
    claim: "are whom the manager Role is bound to",
    values: { controllerServiceAccount: { name: "on", namespace: 123 } },
    holds(rendered) {
      for (const name of [`${NAME}-manager`, `${NAME}-manager-watch`]) {
        assert.deepEqual(rendered.one("RoleBinding", name).subjects, [
          { kind: "ServiceAccount", name: "on", namespace: "123" },
        ]);
      }
    },
  },
  {
    covers: ["namespaceOverride", "nameOverride"],
    claim: "one moves all objects, the other does nothing",
    values: {
      namespaceOverride: "elsewhere",
      nameOverride: "ignored",
      containerMode: { type: "kubernetes" },
    },
    holds(rendered) {
      for (const { metadata } of rendered.objects) {
        assert.equal(metadata.namespace, "elsewhere");
        assert.equal(metadata.labels["actions.github.com/scale-set-namespace"], "elsewhere");
        assert.match(metadata.name, /^arc-runner-set/);
      }
      const binding = rendered.one("RoleBinding", `${NAME}-kube-mode`);
      assert.equal(binding.subjects[0].namespace, "elsewhere");
    },
  },
  {
    covers: ["labels", "annotations"],
    claim: "are on every object, but for what is the chart's",
    values: {
      labels: {
        team: "build",
        "app.kubernetes.io/component": "mine",
        "app.kubernetes.io/name": "mine",
        "actions.github.com/x": "mine",
      },
      annotations: {
        note: 5,
        "actions.github.com/x": "mine",
        "actions.github.com/values-hash": "mine",
        "actions.github.com/cleanup-x": "mine",
      },
    },
    holds(rendered) {
      assert.equal(rendered.objects.length, 7);
      for (const { kind, metadata: { labels, annotations } } of rendered.objects) {
        assert.equal(labels.team, "build");
        assert.equal(labels["app.kubernetes.io/name"], "arc-runner-set");
        assert.notEqual(labels["app.kubernetes.io/component"], "mine");
        assert.equal(labels["actions.github.com/x"], undefined);
        assert.equal(annotations.note, "5");
        assert.equal(annotations["actions.github.com/x"], "mine");
        const isSet = kind === "AutoscalingRunnerSet";
        assert.equal(annotations["actions.github.com/values-hash"] === "mine", !isSet);
        assert.equal(annotations["actions.github.com/cleanup-x"], isSet ? undefined : "mine");
      }
    },
  },
  {
    covers: [
      "resourceMeta.autoscalingRunnerSet.labels",
      "resourceMeta.autoscalingRunnerSet.annotations",
    ],
    claim: "win over those for all, never over the chart's",
    values: {
      labels: { team: "all", all: "yes" },
      annotations: { note: "all" },
      resourceMeta: {
        autoscalingRunnerSet: {
          labels: { team: "set", "actions.github.com/x": "mine" },
          annotations: { note: "set", "actions.github.com/cleanup-x": "mine" },
        },
      },
    },
    holds(rendered) {
      const { labels, annotations } = rendered.one("AutoscalingRunnerSet").metadata;
      assert.equal(labels.team, "set");
      assert.equal(labels.all, "yes");
      assert.equal(labels["actions.github.com/x"], undefined);
      assert.equal(annotations.note, "set");
      assert.equal(annotations["actions.github.com/cleanup-x"], undefined);
      assert.match(annotations["actions.github.com/values-hash"], /^[0-9a-f]{63}$/);
    },
  },
  ...OBJECTS.map(([key, kind, values]): ValuesCase =>
    resourceMetaCase(key, {
      claim: "are on that object, never over the chart's",
      values,
      labelled: (rendered) => {
        const { metadata } = rendered.one(
          kind,
          kind.startsWith("Role") ? `${NAME}-manager` : undefined,
        );
        assert.equal(metadata.labels["app.kubernetes.io/part-of"], "gha-rs");
        return metadata;
      },
    })
  ),
  ...[["kubernetesModeRole", "Role"], ["kubernetesModeRoleBinding", "RoleBinding"]].map((
    [key = "", kind = ""],
  ): ValuesCase =>
    resourceMetaCase(key, {
      claim: "are on that object alone",
      values: { containerMode: { type: "kubernetes" } },
      labelled: (rendered) => {
        assert.equal(rendered.one(kind, `${NAME}-manager`).metadata.labels.team, undefined);
        return rendered.one(kind, `${NAME}-kube-mode`).metadata;
      },
    })
  ),
  ...CHILDREN.map(([key, field]): ValuesCase =>
    resourceMetaCase(key, {
      claim: `go to ${field} of the set, word for word`,
      labelled: (rendered) => {
        assert.equal(spec(rendered)[field].labels["app.kubernetes.io/part-of"], "mine");
        return spec(rendered)[field];
      },
    })
  ),
  {
    covers: ["extraObjects"],
    claim: "are rendered, texts as templates",
    values: {
      extraObjects: [
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}-b'}",
      ],
    },
    holds(rendered) {
      assert.ok(rendered.has("ConfigMap", "a") && rendered.has("ConfigMap", "arc-runner-set-b"));
    },
  },
];
