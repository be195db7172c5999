import assert from "node:assert/strict";
import { readPodSpec } from "../../../sim/kube/pod_shape.ts";

const CONTAINER = { name: "main", image: "busybox" };
const inContainer = (more: object) => ({ containers: [{ ...CONTAINER, ...more }] });

Deno.test("what Go's structs declare is kept, what they do not is named by its place", {
  permissions: "none",
}, () => {
  const { spec, unknown, unreadable } = readPodSpec({
    surprise: 1,
    nodeSelector: { any: "thing" },
    affinity: { whatever: { it: "holds" } },
    ...inContainer({ imagine: 1, env: [{ name: "x", nam: "y" }], command: ["run"] }),
  });
  assert.equal(unreadable, undefined);
  assert.deepEqual(unknown, [
    "spec.surprise",
    "spec.containers[0].imagine",
    "spec.containers[0].env[0].nam",
  ]);
  assert.deepEqual(spec, {
    nodeSelector: { any: "thing" },
    affinity: { whatever: { it: "holds" } },
    ...inContainer({ env: [{ name: "x" }], command: ["run"] }),
  });
});

const UNREADABLE: readonly (readonly [spec: Readonly<Record<string, unknown>>, why: string])[] = [
  [
    { containers: { a: 1 } },
    "object into Go struct field PodSpec.spec.containers of type []v1.Container",
  ],
  [
    { restartPolicy: 5 },
    "number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
  ],
  [{ hostNetwork: "yes" }, "string into Go struct field PodSpec.spec.hostNetwork of type bool"],
  [
    { terminationGracePeriodSeconds: "30" },
    "string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64",
  ],
  [
    inContainer({ image: 5 }),
    "number into Go struct field Container.spec.containers.image of type string",
  ],
  [
    inContainer({ env: [{ name: "x", value: 1 }] }),
    "number into Go struct field EnvVar.spec.containers.env.value of type string",
  ],
];

for (const [spec, why] of UNREADABLE) {
  Deno.test(`cannot be read: ${why}`, { permissions: "none" }, () => {
    assert.equal(readPodSpec(spec).unreadable, `json: cannot unmarshal ${why}`);
  });
}

Deno.test("a quantity must be one", { permissions: "none" }, () => {
  const withCpu = (cpu: unknown) => inContainer({ resources: { requests: { cpu } } });
  assert.equal(readPodSpec(withCpu("500m")).unreadable, undefined);
  assert.match(readPodSpec(withCpu("lots")).unreadable ?? "", /^quantities must match/);
});
