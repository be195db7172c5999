import assert from "node:assert/strict";
import {
  desiredRunnerPod,
  usesContainerHooks,
  workFolder,
} from "../../../controllers/ephemeral_runner/children.ts";
import { EPHEMERAL_RUNNERS } from "../../../crds/ephemeral_runner.ts";
import { aRunner, ownedBy, STORY } from "../../builders.ts";
import { pure } from "../situations.ts";

type Spec = NonNullable<NonNullable<Parameters<typeof aRunner>[0]>["spec"]>;

const SETTINGS = { userAgent: "actions-runner-controller/0.1.0", excludedLabelPrefixes: [] };
const podOf = (spec: Spec = {}, changes: Parameters<typeof aRunner>[0] = {}) =>
  desiredRunnerPod(aRunner({ ...changes, spec }), SETTINGS);
const fromSecret = (name: string, secret: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
});
const OURS = [
  fromSecret("ACTIONS_RUNNER_INPUT_JITCONFIG", STORY.runner, "jitToken"),
  { name: "GITHUB_ACTIONS_RUNNER_EXTRA_USER_AGENT", value: SETTINGS.userAgent },
  { name: "ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE", value: "1" },
];

pure(
  "RB-01: the pod has every label and annotation of its runner, the template's over them",
  () => {
    const { metadata } = podOf({
      metadata: {
        labels: { a: "template", "actions-ephemeral-runner": "no" },
        annotations: { b: "template" },
      },
    }, { metadata: { labels: { a: "runner", c: "runner" } } });
    assert.deepEqual(metadata?.labels, {
      ...aRunner().metadata?.labels,
      a: "template",
      c: "runner",
      "actions-ephemeral-runner": "True",
    });
    assert.deepEqual(metadata?.annotations, { ...aRunner().metadata?.annotations, b: "template" });
  },
);

pure("RB-05: the pod is controlled by its runner and has its name", () => {
  const { metadata } = podOf();
  const key = { namespace: STORY.namespace, name: STORY.runner };
  assert.deepEqual(metadata?.ownerReferences, [ownedBy(EPHEMERAL_RUNNERS, key)]);
  assert.deepEqual([metadata?.name, metadata?.namespace], [key.name, key.namespace]);
});

pure("the template is taken as it is, but for the environment of the runner container", () => {
  const side = { name: "side", image: "s", env: [{ name: "A", value: "1" }] };
  const init = { name: "init", image: "i" };
  const template = {
    serviceAccountName: "sa",
    volumes: [{ name: "work", emptyDir: {} }],
    initContainers: [init],
    containers: [{ name: "runner", image: "r", env: [{ name: "A", value: "1" }] }, side],
  };
  const { spec } = podOf({ spec: template });
  assert.deepEqual(spec, {
    ...template,
    restartPolicy: "Never",
    containers: [
      { name: "runner", image: "r", env: [{ name: "A", value: "1" }, ...OURS] },
      side,
    ],
  });
});

pure("a template without a runner container is not filled in", () => {
  const containers = [{ name: "main", image: "m" }];
  assert.deepEqual(podOf({ spec: { containers } }).spec?.containers, containers);
  assert.deepEqual(desiredRunnerPod({ metadata: aRunner().metadata ?? {} }, SETTINGS).spec, {
    restartPolicy: "Never",
    containers: [],
  });
});

pure(
  "X20: whatever its template says, a runner's pod never restarts: its registration is used once",
  () => {
    for (const restartPolicy of ["Always", "OnFailure", "Never", undefined]) {
      const { spec } = podOf({ spec: { containers: [], ...(restartPolicy && { restartPolicy }) } });
      assert.equal(spec?.restartPolicy, "Never");
    }
  },
);

pure("proxy variables come from the proxy's Secret, each where it is set", () => {
  const env = (spec: Spec) => podOf(spec).spec?.containers[0]?.env?.slice(OURS.length);
  assert.deepEqual(
    env({
      proxySecretRef: "p",
      proxy: { http: { url: "h" }, https: { url: "s" }, noProxy: ["n"] },
    }),
    ["http_proxy", "https_proxy", "no_proxy"].map((name) => fromSecret(name, "p", name)),
  );
  assert.deepEqual(env({ proxySecretRef: "p", proxy: { https: { url: "s" }, noProxy: [] } }), [
    fromSecret("https_proxy", "p", "https_proxy"),
  ]);
  assert.deepEqual(env({ proxy: { http: { url: "h" } } }), []);
});

pure("the work folder is that of the last runner container", () => {
  const runner = (workingDir?: string) => ({ name: "runner", ...(workingDir && { workingDir }) });
  const at = (containers: readonly object[]) =>
    workFolder(aRunner({ spec: { spec: { containers } } } as Parameters<typeof aRunner>[0]));
  assert.equal(at([runner()]), "");
  assert.equal(at([runner("/a"), { name: "side", workingDir: "/s" }]), "/a");
  assert.equal(at([runner("/a"), runner("/b")]), "/b");
});

pure("container hooks are used when the first runner container has their variable", () => {
  const hook = { name: "ACTIONS_RUNNER_CONTAINER_HOOKS" };
  const uses = (containers: readonly object[]) =>
    usesContainerHooks(
      aRunner({ spec: { spec: { containers } } } as Parameters<typeof aRunner>[0]),
    );
  assert.ok(!uses([{ name: "runner" }]));
  assert.ok(!uses([{ name: "side", env: [hook] }, { name: "runner" }]));
  assert.ok(uses([{ name: "runner", env: [hook] }]));
});
