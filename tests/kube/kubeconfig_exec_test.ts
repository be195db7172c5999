import assert from "node:assert/strict";
import { clusterAccess } from "../../kube/kubeconfig.ts";
import { stringify } from "../../lib/yaml.ts";

function plugin(exec: Readonly<Record<string, unknown>>, cluster = {}) {
  const text = stringify({
    "current-context": "x",
    clusters: [{ name: "c", cluster: { server: "https://kube.test/", ...cluster } }],
    users: [{ name: "u", user: { exec } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  });
  return clusterAccess([{ path: "/etc/kube/config", text }]).credentials.exec ?? assert.fail();
}

const V1 = "client.authentication.k8s.io/v1";

Deno.test("a plugin is told its version and that nobody is there", () => {
  const found = plugin({
    apiVersion: V1,
    command: "aws",
    args: ["eks", "get-token"],
    env: [{ name: "AWS_PROFILE", value: "dev" }],
    installHint: "get it at aws.test\n",
  });
  assert.deepEqual(found, {
    user: "u",
    command: "aws",
    args: ["eks", "get-token"],
    env: [{ name: "AWS_PROFILE", value: "dev" }],
    info: JSON.stringify({ kind: "ExecCredential", apiVersion: V1, spec: { interactive: false } }),
    installHint: "get it at aws.test",
  });
});

Deno.test("a plugin that wants to know the cluster is told", () => {
  const ca = { "certificate-authority-data": btoa("CA") };
  const { info } = plugin({ apiVersion: V1, command: "x", provideClusterInfo: true }, ca);
  assert.deepEqual(JSON.parse(info).spec, {
    interactive: false,
    cluster: { server: "https://kube.test", ...ca },
  });
});

Deno.test("a path is relative to the kubeconfig, a name is looked up", () => {
  const commandOf = (command: string) => plugin({ apiVersion: V1, command }).command;
  assert.equal(commandOf("./bin/me"), "/etc/kube/bin/me");
  assert.equal(commandOf("/bin/me"), "/bin/me");
  assert.equal(commandOf("me"), "me");
});

const REFUSED: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, RegExp]>> = {
  "a version that is gone": [
    { apiVersion: "client.authentication.k8s.io/v1alpha1", command: "x" },
    /apiVersion ".*v1alpha1": expected .*v1 or .*v1beta1 for exec/,
  ],
  "one that must ask a person": [
    { apiVersion: V1, command: "x", interactiveMode: "Always" },
    /interactiveMode, which cannot be used/,
  ],
  "no command": [{ apiVersion: V1 }, /names no command/],
};
for (const [what, [exec, words]] of Object.entries(REFUSED)) {
  Deno.test(`refused: ${what}`, () => {
    assert.throws(() => plugin(exec), words);
  });
}
