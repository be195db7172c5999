/** What each key of the controller chart's values does. One table; registered by its test. */
import assert from "node:assert/strict";
import type { Any, Release, Rendered } from "./render.ts";
import type { ValuesCase } from "./values_case.ts";

export const CONTROLLER_RELEASE: Release = {
  chart: "gha-runner-scale-set-controller",
  name: "arc",
  namespace: "arc-systems",
};

const NAME = "arc-gha-rs-controller";

function pod(rendered: Rendered): Any {
  return rendered.one("Deployment").spec.template;
}

function manager(rendered: Rendered): Any {
  return pod(rendered).spec.containers[0];
}

/** The value of a flag; `undefined` when it is not given. */
function flag(rendered: Rendered, name: string): string | undefined {
  const start = `--${name}=`;
  return manager(rendered).args.find((arg: string) => arg.startsWith(start))?.slice(start.length);
}

export const CONTROLLER_CASES: readonly ValuesCase[] = [
  {
    covers: ["labels"],
    claim: "are on Deployment and ServiceAccount, may replace the chart's, never the selector",
    values: { labels: { team: "build", number: 7, "app.kubernetes.io/instance": "mine" } },
    holds(rendered) {
      for (const kind of ["Deployment", "ServiceAccount"]) {
        const { labels } = rendered.one(kind).metadata;
        assert.equal(labels.team, "build");
        assert.equal(labels.number, "7");
        assert.equal(labels["app.kubernetes.io/instance"], "mine");
        assert.equal(labels["helm.sh/chart"], "gha-rs-controller-0.1.0");
        assert.equal(labels["app.kubernetes.io/version"], "0.1.0", "appVersion, as in ARC's chart");
        assert.equal(labels["app.kubernetes.io/part-of"], "gha-rs-controller");
        assert.equal(labels["app.kubernetes.io/managed-by"], "Helm");
      }
      const { metadata, spec } = rendered.one("Deployment");
      assert.deepEqual(metadata.annotations, { "longshore.dev/speaks-arc-version": "0.14.2" });
      assert.equal(spec.selector.matchLabels["app.kubernetes.io/instance"], "arc");
      assert.equal(spec.template.metadata.labels["app.kubernetes.io/instance"], "arc");
      assert.equal(rendered.one("ClusterRole", NAME).metadata.labels, undefined);
    },
  },
  {
    covers: ["replicaCount"],
    claim: "above 1 elects a leader, with a Role for it",
    values: { replicaCount: 3 },
    holds(rendered) {
      assert.equal(rendered.one("Deployment").spec.replicas, 3);
      assert.ok(manager(rendered).args.includes("--enable-leader-election"));
      assert.equal(flag(rendered, "leader-election-id"), NAME);
      const role = rendered.one("Role", `${NAME}-leader-election`);
      assert.deepEqual(role.rules[0].resources, ["leases"]);
      assert.equal(rendered.one("RoleBinding", `${NAME}-leader-election`).subjects[0].name, NAME);
    },
  },
  {
    covers: ["replicaCount"],
    claim: "of 0 is 1, without a leader",
    values: { replicaCount: 0 },
    holds(rendered) {
      assert.equal(rendered.one("Deployment").spec.replicas, 1);
      assert.ok(!manager(rendered).args.includes("--enable-leader-election"));
      assert.ok(!rendered.has("Role", `${NAME}-leader-election`));
    },
  },
  {
    covers: ["image.repository", "image.tag", "image.pullPolicy", "imagePullSecrets"],
    claim: "are of the controller, and of its listeners but for the pull policy",
    values: {
      image: { repository: "mirror.example.com/longshore", tag: 1.5, pullPolicy: "Always" },
      imagePullSecrets: [{ name: "one" }, { name: "two" }],
    },
    holds(rendered) {
      const { image, imagePullPolicy, env, args } = manager(rendered);
      assert.equal(image, "mirror.example.com/longshore:1.5");
      assert.equal(imagePullPolicy, "Always");
      assert.deepEqual(env[0], { name: "CONTROLLER_MANAGER_CONTAINER_IMAGE", value: image });
      assert.deepEqual(pod(rendered).spec.imagePullSecrets, [{ name: "one" }, { name: "two" }]);
      assert.deepEqual(
        args.filter((arg: string) => arg.startsWith("--auto-scaler-image-pull-secrets=")),
        ["--auto-scaler-image-pull-secrets=one", "--auto-scaler-image-pull-secrets=two"],
      );
    },
  },
  ...[undefined, ""].map((tag): ValuesCase => ({
    covers: ["image.repository"],
    claim: `ARC's own, with tag ${tag}, is a values file that was kept whole: ours runs`,
    values: { image: { repository: "ghcr.io/actions/gha-runner-scale-set-controller", tag } },
    holds(rendered) {
      const { image, env } = manager(rendered);
      assert.equal(image, "ghcr.io/longshore/gha-runner-scale-set-controller:0.1.0");
      assert.equal(env[0].value, image);
    },
  })),
  {
    covers: ["image.repository", "image.tag"],
    claim: "ARC's own with a tag is meant",
    values: {
      image: { repository: "ghcr.io/actions/gha-runner-scale-set-controller", tag: "0.14.2" },
    },
    holds(rendered) {
      const { image } = manager(rendered);
      assert.equal(image, "ghcr.io/actions/gha-runner-scale-set-controller:0.14.2");
    },
  },
  {
    covers: ["nameOverride", "namespaceOverride"],
    claim: "replace the base of names and the namespace of all objects",
    values: { nameOverride: "runners", namespaceOverride: "elsewhere" },
    holds(rendered) {
      const { metadata, spec } = rendered.one("Deployment");
      assert.equal(metadata.name, "arc-runners");
      assert.equal(spec.selector.matchLabels["app.kubernetes.io/name"], "runners");
      assert.equal(spec.selector.matchLabels["app.kubernetes.io/namespace"], "elsewhere");
      for (const object of rendered.objects) {
        const isOfNamespace = !object.kind.startsWith("ClusterRole");
        assert.equal(object.metadata.namespace, isOfNamespace ? "elsewhere" : undefined);
        for (const { namespace, kind } of object.subjects ?? []) {
          assert.equal(namespace, kind === "Group" ? undefined : "elsewhere");
        }
      }
      const group = rendered.one("RoleBinding", "arc-runners-listener-watch").subjects[0].name;
      assert.equal(group, "system:serviceaccounts:elsewhere");
    },
  },
  {
    covers: ["nameOverride"],
    claim: "that the release's name contains already is not said twice",
    values: { nameOverride: "ar" },
    holds(rendered) {
      assert.equal(rendered.one("Deployment").metadata.name, "arc");
    },
  },
  {
    covers: ["fullnameOverride"],
    claim: "is cut to 63 characters before suffixes are added",
    values: { fullnameOverride: `${"x".repeat(62)}-y` },
    holds(rendered) {
      const name = "x".repeat(62);
      assert.equal(rendered.one("Deployment").metadata.name, name);
      assert.equal(rendered.one("ServiceAccount").metadata.name, name);
      assert.ok(rendered.has("Role", `${name}-listener`));
    },
  },
  {
    covers: ["env", "volumes", "volumeMounts", "extraArgs"],
    claim: "come after what the chart has",
    values: {
      env: [{ name: "NO_PROXY", value: "10.0.0.0/8" }],
      volumes: [{ name: "ca", configMap: { name: "ca" } }],
      volumeMounts: [{ name: "ca", mountPath: "/ca" }],
      extraArgs: ["--sync-period=5m"],
    },
    holds(rendered) {
      const { env, volumeMounts, args } = manager(rendered);
      assert.deepEqual(env.map(({ name }: Any) => name), [
        "CONTROLLER_MANAGER_CONTAINER_IMAGE",
        "CONTROLLER_MANAGER_POD_NAMESPACE",
        "NO_PROXY",
      ]);
      assert.deepEqual(volumeMounts, [{ name: "tmp", mountPath: "/tmp" }, {
        name: "ca",
        mountPath: "/ca",
      }]);
      assert.deepEqual(pod(rendered).spec.volumes, [
        { name: "tmp", emptyDir: {} },
        { name: "ca", configMap: { name: "ca" } },
      ]);
      assert.equal(args.at(-1), "--sync-period=5m");
    },
  },
  {
    covers: ["env"],
    claim: "is ignored when it is no list",
    values: { env: { NO_PROXY: "x" } },
    holds(rendered) {
      assert.equal(manager(rendered).env.length, 2);
    },
  },
  {
    covers: ["serviceAccount.create", "serviceAccount.name"],
    claim: "a ServiceAccount of the user's is bound, and found by runner sets",
    values: { serviceAccount: { create: false, name: "mine" } },
    holds(rendered) {
      assert.ok(!rendered.has("ServiceAccount"));
      assert.equal(pod(rendered).spec.serviceAccountName, "mine");
      const { labels } = rendered.one("Deployment").metadata;
      assert.equal(labels["actions.github.com/controller-service-account-name"], "mine");
      assert.equal(
        labels["actions.github.com/controller-service-account-namespace"],
        "arc-systems",
      );
      assert.deepEqual(rendered.one("ClusterRoleBinding", NAME).subjects, [
        { kind: "ServiceAccount", name: "mine", namespace: "arc-systems" },
      ]);
    },
  },
  {
    covers: ["serviceAccount.annotations", "podAnnotations", "podLabels"],
    claim: "are texts on the ServiceAccount and on the pods",
    values: {
      serviceAccount: { annotations: { role: "arn:x", on: true } },
      podAnnotations: { note: 1000000 },
      podLabels: { team: "build", "app.kubernetes.io/name": "mine" },
    },
    holds(rendered) {
      assert.deepEqual(rendered.one("ServiceAccount").metadata.annotations, {
        role: "arn:x",
        on: "true",
      });
      assert.deepEqual(pod(rendered).metadata.annotations, {
        "kubectl.kubernetes.io/default-container": "manager",
        note: "1000000",
      });
      assert.equal(pod(rendered).metadata.labels.team, "build");
      assert.equal(pod(rendered).metadata.labels["app.kubernetes.io/name"], "gha-rs-controller");
      assert.equal(
        pod(rendered).metadata.labels["app.kubernetes.io/component"],
        "controller-manager",
      );
      assert.equal(pod(rendered).metadata.labels["app.kubernetes.io/version"], "0.1.0");
    },
  },
  {
    covers: ["podSecurityContext", "securityContext"],
    claim: "a user's is taken as it is, with nothing of ours that could forbid it",
    values: { securityContext: { runAsUser: 0 } },
    holds(rendered) {
      assert.equal(pod(rendered).spec.securityContext, undefined);
      assert.deepEqual(manager(rendered).securityContext, { runAsUser: 0 });
    },
  },
  {
    covers: [
      "resources",
      "podResources",
      "nodeSelector",
      "tolerations",
      "affinity",
      "topologySpreadConstraints",
      "priorityClassName",
    ],
    claim: "go into the pod as they are",
    values: {
      resources: { limits: { memory: "256Mi" } },
      podResources: { requests: { cpu: "100m" } },
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "a", operator: "Exists" }],
      affinity: { nodeAffinity: {} },
      topologySpreadConstraints: [{ maxSkew: 1 }],
      priorityClassName: "system-cluster-critical",
    },
    holds(rendered) {
      const { spec } = pod(rendered);
      assert.deepEqual(manager(rendered).resources, { limits: { memory: "256Mi" } });
      assert.deepEqual(spec.resources, { requests: { cpu: "100m" } });
      assert.deepEqual(spec.nodeSelector, { disk: "ssd" });
      assert.deepEqual(spec.tolerations, [{ key: "a", operator: "Exists" }]);
      assert.deepEqual(spec.affinity, { nodeAffinity: {} });
      assert.deepEqual(spec.topologySpreadConstraints, [{ maxSkew: 1 }]);
      assert.equal(spec.priorityClassName, "system-cluster-critical");
    },
  },
  {
    covers: [
      "metrics.controllerManagerAddr",
      "metrics.listenerAddr",
      "metrics.listenerEndpoint",
      "pprof.addr",
    ],
    claim: "name addresses and the container's ports",
    values: {
      metrics: {
        controllerManagerAddr: "0.0.0.0:9090",
        listenerAddr: ":8081",
        listenerEndpoint: "/numbers",
      },
      pprof: { addr: ":6060" },
    },
    holds(rendered) {
      assert.equal(flag(rendered, "metrics-addr"), "0.0.0.0:9090");
      assert.equal(flag(rendered, "listener-metrics-addr"), ":8081");
      assert.equal(flag(rendered, "listener-metrics-endpoint"), "/numbers");
      assert.equal(flag(rendered, "pprof-addr"), ":6060");
      assert.deepEqual(manager(rendered).ports, [
        { name: "metrics", containerPort: 9090, protocol: "TCP" },
        { name: "pprof", containerPort: 6060, protocol: "TCP" },
      ]);
    },
  },
  {
    covers: ["metrics.controllerManagerAddr"],
    claim: "of 0 is no port",
    values: { metrics: { controllerManagerAddr: "0", listenerAddr: ":8080" } },
    holds(rendered) {
      assert.equal(flag(rendered, "metrics-addr"), "0");
      assert.equal(flag(rendered, "listener-metrics-endpoint"), "");
      assert.equal(manager(rendered).ports, undefined);
    },
  },
  {
    covers: [
      "flags.logLevel",
      "flags.logFormat",
      "flags.updateStrategy",
      "flags.runnerMaxConcurrentReconciles",
      "flags.excludeLabelPropagationPrefixes",
      "flags.rateLimiter.name",
      "flags.k8sClientRateLimiterQPS",
      "flags.k8sClientRateLimiterBurst",
      "flags.healthProbeBindAddress",
    ],
    claim: "are arguments, in ARC's order; an address of probes turns them on",
    values: {
      flags: {
        logLevel: "info",
        logFormat: "json",
        updateStrategy: "eventual",
        runnerMaxConcurrentReconciles: 4,
        excludeLabelPropagationPrefixes: ["a/", "b"],
        rateLimiter: { name: "typed_rate_limiter" },
        k8sClientRateLimiterQPS: 1000000,
        k8sClientRateLimiterBurst: 60,
        healthProbeBindAddress: ":8081",
      },
    },
    holds(rendered) {
      assert.deepEqual(manager(rendered).args, [
        "--auto-scaling-runner-set-only",
        "--log-level=info",
        "--log-format=json",
        "--update-strategy=eventual",
        "--runner-max-concurrent-reconciles=4",
        "--listener-metrics-addr=0",
        "--listener-metrics-endpoint=",
        "--metrics-addr=0",
        "--exclude-label-propagation-prefix=a/",
        "--exclude-label-propagation-prefix=b",
        "--k8s-client-rate-limiter-qps=1000000",
        "--k8s-client-rate-limiter-burst=60",
        "--workqueue-rate-limiter=typed_rate_limiter",
        "--health-probe-bind-address=:8081",
      ]);
      const { livenessProbe, readinessProbe } = manager(rendered);
      assert.deepEqual(livenessProbe, {
        httpGet: { path: "/healthz", port: 8081 },
        initialDelaySeconds: 15,
        periodSeconds: 20,
      });
      assert.deepEqual(readinessProbe, {
        httpGet: { path: "/readyz", port: 8081 },
        initialDelaySeconds: 5,
        periodSeconds: 10,
      });
    },
  },
  {
    covers: ["flags.watchSingleNamespace"],
    claim: "needs no rule for the whole cluster, and is told to runner sets",
    values: { flags: { watchSingleNamespace: "team-a" } },
    holds(rendered) {
      assert.ok(rendered.objects.every(({ kind }) => !kind.startsWith("Cluster")));
      assert.equal(flag(rendered, "watch-single-namespace"), "team-a");
      const { labels } = rendered.one("Deployment").metadata;
      assert.equal(labels["actions.github.com/controller-watch-single-namespace"], "team-a");
      const roles = rendered.objects.filter(({ kind }) => kind === "Role");
      assert.deepEqual(
        roles.map(({ metadata, rules }) => [
          metadata.namespace,
          metadata.name.slice(NAME.length),
          rules.length,
        ]).sort(),
        [
          ["arc-systems", "-events", 1],
          ["arc-systems", "-listener", 4],
          ["arc-systems", "-listener-watch", 1],
          ["arc-systems", "-single-namespace", 10],
          ["arc-systems", "-uninstall", 1],
          ["arc-systems", "-uninstall-own", 2],
          ["team-a", "-events", 1],
          ["team-a", "-single-namespace-watch", 14],
          ["team-a", "-uninstall", 1],
        ],
      );
      const bindings = rendered.objects.filter(({ kind }) => kind === "RoleBinding");
      assert.equal(bindings.length, roles.length);
      for (const { metadata, roleRef, subjects } of bindings) {
        assert.equal(roleRef.name, metadata.name);
        if (subjects[0].kind === "ServiceAccount") {
          assert.equal(subjects[0].namespace, "arc-systems");
        }
      }
    },
  },
  {
    covers: ["flags.watchSingleNamespace"],
    claim: "may be the controller's own",
    values: { flags: { watchSingleNamespace: "arc-systems" } },
    holds(rendered) {
      const names = rendered.objects.filter(({ kind }) => kind === "Role")
        .map(({ metadata }) => metadata.name);
      assert.equal(new Set(names).size, names.length);
      assert.equal(names.length, 7);
    },
  },
  {
    covers: [
      "podDisruptionBudget.enabled",
      "podDisruptionBudget.minAvailable",
      "podDisruptionBudget.maxUnavailable",
    ],
    claim: "make one budget, with one of the two numbers",
    values: { podDisruptionBudget: { enabled: true, minAvailable: 2, maxUnavailable: 0 } },
    holds(rendered) {
      const { spec } = rendered.one("PodDisruptionBudget");
      assert.equal(spec.maxUnavailable, 0);
      assert.equal(spec.minAvailable, undefined);
      assert.deepEqual(spec.selector, rendered.one("Deployment").spec.selector);
    },
  },
  {
    covers: ["podDisruptionBudget.minAvailable"],
    claim: "holds without the other",
    values: { podDisruptionBudget: { enabled: true, minAvailable: "50%" } },
    holds(rendered) {
      assert.equal(rendered.one("PodDisruptionBudget").spec.minAvailable, "50%");
    },
  },
  {
    covers: [
      "podMonitor.enabled",
      "podMonitor.labels",
      "podMonitor.interval",
      "serviceMonitor.enabled",
      "serviceMonitor.labels",
      "serviceMonitor.interval",
    ],
    claim: "have the controller and the listeners scraped",
    values: {
      metrics: {
        controllerManagerAddr: ":8080",
        listenerAddr: ":8081",
        listenerEndpoint: "/numbers",
      },
      podMonitor: { enabled: true, labels: { release: "prometheus" }, interval: "30s" },
      serviceMonitor: { enabled: true, labels: { release: "other" }, interval: "1m" },
    },
    holds(rendered) {
      const [controller, listeners] = [
        rendered.one("PodMonitor", NAME),
        rendered.one("PodMonitor", `${NAME}-listeners`),
      ];
      for (const { metadata } of [controller, listeners]) {
        assert.equal(metadata.labels.release, "prometheus");
      }
      assert.deepEqual(controller.spec.podMetricsEndpoints, [
        { port: "metrics", path: "/metrics", honorLabels: true, interval: "30s" },
      ]);
      assert.equal(listeners.spec.podMetricsEndpoints[0].path, "/numbers");
      assert.deepEqual(listeners.spec.selector.matchLabels, {
        "app.kubernetes.io/part-of": "gha-runner-scale-set",
        "app.kubernetes.io/component": "runner-scale-set-listener",
      });
      assert.deepEqual(controller.spec.selector, rendered.one("Deployment").spec.selector);
      const service = rendered.one("Service");
      assert.deepEqual(service.spec.ports[0], {
        name: "metrics",
        port: 8080,
        targetPort: "metrics",
        protocol: "TCP",
      });
      const monitor = rendered.one("ServiceMonitor");
      assert.equal(monitor.metadata.labels.release, "other");
      assert.deepEqual(monitor.spec.endpoints, [
        { port: "metrics", path: "/metrics", honorLabels: true, interval: "1m" },
      ]);
    },
  },
  {
    covers: [
      "prometheusRule.enabled",
      "prometheusRule.labels",
      "grafanaDashboards.enabled",
      "grafanaDashboards.labels",
    ],
    claim: "bring alerts and dashboards, found by their labels",
    values: {
      metrics: { controllerManagerAddr: ":8080", listenerAddr: ":8080" },
      prometheusRule: { enabled: true, labels: { release: "prometheus" } },
      grafanaDashboards: { enabled: true, labels: { team: "build" } },
    },
    holds(rendered) {
      const rule = rendered.one("PrometheusRule");
      assert.equal(rule.metadata.labels.release, "prometheus");
      assert.ok(rule.spec.groups[0].rules.length >= 4);
      const dashboards = rendered.one("ConfigMap");
      assert.equal(dashboards.metadata.labels.team, "build");
      assert.equal(dashboards.metadata.labels.grafana_dashboard, "1");
      for (const text of Object.values<string>(dashboards.data)) {
        assert.ok(JSON.parse(text).panels.length > 0);
      }
    },
  },
  {
    covers: ["networkPolicy.enabled", "networkPolicy.metricsFrom", "networkPolicy.egress"],
    claim: "leave the ports of metrics and probes, and the ways out that are listed",
    values: {
      metrics: { controllerManagerAddr: ":8080", listenerAddr: ":8082" },
      flags: { healthProbeBindAddress: ":8081" },
      networkPolicy: {
        enabled: true,
        metricsFrom: [{ namespaceSelector: {} }],
        egress: [{ ports: [{ port: 443 }] }],
      },
    },
    holds(rendered) {
      const controller = rendered.one("NetworkPolicy", NAME).spec;
      assert.deepEqual(controller.ingress, [
        { ports: [{ port: 8080, protocol: "TCP" }], from: [{ namespaceSelector: {} }] },
        { ports: [{ port: 8081, protocol: "TCP" }] },
      ]);
      assert.deepEqual(controller.policyTypes, ["Ingress", "Egress"]);
      assert.deepEqual(controller.egress, [{ ports: [{ port: 443 }] }]);
      const listeners = rendered.one("NetworkPolicy", `${NAME}-listeners`).spec;
      assert.equal(listeners.ingress[0].ports[0].port, 8082);
    },
  },
  {
    covers: ["releaseOnUninstall"],
    claim:
      "ends an uninstall with a Job that may do no more than it must, under the controller's own restrictions",
    values: {
      imagePullSecrets: [{ name: "one" }],
      tolerations: [{ key: "t" }],
      flags: { watchSingleNamespace: "team" },
    },
    holds(rendered) {
      const job = rendered.one("Job", `${NAME}-uninstall`);
      const { spec } = job.spec.template;
      const own = pod(rendered).spec;
      for (const key of ["imagePullSecrets", "tolerations", "securityContext"]) {
        assert.deepEqual(spec[key], own[key], key);
      }
      const [container] = spec.containers;
      for (const key of ["image", "command", "env", "securityContext"]) {
        assert.deepEqual(container[key], manager(rendered)[key], key);
      }
      const { matchLabels } = rendered.one("Deployment").spec.selector;
      const [selector = "", ...more] = container.args;
      assert.deepEqual(
        Object.fromEntries(
          selector.replace("--release-finalizers=", "").split(",")
            .map((pair: string) => pair.split("=")),
        ),
        matchLabels,
      );
      assert.deepEqual(more, ["--watch-single-namespace=team", "--metrics-addr=0"]);
      const hooks = rendered.objects.filter(({ metadata }) =>
        metadata.annotations?.["helm.sh/hook"] === "post-delete"
      );
      assert.equal(hooks.length, 8);
      assert.ok(
        hooks.every(({ metadata }) =>
          /hook-succeeded,hook-failed/.test(metadata.annotations["helm.sh/hook-delete-policy"])
        ),
      );
      assert.ok(!rendered.has("ClusterRole", `${NAME}-uninstall`));
    },
  },
  {
    covers: ["releaseOnUninstall"],
    claim: "serves all namespaces with a right in the cluster",
    values: {},
    holds(rendered) {
      const { rules } = rendered.one("ClusterRole", `${NAME}-uninstall`);
      assert.deepEqual(rules.map(({ verbs }: Any) => verbs), [["list", "patch"]]);
    },
  },
  {
    covers: ["releaseOnUninstall"],
    claim: "set to false leaves it all out",
    values: { releaseOnUninstall: false },
    holds(rendered) {
      assert.ok(!rendered.has("Job", `${NAME}-uninstall`));
      assert.ok(!rendered.has("ServiceAccount", `${NAME}-uninstall`));
    },
  },
  {
    covers: ["extraObjects"],
    claim: "are rendered, texts as templates",
    values: {
      extraObjects: [
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { x: "{{ y }}" } },
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}-b'}",
      ],
    },
    holds(rendered) {
      assert.equal(rendered.one("ConfigMap", "a").data.x, "{{ y }}");
      assert.ok(rendered.has("ConfigMap", "arc-b"));
    },
  },
];
