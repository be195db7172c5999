import assert from "node:assert/strict";
import { usageOf } from "../../../sim/kube/quota.ts";
import { aKubeApi, aPod, MERGE, PODS } from "./a_kube_api.ts";

const QUOTAS = "/api/v1/namespaces/default/resourcequotas";

function aQuota(hard: Readonly<Record<string, string>>) {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "q" }, spec: { hard } };
}

function asking(name: string, cpu: string) {
  const containers = [{ name: "main", image: "i", resources: { requests: { cpu } } }];
  return aPod(name, { spec: { containers } });
}

Deno.test("one pod too many is refused in the words of Kubernetes, until another has ended", async () => {
  const { clock, done, call } = aKubeApi();
  await done("POST", QUOTAS, { body: aQuota({ pods: "2" }) });
  await done("POST", PODS, { body: aPod("a") });
  await done("POST", PODS, { body: aPod("b") });
  const refused = await call("POST", PODS, { body: aPod("c") });
  assert.equal(refused.code, 403);
  assert.equal(refused.body.reason, "Forbidden");
  assert.equal(
    refused.body.message,
    'pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
  );
  await clock.advance(1000);
  assert.deepEqual((await done("GET", `${QUOTAS}/q`)).status, {
    hard: { pods: "2" },
    used: { pods: "2" },
  });
  await done("PATCH", `${PODS}/a/status`, { body: { status: { phase: "Failed" } }, type: MERGE });
  await done("POST", PODS, { body: aPod("c") });
});

Deno.test("requests add up, and must be given where a quota counts them", async () => {
  const { done, call } = aKubeApi();
  await done("POST", QUOTAS, { body: aQuota({ "requests.cpu": "1" }) });
  await done("POST", PODS, { body: asking("a", "600m") });
  const refused = await call("POST", PODS, { body: asking("b", "500m") });
  assert.equal(
    refused.body.message,
    'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: ' +
      "requests.cpu=600m, limited: requests.cpu=1",
  );
  const silent = await call("POST", PODS, { body: aPod("c") });
  assert.equal(
    silent.body.message,
    'pods "c" is forbidden: failed quota: q: must specify requests.cpu for: main',
  );
});

Deno.test("init containers count by their largest, containers by their sum", {
  permissions: "none",
}, () => {
  const container = (name: string, cpu: string) => ({ name, resources: { requests: { cpu } } });
  const usage = usageOf({ group: "", plural: "pods" }, {
    metadata: { name: "a" },
    spec: {
      initContainers: [container("i", "3"), container("j", "1")],
      containers: [container("a", "500m"), container("b", "1")],
    },
  });
  assert.equal(usage.get("requests.cpu"), 3);
  assert.equal(usage.get("pods"), 1);
});
