import assert from "node:assert/strict";
import type { Container } from "../../../kube/types.ts";
import { containerEnvironment } from "../../../sim/kube/kubelet_environment.ts";
import { references } from "./references.ts";

const POD = { metadata: { name: "p", namespace: "n" } };
const CLUSTER = { KUBERNETES_SERVICE_HOST: "10.96.0.1" };

async function environmentOf(container: Partial<Container>) {
  const env = await containerEnvironment(POD, { name: "c", ...container }, {
    from: references({ word: "hello", other: "you" }),
    cluster: CLUSTER,
  });
  const { HOSTNAME: _hostname, KUBERNETES_SERVICE_HOST: _host, ...own } = env;
  return own;
}

Deno.test("every container knows its pod's name and the cluster", async () => {
  const env = await containerEnvironment(POD, { name: "c" }, {
    from: references({}),
    cluster: CLUSTER,
  });
  assert.deepEqual(env, { HOSTNAME: "p", KUBERNETES_SERVICE_HOST: "10.96.0.1" });
});

const key = { name: "settings", key: "word" };
const ROWS: readonly [claim: string, container: Partial<Container>, env: Record<string, string>][] =
  [
    ["a plain value", { env: [{ name: "A", value: "1" }] }, { A: "1" }],
    ["the last of two wins", { env: [{ name: "A", value: "1" }, { name: "A", value: "2" }] }, {
      A: "2",
    }],
    [
      "$(NAME) is what was defined before, $$ a dollar",
      { env: [{ name: "A", value: "1" }, { name: "B", value: "$(A) $(LATER) $$(A)" }] },
      { A: "1", B: "1 $(LATER) $(A)" },
    ],
    ["a key of a Secret", { env: [{ name: "A", valueFrom: { secretKeyRef: key } }] }, {
      A: "hello",
    }],
    ["a key of a ConfigMap", { env: [{ name: "A", valueFrom: { configMapKeyRef: key } }] }, {
      A: "hello",
    }],
    [
      "an optional key that is missing leaves no variable",
      {
        env: [{ name: "A", valueFrom: { secretKeyRef: { ...key, key: "none", optional: true } } }],
      },
      {},
    ],
    [
      "a field of the pod",
      { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }] },
      { A: "n" },
    ],
    [
      "all keys of a Secret, with a prefix, below env",
      {
        envFrom: [{ prefix: "S_", secretRef: { name: "settings" } }],
        env: [{ name: "S_word", value: "mine" }],
      },
      { S_word: "mine", S_other: "you" },
    ],
    ["all keys of a ConfigMap", { envFrom: [{ configMapRef: { name: "settings" } }] }, {
      word: "hello",
      other: "you",
    }],
  ];

for (const [claim, container, expected] of ROWS) {
  Deno.test(`environment: ${claim}`, async () => {
    assert.deepEqual(await environmentOf(container), expected);
  });
}

Deno.test("a key that is missing is named", async () => {
  await assert.rejects(
    () =>
      environmentOf({ env: [{ name: "A", valueFrom: { secretKeyRef: { ...key, key: "none" } } }] }),
    { message: "couldn't find key none in Secret settings" },
  );
});
