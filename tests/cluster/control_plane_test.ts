import assert from "node:assert/strict";
import { systemClock } from "../../lib/clock.ts";
import { createKubeClient } from "../../kube/client.ts";
import { CONFIG_MAPS, NAMESPACES } from "../../kube/resources.ts";
import { createTransport } from "../../kube/transport.ts";
import { audited, openAuditLog } from "./audit_log.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { eventually } from "./eventually.ts";
import { adminConnection, type Facts, tokenConnection } from "./facts.ts";

function asAdmin(facts: Facts) {
  const connection = adminConnection(facts);
  const userAgent = "control-plane-test/1";
  return {
    kube: createKubeClient(createTransport({ connection, clock: systemClock, userAgent })),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}

clusterTest("kubectl and the API server say which version they are", async ({ facts }) => {
  const { kubectl } = facts.assets;
  const args = ["--kubeconfig", facts.kubeconfig, "version", "--output=json"];
  const { success, stdout } = await new Deno.Command(kubectl, { args }).output();
  assert.ok(success);
  const { clientVersion, serverVersion } = JSON.parse(new TextDecoder().decode(stdout));
  assert.match(clientVersion.gitVersion, /^v1\.\d+\.\d+$/);
  assert.equal(serverVersion.gitVersion, clientVersion.gitVersion);
});

clusterTest("the audit log tells who asked for what, a watch included", async ({ facts }) => {
  using admin = asAdmin(facts);
  const log = await openAuditLog(facts.auditLog);
  const over = new AbortController();
  const { resourceVersion } = await admin.kube.listPage(CONFIG_MAPS, { namespace: "default" });
  const options = { namespace: "default", resourceVersion, timeoutSeconds: 30 };
  const watching = (async () => {
    for await (const _event of admin.kube.watch(CONFIG_MAPS, { ...options, signal: over.signal }));
  })();
  const ours = (verb: string) =>
    audited(log, (seen) => seen.userAgent === "control-plane-test/1" && seen.verb === verb);
  const listed = await ours("list");
  assert.equal(listed.user, "kubernetes-admin");
  assert.equal(listed.resource, "configmaps");
  assert.equal(listed.namespace, "default");
  assert.equal(listed.code, 200);
  await ours("watch");
  over.abort();
  await watching;
  const counts = await log.counts();
  assert.ok(counts.count({ user: "kubernetes-admin", verb: "list", resource: "configmaps" }) >= 1);
});

clusterTest("a token that nobody gave out is refused", async ({ facts }) => {
  using connection = tokenConnection(facts, "nonsense");
  const request = new Request(`${facts.server}/api`, { headers: await connection.headers() });
  const response = await connection.fetch(request);
  await response.body?.cancel();
  assert.equal(response.status, 401);
});

for (const part of ["etcd", "kube-apiserver", "kube-controller-manager"] as const) {
  clusterTest(`${part} comes back after it was killed, with all data`, async (plane) => {
    const name = `before-${part}`;
    {
      using admin = asAdmin(plane.facts);
      await admin.kube.create(NAMESPACES, { metadata: { name } });
    }
    await plane.do("kill", part);
    await plane.do("start", part);
    using admin = asAdmin(plane.facts);
    const key = { namespace: "", name };
    const found = await eventually("the namespace", () => admin.kube.get(NAMESPACES, key));
    await admin.kube.delete(NAMESPACES, key, { uid: found.metadata?.uid });
    await eventually("its end", async () => {
      return await admin.kube.get(NAMESPACES, key) === undefined ? "gone" : undefined;
    });
  });
}

clusterTest("an API server that is paused answers again when it is resumed", async (plane) => {
  await plane.do("pause", "kube-apiserver");
  await plane.do("resume", "kube-apiserver");
  using admin = asAdmin(plane.facts);
  const key = { namespace: "", name: "default" };
  assert.notEqual(await eventually("an answer", () => admin.kube.get(NAMESPACES, key)), undefined);
});
