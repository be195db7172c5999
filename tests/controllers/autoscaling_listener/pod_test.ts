import assert from "node:assert/strict";
import { desiredListenerPod } from "../../../controllers/autoscaling_listener/pod.ts";
import { AUTOSCALING_LISTENERS } from "../../../crds/autoscaling_listener.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { aListener, aRunnerSet, ownedBy, STORY } from "../../builders.ts";
import { LISTENER_SETTINGS, pure } from "../situations.ts";

type ListenerChanges = NonNullable<Parameters<typeof aListener>[0]>;
type Template = NonNullable<NonNullable<ListenerChanges["spec"]>["template"]>;

const podOf = (changes: ListenerChanges = {}, settings = {}) =>
  desiredListenerPod({
    listener: aListener(changes),
    runnerSet: aRunnerSet(),
    settings: { ...LISTENER_SETTINGS, ...settings },
  });
const templated = (template: Template) => podOf({ spec: { template } });
const hashOf = (pod: ReturnType<typeof podOf>) =>
  pod.metadata?.annotations?.[ANNOTATIONS.integrityHash];

/** What the Pod Security level `restricted` asks of a container, and a root that is not written to. */
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

pure("RB-05, RB-06, RB-07: the pod without a template", () => {
  const pod = podOf();
  assert.deepEqual(pod.metadata?.ownerReferences, [
    ownedBy(AUTOSCALING_LISTENERS, { namespace: STORY.controllerNamespace, name: STORY.listener }),
  ]);
  assert.deepEqual(pod.metadata?.labels, aListener().metadata?.labels);
  assert.deepEqual(pod.spec, {
    serviceAccountName: STORY.listener,
    nodeSelector: { "kubernetes.io/os": "linux" },
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 60,
    volumes: [{ name: "listener-config", secret: { secretName: `${STORY.listener}-config` } }],
    containers: [{
      name: "listener",
      image: "ghcr.io/longshore/longshore:0.1.0",
      command: ["/ghalistener"],
      env: [{ name: "LISTENER_CONFIG_PATH", value: "/etc/gha-listener/config.json" }],
      volumeMounts: [{ name: "listener-config", mountPath: "/etc/gha-listener", readOnly: true }],
      ports: [{ name: "metrics", containerPort: 8080, protocol: "TCP" }],
      securityContext: RESTRICTED,
    }],
  });
});

const CONTEXTS: readonly (readonly [claim: string, template: Template, expected: unknown])[] = [
  ["a template without a word of it leaves ours", { spec: { containers: [] } }, RESTRICTED],
  ["a side-car leaves ours", { spec: { containers: [{ name: "side" }] } }, RESTRICTED],
  [
    "one for the pod takes its place",
    { spec: { containers: [], securityContext: { runAsUser: 0 } } },
    undefined,
  ],
  [
    "an empty one for the container takes its place",
    { spec: { containers: [{ name: "listener", securityContext: {} }] } },
    {},
  ],
  [
    "another image has none",
    { spec: { containers: [{ name: "listener", image: "other" }] } },
    undefined,
  ],
  [
    "another command has none",
    { spec: { containers: [{ name: "listener", command: ["/x"] }] } },
    undefined,
  ],
];

for (const [claim, template, expected] of CONTEXTS) {
  pure(`the listener's security context: ${claim}`, () => {
    const listener = templated(template).spec?.containers.find(({ name }) => name === "listener");
    assert.deepEqual(listener?.securityContext, expected);
  });
}

pure("settings of the controller reach the pod", () => {
  const { spec } = podOf({ spec: { imagePullSecrets: [{ name: "pull" }] } }, {
    metricsAddress: "0",
    githubHosts: "github.com=http://127.0.0.1:1",
    forceGhes: true,
    entrypoint: "/l",
  });
  const [container] = spec?.containers ?? [];
  assert.equal(container?.ports, undefined);
  assert.deepEqual(container?.command, ["/l"]);
  assert.deepEqual(container?.env?.slice(1), [
    { name: "LONGSHORE_GITHUB_HOSTS", value: "github.com=http://127.0.0.1:1" },
    { name: "GITHUB_ACTIONS_FORCE_GHES", value: "1" },
  ]);
  assert.deepEqual(spec?.imagePullSecrets, [{ name: "pull" }]);
  assert.equal(podOf({}, { metricsAddress: "odd" }).spec?.containers[0]?.ports, undefined);
});

const SELECTORS:
  readonly (readonly [claim: string, selector: object | undefined, expected: object])[] = [
    ["RB-08: a template without nodeSelector keeps it", undefined, { "kubernetes.io/os": "linux" }],
    ["RB-09: a template's nodeSelector replaces it", { disk: "ssd" }, { disk: "ssd" }],
    ["RB-10: an empty nodeSelector clears it", {}, {}],
  ];

for (const [claim, nodeSelector, expected] of SELECTORS) {
  pure(claim, () => {
    const { spec } = templated({
      spec: { containers: [], tolerations: [{ key: "t" }], ...(nodeSelector && { nodeSelector }) },
    } as Template);
    assert.deepEqual(spec?.nodeSelector, expected);
    assert.deepEqual(spec?.tolerations, [{ key: "t" }]);
  });
}

pure("AL-06: the listener container is merged, sidecars and pod settings are taken", () => {
  const sidecar = { name: "sidecar", image: "busybox", imagePullPolicy: "IfNotPresent" };
  const { spec } = templated({
    spec: {
      securityContext: { runAsUser: 1001 },
      volumes: [{ name: "more" }],
      containers: [
        sidecar,
        {
          name: "listener",
          imagePullPolicy: "Always",
          securityContext: { runAsUser: 1001 },
          env: [{ name: "A", value: "1" }],
        },
      ],
    },
  });
  assert.deepEqual(spec?.securityContext, { runAsUser: 1001 });
  assert.deepEqual(spec?.volumes?.map(({ name }) => name), ["listener-config", "more"]);
  const [listener, side, ...rest] = spec?.containers ?? [];
  assert.equal(listener?.name, "listener");
  assert.equal(listener?.image, "ghcr.io/longshore/longshore:0.1.0");
  assert.equal(listener?.imagePullPolicy, "Always");
  assert.deepEqual(listener?.securityContext, { runAsUser: 1001 });
  assert.deepEqual(listener?.env?.map(({ name }) => name), ["LISTENER_CONFIG_PATH", "A"]);
  assert.deepEqual(side, sidecar);
  assert.deepEqual(rest, []);
});

pure("a template decides what it sets, clears what ARC clears, and nothing else", () => {
  const { spec } = templated({
    spec: {
      containers: [{ name: "listener", image: "other", command: ["/x"] }],
      restartPolicy: "OnFailure",
      imagePullSecrets: [{ name: "p" }],
      serviceAccountName: "ignored",
      automountServiceAccountToken: false,
    },
  } as Template);
  assert.deepEqual(
    [spec?.containers[0]?.image, spec?.containers[0]?.command, spec?.restartPolicy],
    ["other", ["/x"], "OnFailure"],
  );
  assert.deepEqual(spec?.imagePullSecrets, [{ name: "p" }]);
  assert.equal(spec?.terminationGracePeriodSeconds, undefined);
  assert.equal(spec?.serviceAccountName, STORY.listener);
  assert.equal(spec?.automountServiceAccountToken, undefined);
});

pure("AL-11: the template's labels and annotations appear where they take nothing away", () => {
  const { metadata } = templated({
    metadata: {
      labels: { extra: "l", "actions.github.com/scale-set-name": "loses" },
      annotations: { extra: "a", [ANNOTATIONS.integrityHash]: "loses" },
    },
  });
  assert.equal(metadata?.labels?.["extra"], "l");
  assert.equal(metadata?.labels?.["actions.github.com/scale-set-name"], "linux");
  assert.equal(metadata?.annotations?.["extra"], "a");
  assert.match(metadata?.annotations?.[ANNOTATIONS.integrityHash] ?? "", /^ls1-/);
});

const SAME: readonly (readonly [claim: string, changes: ListenerChanges])[] = [
  ["B3: other limits", { spec: { minRunners: 4, maxRunners: 40 } }],
  ["metadata of its ServiceAccount", { spec: { serviceAccountMetadata: { labels: { a: "1" } } } }],
  ["its own annotations", { metadata: { annotations: { a: "1" } } }],
  ["another version of the object", { metadata: { resourceVersion: "99", generation: 5 } }],
];

for (const [claim, changes] of SAME) {
  pure(`the pod is kept for ${claim}`, () => assert.equal(hashOf(podOf(changes)), hashOf(podOf())));
}

const OTHER: readonly (readonly [claim: string, pod: ReturnType<typeof podOf>])[] = [
  ["another image", podOf({ spec: { image: "v2" } })],
  ["another URL", podOf({ spec: { githubConfigUrl: "https://github.com/other" } })],
  ["another scale set", podOf({ spec: { runnerScaleSetId: 8 } })],
  ["other metrics", podOf({ spec: { metrics: { gauges: {} } } })],
  ["another template", templated({ spec: { containers: [], hostNetwork: true } })],
  ["AL-04: another label", podOf({ metadata: { labels: { team: "blue" } } })],
  [
    "AL-11: other annotations of the template",
    templated({ metadata: { annotations: { a: "1" } } }),
  ],
  ["another log level", podOf({}, { logLevel: "warn" })],
];

for (const [claim, pod] of OTHER) {
  pure(`the pod is made anew for ${claim}`, () => assert.notEqual(hashOf(pod), hashOf(podOf())));
}

pure("a scheduler that the controller was told of comes before the template's", () => {
  const template = { spec: { containers: [], schedulerName: "theirs" } };
  assert.equal(podOf({ spec: { template } }).spec?.schedulerName, "theirs");
  const settings = { scheduler: "longshore-dev" };
  assert.equal(podOf({ spec: { template } }, settings).spec?.schedulerName, "longshore-dev");
  assert.equal(podOf({}, { scheduler: "" }).spec?.schedulerName, undefined);
});
