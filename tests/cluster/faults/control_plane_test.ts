/** The control plane itself fails, under a burst of jobs. */
import type { AuditedRequest } from "../audit_log.ts";
import { clusterTest } from "../cluster_test_case.ts";
import { eventually } from "../eventually.ts";
import type { Facts } from "../facts.ts";
import { tokenConnection } from "../facts.ts";
import { OURS } from "../watched.ts";
import { startHttpProxy } from "./http_proxy.ts";
import { outlives } from "./trouble.ts";
import { startTcpProxy } from "./tcp_proxy.ts";

clusterTest(
  "[real] F34: the API server is killed in the middle of a burst and started again: within 90 s all is well",
  async (plane) => {
    await outlives(plane.facts, {
      withinS: 90,
      strike: async () => {
        await plane.do("kill", "kube-apiserver");
        await plane.do("start", "kube-apiserver");
      },
    });
  },
);

clusterTest(
  "[real] F34: the API server stands still for three seconds and goes on: within 90 s all is well",
  async (plane) => {
    await outlives(plane.facts, {
      withinS: 90,
      strike: async (stage) => {
        await plane.do("pause", "kube-apiserver");
        await stage.clock.sleep(3_000);
        await plane.do("resume", "kube-apiserver");
      },
    });
  },
);

clusterTest(
  "[real] F34: etcd is killed in the middle of a burst and started again: within 90 s all is well",
  async (plane) => {
    await outlives(plane.facts, {
      withinS: 90,
      strike: async () => {
        await plane.do("kill", "etcd");
        await plane.do("start", "etcd");
      },
    });
  },
);

clusterTest(
  "[real] F34: what happened is compacted away while we cannot watch: within 90 s all is well",
  async (plane) => {
    const { facts } = plane;
    await using proxy = startTcpProxy(facts.server);
    await outlives(facts, {
      withinS: 90,
      connect: (own, token) => tokenConnection({ ...own, server: proxy.server }, token),
      strike: async (stage) => {
        proxy.refuse = "all";
        proxy.cut();
        await stage.pass(60);
        await compact(facts);
        await plane.do("kill", "kube-apiserver"); // its memory of the past goes, too
        await plane.do("start", "kube-apiserver");
        proxy.refuse = "none";
      },
    });
  },
);

clusterTest(
  "[real] F34: what happened is compacted away before a slow watcher has seen it: within 90 s all is well",
  async (plane) => {
    const { facts } = plane;
    await using proxy = await startHttpProxy(facts);
    await outlives(facts, {
      withinS: 90,
      connect: proxy.connect,
      strike: async (stage) => {
        const held = Promise.withResolvers<void>();
        proxy.held = held.promise;
        await stage.pass(60);
        await compact(facts);
        await plane.do("kill", "kube-apiserver"); // its memory of the past goes, too
        await stage.audit.mark();
        await plane.do("start", "kube-apiserver");
        proxy.held = undefined;
        held.resolve();
        await eventually("its watchers to list again", async () => {
          const requests = await stage.audit.requests();
          return requests.some(isOurList) || undefined;
        });
      },
    });
  },
);

function isOurList({ user, verb, code }: AuditedRequest): boolean {
  return user.startsWith(OURS) && verb === "list" && code === 200;
}

/** etcd forgets everything but the present. */
async function compact({ etcd }: Facts): Promise<void> {
  const ask = async (path: string, body: unknown) => {
    const response = await fetch(`${etcd}/v3/kv/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`etcd ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const { header } = await ask("range", { key: btoa("/registry/none") });
  await ask("compaction", { revision: header.revision, physical: true });
}
