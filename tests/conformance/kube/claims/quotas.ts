/** Claims about ResourceQuota: what it refuses, in which words, and when it lets go again. */
import assert from "node:assert/strict";
import { eventually } from "../../../cluster/eventually.ts";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { aPod, assertRefused, at, change, make, read } from "../wording.ts";

/** A quota that is in force: its use has been counted. */
async function aQuota(
  api: ApiUnderTest,
  hard: Readonly<Record<string, string>>,
): Promise<void> {
  await make(api, "resourcequotas", { metadata: { name: "q" }, spec: { hard } });
  await eventually("the quota to be counted", async () => {
    const { status } = await read(api, "resourcequotas", "q");
    return status?.used && Object.keys(status.used).length > 0 ? true : undefined;
  });
}

function withResources(requests: Readonly<Record<string, string>>) {
  return { containers: [{ name: "main", image: "busybox:1", resources: { requests } }] };
}

export const QUOTAS: readonly Claim[] = [
  {
    says: "a pod above the quota is 403 and told what was asked, used and allowed",
    holds: async (api) => {
      await aQuota(api, { pods: "1" });
      await make(api, "pods", aPod("a"));
      assertRefused(await api.call("POST", at(api, "pods"), { body: aPod("b") }), {
        code: 403,
        reason: "Forbidden",
        message:
          'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
        details: { name: "b", kind: "pods" },
      });
    },
  },
  {
    says: "a quota on processors counts requests",
    holds: async (api) => {
      await aQuota(api, { "requests.cpu": "1" });
      await make(api, "pods", aPod("a", withResources({ cpu: "600m" })));
      const body = aPod("b", withResources({ cpu: "500m" }));
      assertRefused(await api.call("POST", at(api, "pods"), { body }), {
        code: 403,
        message: 'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: ' +
          "requests.cpu=600m, limited: requests.cpu=1",
      });
    },
  },
  {
    says: "a pod that does not say what a quota limits is 403",
    holds: async (api) => {
      await aQuota(api, { "requests.cpu": "1", "requests.memory": "1Gi" });
      assertRefused(await api.call("POST", at(api, "pods"), { body: aPod("a") }), {
        code: 403,
        message: 'pods "a" is forbidden: failed quota: q: must specify requests.cpu for: main; ' +
          "requests.memory for: main",
      });
    },
  },
  {
    says: "a pod that has ended, or is gone, frees its place",
    holds: async (api) => {
      await aQuota(api, { pods: "1" });
      await make(api, "pods", aPod("a", { nodeName: "node-1" }));
      await change(api, "pods", { name: "a/status", patch: { status: { phase: "Succeeded" } } });
      await eventually("a free place", async () => {
        const { code } = await api.call("POST", at(api, "pods"), { body: aPod("b") });
        return code === 201 ? true : undefined;
      });
      await api.done("DELETE", at(api, "pods", "b"));
      await eventually("a free place", async () => {
        const { code } = await api.call("POST", at(api, "pods"), { body: aPod("c") });
        return code === 201 ? true : undefined;
      });
    },
  },
  {
    says: "a dry run is refused by a full quota, and fills none",
    holds: async (api) => {
      await aQuota(api, { pods: "1" });
      const dryRun = (name: string) =>
        api.call("POST", at(api, "pods", "?dryRun=All"), { body: aPod(name) });
      assert.equal((await dryRun("a")).code, 201);
      assert.equal((await dryRun("b")).code, 201);
      await make(api, "pods", aPod("a"));
      assertRefused(await dryRun("b"), { code: 403, message: /exceeded quota: q/ });
    },
  },
  {
    says: "objects of any kind are counted under count/",
    holds: async (api) => {
      await aQuota(api, { "count/secrets": "1" });
      await make(api, "secrets", { metadata: { name: "a" } });
      const answer = await api.call("POST", at(api, "secrets"), {
        body: { metadata: { name: "b" } },
      });
      assertRefused(answer, {
        code: 403,
        message: 'secrets "b" is forbidden: exceeded quota: q, requested: count/secrets=1, used: ' +
          "count/secrets=1, limited: count/secrets=1",
      });
    },
  },
];
