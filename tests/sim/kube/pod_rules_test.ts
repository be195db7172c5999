import assert from "node:assert/strict";
import type { Fields } from "../../../sim/kube/document.ts";
import {
  defaultedPodSpec,
  podSpecProblems,
  podUpdateProblems,
  qosClass,
} from "../../../sim/kube/pod_rules.ts";

const MAIN = { name: "main", image: "busybox:1" };

interface Row {
  readonly claim: string;
  readonly spec: Fields;
  readonly problems: readonly string[];
}

const ROWS: readonly Row[] = [
  { claim: "a name and an image suffice", spec: { containers: [MAIN] }, problems: [] },
  {
    claim: "a pod has containers",
    spec: {},
    problems: ["spec.containers: Required value"],
  },
  {
    claim: "a container has name and image",
    spec: { containers: [{}] },
    problems: [
      "spec.containers[0].name: Required value",
      "spec.containers[0].image: Required value",
    ],
  },
  {
    claim: "names of containers differ, also from those of init containers",
    spec: { initContainers: [MAIN], containers: [MAIN] },
    problems: ['spec.containers[0].name: Duplicate value: "main"'],
  },
  {
    claim: "what is mounted exists",
    spec: { containers: [{ ...MAIN, volumeMounts: [{ name: "w", mountPath: "/w" }] }] },
    problems: ['spec.containers[0].volumeMounts[0].name: Not found: "w"'],
  },
  {
    claim: "a restart policy is one of three",
    spec: { containers: [MAIN], restartPolicy: "Sometimes" },
    problems: [
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", ' +
      '"OnFailure", "Never"',
    ],
  },
  {
    claim: "a request does not exceed its limit",
    spec: {
      containers: [{ ...MAIN, resources: { requests: { cpu: "2" }, limits: { cpu: "1500m" } } }],
    },
    problems: [
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to ' +
      "cpu limit of 1500m",
    ],
  },
];

for (const { claim, spec, problems } of ROWS) {
  Deno.test(claim, { permissions: "none" }, () => {
    const found = podSpecProblems(defaultedPodSpec(spec), "spec");
    assert.deepEqual(found.map(({ field, message }) => `${field}: ${message}`), problems);
  });
}

Deno.test("defaults fill what is absent and keep what is there", { permissions: "none" }, () => {
  const spec = defaultedPodSpec({
    containers: [MAIN, { name: "b", image: "b" }, { name: "c", image: "r:5000/c@sha256:1" }],
    restartPolicy: "Never",
    serviceAccountName: "robot",
  });
  assert.equal(spec.restartPolicy, "Never");
  assert.equal(spec.terminationGracePeriodSeconds, 30);
  assert.equal(spec.serviceAccount, "robot");
  const policies = (spec.containers as readonly Fields[]).map((one) => one.imagePullPolicy);
  assert.deepEqual(policies, ["IfNotPresent", "Always", "IfNotPresent"]);
  assert.deepEqual(defaultedPodSpec(spec), spec, "a second time changes nothing");
});

Deno.test("only images, deadline and tolerations change", { permissions: "none" }, () => {
  const pod = (spec: Fields) => ({ metadata: {}, spec });
  const before = pod({ containers: [MAIN], nodeName: "n" });
  const image = pod({ containers: [{ ...MAIN, image: "x" }], nodeName: "n" });
  assert.deepEqual(podUpdateProblems(before, image), []);
  const moved = podUpdateProblems(before, pod({ containers: [MAIN], nodeName: "m" }));
  assert.equal(moved[0]?.reason, "FieldValueForbidden");
});

Deno.test("requests and limits make the class of service", { permissions: "none" }, () => {
  const of = (resources: Fields) => qosClass({ containers: [{ resources }] });
  assert.equal(of({}), "BestEffort");
  assert.equal(of({ requests: { cpu: "1" } }), "Burstable");
  assert.equal(of({ limits: { cpu: "1", memory: "1Gi" } }), "Guaranteed");
});
