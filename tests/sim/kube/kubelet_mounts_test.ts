import assert from "node:assert/strict";
import type { Container, PodSpec } from "../../../kube/types.ts";
import { containerFiles, containerFolders } from "../../../sim/kube/kubelet_mounts.ts";
import { references } from "./references.ts";

const IDENTITY = "/var/run/secrets/kubernetes.io/serviceaccount";

async function filesOf(spec: Partial<PodSpec>, container: Partial<Container>) {
  const pod = { metadata: { name: "p", namespace: "n" }, spec: { containers: [], ...spec } };
  const files = await containerFiles(
    pod,
    { name: "c", ...container },
    references({ a: "1", b: "2" }),
  );
  return Object.fromEntries(
    [...files].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
  );
}

Deno.test("every container finds the identity of its pod", async () => {
  assert.deepEqual(await filesOf({}, {}), {
    [`${IDENTITY}/token`]: "token for the cluster",
    [`${IDENTITY}/ca.crt`]: "the authority",
    [`${IDENTITY}/namespace`]: "n",
  });
});

const none = { automountServiceAccountToken: false };
const mount = (more: object = {}) => ({
  volumeMounts: [{ name: "v", mountPath: "/etc/v/", ...more }],
});
const ROWS: readonly [
  claim: string,
  volume: object,
  container: Partial<Container>,
  files: Record<string, string>,
][] = [
  ["a Secret", { secret: { secretName: "settings" } }, mount(), {
    "/etc/v/a": "1",
    "/etc/v/b": "2",
  }],
  ["a ConfigMap", { configMap: { name: "settings" } }, mount(), {
    "/etc/v/a": "1",
    "/etc/v/b": "2",
  }],
  [
    "chosen keys under other paths",
    { secret: { secretName: "settings", items: [{ key: "b", path: "deep/c" }] } },
    mount(),
    { "/etc/v/deep/c": "2" },
  ],
  [
    "one file by subPath",
    { secret: { secretName: "settings" } },
    mount({ mountPath: "/a", subPath: "a" }),
    { "/a": "1" },
  ],
  [
    "an optional Secret that is missing",
    { secret: { secretName: "none", optional: true } },
    mount(),
    {},
  ],
  ["an empty folder", { emptyDir: {} }, mount(), {}],
  [
    "a projection of several sources",
    {
      projected: {
        sources: [
          { configMap: { name: "settings", items: [{ key: "a", path: "a" }] } },
          { serviceAccountToken: { path: "t", audience: "vault" } },
          { downwardAPI: { items: [{ path: "n", fieldRef: { fieldPath: "metadata.name" } }] } },
        ],
      },
    },
    mount(),
    { "/etc/v/a": "1", "/etc/v/t": "token for vault", "/etc/v/n": "p" },
  ],
];

for (const [claim, volume, container, expected] of ROWS) {
  Deno.test(`mounts: ${claim}`, async () => {
    assert.deepEqual(
      await filesOf({ ...none, volumes: [{ name: "v", ...volume }] }, container),
      expected,
    );
  });
}

Deno.test("a Secret that is missing is named", async () => {
  const volumes = [{ name: "v", secret: { secretName: "none" } }];
  await assert.rejects(() => filesOf({ ...none, volumes }, mount()), {
    message: 'secret "none" not found',
  });
});

Deno.test("folders of mounts exist although nothing is in them", () => {
  const pod = {
    metadata: {},
    spec: { ...none, containers: [], volumes: [{ name: "v", emptyDir: {} }] },
  };
  assert.deepEqual(containerFolders(pod, { name: "c", ...mount() }), ["/etc/v/"]);
});
