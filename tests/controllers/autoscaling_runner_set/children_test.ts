import assert from "node:assert/strict";
import {
  desiredEphemeralRunnerSet,
  desiredListener,
  listenerKey,
  type RegisteredSet,
} from "../../../controllers/autoscaling_runner_set/children.ts";
import { parseConfigUrl } from "../../../github/config_url.ts";
import { ANNOTATIONS, MAX_RUNNERS } from "../../../crds/group.ts";
import { aRunnerSet, ownedBy, STORY } from "../../builders.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { pure, SETTINGS } from "../situations.ts";

type SetChanges = NonNullable<Parameters<typeof aRunnerSet>[0]>;

function registered(
  changes: SetChanges = {},
  settings: Partial<RegisteredSet["settings"]> = {},
): RegisteredSet {
  const set = aRunnerSet(changes);
  return {
    set,
    url: parseConfigUrl(set.spec?.githubConfigUrl ?? ""),
    scaleSetId: STORY.scaleSetId,
    patchId: 0,
    childName: "linux",
    settings: { ...SETTINGS, ...settings },
  };
}

const hashOf = (parent: RegisteredSet) =>
  desiredEphemeralRunnerSet(parent).metadata?.annotations?.[ANNOTATIONS.integrityHash];

pure("RB-01: metadata reaches both children, but for excluded labels", () => {
  const parent = registered({
    metadata: {
      labels: {
        "app.kubernetes.io/version": "0.1.0",
        "arbitrary": "value",
        "example.com/label": "no",
        "directly.excluded.org/label": "no",
        "directly.excluded.org/arbitrary": "yes",
      },
    },
    spec: {
      githubConfigUrl: "https://github.com/acme/shop",
      ephemeralRunnerSetMetadata: {
        labels: { "test.com/set": "l", "example.com/example": "no" },
        annotations: { "test.com/set": "a" },
      },
      autoscalingListener: {
        labels: { "test.com/listener": "l", "example.com/example": "no" },
        annotations: { "test.com/listener": "a" },
      },
    },
  }, { excludedLabelPrefixes: ["example.com/", "directly.excluded.org/label"] });
  const common = {
    "app.kubernetes.io/part-of": "gha-runner-scale-set",
    "app.kubernetes.io/managed-by": "Helm",
    "app.kubernetes.io/version": "0.1.0",
    "actions.github.com/scale-set-name": "linux",
    "actions.github.com/scale-set-namespace": "arc-runners",
    "actions.github.com/organization": "acme",
    "actions.github.com/repository": "shop",
    "arbitrary": "value",
    "directly.excluded.org/arbitrary": "yes",
  };
  const runners = desiredEphemeralRunnerSet(parent).metadata;
  assert.deepEqual(runners?.labels, {
    ...common,
    "app.kubernetes.io/component": "runner-set",
    "test.com/set": "l",
  });
  assert.deepEqual(runners?.annotations, {
    "test.com/set": "a",
    [ANNOTATIONS.runnerGroupName]: "Default",
    [ANNOTATIONS.scaleSetName]: "linux",
    [ANNOTATIONS.integrityHash]: hashOf(parent),
  });
  const listener = desiredListener(parent).metadata;
  assert.deepEqual(listener?.labels, {
    ...common,
    "app.kubernetes.io/component": "runner-scale-set-listener",
    "test.com/listener": "l",
  });
  assert.equal(listener?.annotations?.["test.com/listener"], "a");
});

pure(
  "#3877: the listener, which nobody owns, has not the label by which Argo CD prunes; the runners have",
  () => {
    const instance = { "app.kubernetes.io/instance": "my-app" };
    const parent = registered({ metadata: { labels: instance } });
    const labelsOf = (child: KubeObject) => child.metadata?.labels?.["app.kubernetes.io/instance"];
    assert.equal(labelsOf(desiredListener(parent)), undefined);
    assert.equal(labelsOf(desiredEphemeralRunnerSet(parent)), "my-app");
    const wish = registered({ spec: { autoscalingListener: { labels: instance } } });
    assert.equal(labelsOf(desiredListener(wish)), "my-app");
  },
);

pure("RB-03, RB-04: long parts of the URL are cut in the labels of both children", () => {
  const long = "x".repeat(64);
  const cut = `${"x".repeat(58)}-trim`;
  const rows = [
    [`https://github.com/${long}/${long}`, { organization: cut, repository: cut }],
    [`https://github.com/enterprises/${long}`, { enterprise: cut }],
  ] as const;
  for (const [githubConfigUrl, expected] of rows) {
    const parent = registered({
      metadata: { labels: { "actions.github.com/organization": null } },
      spec: { githubConfigUrl },
    });
    for (const child of [desiredEphemeralRunnerSet(parent), desiredListener(parent)]) {
      const labels = child.metadata?.labels ?? {};
      const parts = ["enterprise", "organization", "repository"].filter((part) =>
        labels[`actions.github.com/${part}`] !== undefined
      ).map((part) => [part, labels[`actions.github.com/${part}`]]);
      assert.deepEqual(Object.fromEntries(parts), expected);
    }
  }
});

pure(
  "RB-05: the EphemeralRunnerSet is controlled by its runner set, the listener by nobody",
  () => {
    assert.deepEqual(desiredEphemeralRunnerSet(registered()).metadata?.ownerReferences, [
      ownedBy(AUTOSCALING_RUNNER_SETS, { namespace: STORY.namespace, name: STORY.runnerSet }),
    ]);
    assert.equal(desiredListener(registered()).metadata?.ownerReferences, undefined);
  },
);

pure("X11: metadata wishes with labels alone, or annotations alone, are taken", () => {
  const parent = registered({
    spec: {
      ephemeralRunnerSetMetadata: { labels: { a: "1" } },
      autoscalingListener: { annotations: { b: "2" } },
    },
  });
  assert.equal(desiredEphemeralRunnerSet(parent).metadata?.labels?.["a"], "1");
  assert.equal(desiredListener(parent).metadata?.annotations?.["b"], "2");
});

pure("ARS-06, ARS-07, ARS-08, ARS-09: what the user changes is what the set carries", () => {
  const before = registered();
  const changed = registered({
    metadata: { labels: { team: "blue" } },
    spec: {
      ephemeralRunnerSetMetadata: { annotations: { note: "changed", more: "added" } },
      ephemeralRunnerMetadata: { labels: { x: "1" }, annotations: { y: "2" } },
      template: { spec: { containers: [{ name: "runner", image: "other:1" }] } },
    },
  });
  const set = desiredEphemeralRunnerSet(changed);
  assert.equal(set.metadata?.labels?.["team"], "blue");
  assert.equal(set.metadata?.annotations?.["note"], "changed");
  assert.equal(set.metadata?.annotations?.["more"], "added");
  assert.deepEqual(set.spec?.ephemeralRunnerMetadata, {
    labels: { x: "1" },
    annotations: { y: "2" },
  });
  assert.equal(set.spec?.ephemeralRunnerSpec?.spec?.containers?.[0]?.image, "other:1");
  assert.notEqual(hashOf(before), hashOf(changed));
});

pure("the fingerprint of the runners' spec covers nothing else", () => {
  const same: readonly SetChanges[] = [
    { spec: { minRunners: 3, maxRunners: 20 } },
    { metadata: { labels: { team: "blue" } } },
    { spec: { ephemeralRunnerMetadata: { labels: { a: "1" } } } },
    { spec: { listenerTemplate: { spec: { containers: [] } } } },
  ];
  for (const changes of same) assert.equal(hashOf(registered(changes)), hashOf(registered()));
  const other: readonly SetChanges[] = [
    { spec: { githubConfigSecret: "other" } },
    { spec: { template: { metadata: { labels: { a: "1" } } } } },
    { spec: { proxy: { noProxy: ["a"] } } },
  ];
  for (const changes of other) assert.notEqual(hashOf(registered(changes)), hashOf(registered()));
});

pure("the runners' spec is the user's template and connection settings", () => {
  const tls = { certificateFrom: { configMapKeyRef: { name: "ca", key: "ca.crt" } } };
  const proxy = { http: { url: "http://proxy", credentialSecretRef: "c" } };
  const parent = registered({ spec: { githubServerTLS: tls, proxy } });
  const { spec } = desiredEphemeralRunnerSet(parent);
  assert.deepEqual(spec?.ephemeralRunnerSpec?.githubServerTLS, tls, "ARS-20");
  assert.deepEqual(spec?.ephemeralRunnerSpec?.proxy, proxy, "ARS-17");
  assert.equal(spec?.ephemeralRunnerSpec?.runnerScaleSetId, STORY.scaleSetId);
  assert.equal(spec?.ephemeralRunnerSpec?.githubConfigSecret, STORY.secret);
  assert.equal(spec?.patchID, 0);
  assert.deepEqual(desiredListener(parent).spec?.githubServerTLS, tls, "ARS-19");
});

pure("the listener is told the effective limits, the set's name, and the pull secrets (X5)", () => {
  const bounded = desiredListener(registered({ spec: { minRunners: 1, maxRunners: 10 } })).spec;
  assert.deepEqual([bounded?.minRunners, bounded?.maxRunners], [1, 10]);
  const unbounded = registered({ spec: { minRunners: null, maxRunners: null } });
  const { spec } = desiredListener(unbounded);
  assert.deepEqual([spec?.minRunners, spec?.maxRunners], [0, MAX_RUNNERS]);
  assert.equal(spec?.ephemeralRunnerSetName, STORY.runnerSet);
  assert.equal(spec?.imagePullSecrets, undefined);
  const pulled = desiredListener(registered({}, { listenerPullSecrets: ["a", "b"] })).spec;
  assert.deepEqual(pulled?.imagePullSecrets, [{ name: "a" }, { name: "b" }]);
});

pure("the listener's name is ARC's, so that a running one is found again", () => {
  const set = aRunnerSet({
    name: "test-asrs",
    namespace: "test-ns",
    spec: { githubConfigUrl: "https://github.com/owner/repo" },
  });
  assert.deepEqual(listenerKey(set, SETTINGS), {
    namespace: STORY.controllerNamespace,
    name: "test-asrs-6fb7975f-listener",
  });
  const moved = aRunnerSet({ spec: { runnerGroup: "gpu" } });
  assert.notEqual(listenerKey(moved, SETTINGS).name, listenerKey(aRunnerSet(), SETTINGS).name);
});

pure("children share nothing with the runner set that could be written through", () => {
  const parent = registered();
  const text = JSON.stringify(parent);
  desiredEphemeralRunnerSet(parent);
  desiredListener(parent);
  assert.equal(JSON.stringify(parent), text);
});
