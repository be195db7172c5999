import assert from "node:assert/strict";
import {
  desiredConfigSecret,
  desiredDocument,
  desiredRole,
  desiredRoleBinding,
  desiredServiceAccount,
} from "../../../controllers/autoscaling_listener/children.ts";
import { desiredListenerPod } from "../../../controllers/autoscaling_listener/pod.ts";
import { AUTOSCALING_LISTENERS } from "../../../crds/autoscaling_listener.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { parseListenerConfig } from "../../../crds/listener_config.ts";
import { listenerRules } from "../../../listener/rules.ts";
import { aListener, aRunnerSet, ownedBy, STORY } from "../../builders.ts";
import { LISTENER_SETTINGS, pure } from "../situations.ts";

type ListenerChanges = NonNullable<Parameters<typeof aListener>[0]>;
type Settings = Partial<typeof LISTENER_SETTINGS | Record<keyof typeof LISTENER_SETTINGS, unknown>>;

const parentOf = (changes: ListenerChanges = {}, settings: Settings = {}) => ({
  listener: aListener(changes),
  runnerSet: aRunnerSet(),
  settings: { ...LISTENER_SETTINGS, ...settings } as typeof LISTENER_SETTINGS,
});
const OWNER = [
  ownedBy(AUTOSCALING_LISTENERS, { namespace: STORY.controllerNamespace, name: STORY.listener }),
];

pure("AL-01: the Role has ARC's two rules for the listener's set, and the binding binds it", () => {
  const role = desiredRole(parentOf());
  assert.equal(role.metadata?.namespace, STORY.namespace);
  assert.equal(role.metadata?.name, STORY.listener);
  assert.deepEqual(role.rules, [
    {
      apiGroups: ["actions.github.com"],
      resources: ["ephemeralrunnersets"],
      resourceNames: ["linux"],
      verbs: ["patch"],
    },
    {
      apiGroups: ["actions.github.com"],
      resources: ["ephemeralrunners", "ephemeralrunners/status"],
      verbs: ["patch"],
    },
  ]);
  const binding = desiredRoleBinding(parentOf());
  assert.equal(binding.roleRef.name, STORY.listener);
  assert.deepEqual(binding.subjects, [
    { kind: "ServiceAccount", namespace: STORY.controllerNamespace, name: STORY.listener },
  ]);
});

pure("the rights that are granted are those that the listener asks for", () => {
  const ephemeralRunnerSetName = "linux";
  assert.deepEqual(desiredRole(parentOf()).rules, listenerRules({ ephemeralRunnerSetName }));
});

pure("AL-03: another set of runners is another rule, and another fingerprint", () => {
  const before = desiredRole(parentOf());
  const after = desiredRole(parentOf({ spec: { ephemeralRunnerSetName: "other" } }));
  assert.deepEqual(after.rules?.[0]?.resourceNames, ["other"]);
  const hash = (role: typeof after) => role.metadata?.annotations?.[ANNOTATIONS.integrityHash];
  assert.notEqual(hash(before), hash(after));
});

pure("AL-04, RB-01: labels of the listener and each child's own wishes reach that child", () => {
  const wish = (value: string) => ({
    labels: { wish: value, team: "loses" },
    annotations: { wish: value },
  });
  const parent = parentOf({
    metadata: { labels: { team: "blue" } },
    spec: {
      serviceAccountMetadata: wish("account"),
      roleMetadata: wish("role"),
      roleBindingMetadata: wish("binding"),
      configSecretMetadata: wish("secret"),
    },
  });
  const children = [
    ["account", desiredServiceAccount(parent)],
    ["role", desiredRole(parent)],
    ["binding", desiredRoleBinding(parent)],
  ] as const;
  for (const [value, { metadata }] of children) {
    assert.equal(metadata?.labels?.["wish"], value);
    assert.equal(metadata?.labels?.["team"], "blue");
    assert.equal(metadata?.annotations?.["wish"], value);
    assert.equal(metadata?.labels?.["actions.github.com/scale-set-name"], "linux");
  }
  const { metadata } = desiredConfigSecret(parent);
  assert.deepEqual(metadata?.labels, { wish: "secret", team: "loses" });
  assert.equal(metadata?.annotations?.["wish"], "secret");
});

pure(
  "#3877: what a listener owns has the set's instance label, which the listener itself must not have",
  () => {
    const label = "app.kubernetes.io/instance";
    const parent = {
      ...parentOf(),
      runnerSet: aRunnerSet({ metadata: { labels: { [label]: "my-app" } } }),
    };
    const children = [
      desiredServiceAccount(parent),
      desiredRole(parent),
      desiredListenerPod(parent),
    ];
    assert.deepEqual(
      children.map(({ metadata }) => metadata?.labels?.[label]),
      Array(3).fill("my-app"),
    );
    const excluding = {
      ...parent,
      settings: { ...LISTENER_SETTINGS, excludedLabelPrefixes: [label] },
    };
    assert.equal(desiredListenerPod(excluding).metadata?.labels?.[label], undefined);
  },
);

pure("X11: a wish with labels alone is taken", () => {
  const parent = parentOf({ spec: { roleMetadata: { labels: { a: "1" } } } });
  assert.equal(desiredRole(parent).metadata?.labels?.["a"], "1");
});

pure(
  "Role and RoleBinding say whose they are; what lives beside the listener is owned by it",
  () => {
    const parent = parentOf();
    for (const { metadata } of [desiredRole(parent), desiredRoleBinding(parent)]) {
      // B5: with the set they go even when nobody may delete them; the listener is in another namespace.
      assert.deepEqual(
        metadata?.ownerReferences?.map(({ kind, controller }) => [kind, controller]),
        [["AutoscalingRunnerSet", undefined]],
      );
      assert.equal(metadata?.labels?.["auto-scaling-listener-name"], STORY.listener);
      assert.equal(
        metadata?.labels?.["auto-scaling-listener-namespace"],
        STORY.controllerNamespace,
      );
    }
    for (const { metadata } of [desiredServiceAccount(parent), desiredConfigSecret(parent)]) {
      assert.deepEqual(metadata?.ownerReferences, OWNER);
      assert.equal(metadata?.namespace, STORY.controllerNamespace);
    }
    assert.equal(desiredConfigSecret(parent).metadata?.name, `${STORY.listener}-config`);
  },
);

pure("excluded prefixes hold for the children as well", () => {
  const parent = parentOf(
    {
      metadata: { labels: { "example.com/x": "1" } },
      spec: { configSecretMetadata: { labels: { "example.com/y": "1" } } },
    },
    { excludedLabelPrefixes: ["example.com/"] },
  );
  assert.equal(desiredRole(parent).metadata?.labels?.["example.com/x"], undefined);
  assert.deepEqual(desiredConfigSecret(parent).metadata?.labels, {});
});

pure("the document is one that a listener reads back as it was meant", () => {
  const parent = parentOf({ spec: { minRunners: 1, maxRunners: 9 } });
  const document = desiredDocument(parent);
  assert.deepEqual(document, {
    configure_url: STORY.configUrl,
    vault_type: "",
    vault_lookup_key: "",
    ephemeral_runner_set_namespace: STORY.namespace,
    ephemeral_runner_set_name: "linux",
    max_runners: 9,
    min_runners: 1,
    runner_scale_set_id: 7,
    runner_scale_set_name: "linux",
    server_root_ca: "",
    log_level: "info",
    log_format: "json",
    metrics_addr: ":8080",
    metrics_endpoint: "/metrics",
    metrics: null,
    autoscaling_listener_namespace: STORY.controllerNamespace,
    autoscaling_listener_name: STORY.listener,
  });
  assert.deepEqual(parseListenerConfig(JSON.stringify(document)), document);
});

pure(
  "the document says that there are no metrics, and falls back on log words it cannot say",
  () => {
    const off = desiredDocument(parentOf({}, { metricsAddress: "0" }));
    assert.deepEqual([off.metrics_addr, off.metrics_endpoint], ["", ""]);
    const odd = desiredDocument(parentOf({}, { logLevel: "-3" }));
    assert.deepEqual([odd.log_level, odd.log_format], ["debug", "text"]);
  },
);
