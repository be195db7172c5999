/** The way between us and the API server fails (F34), under a burst of jobs. */
import { clusterTest } from "../cluster_test_case.ts";
import { tokenConnection } from "../facts.ts";
import type { RealStage } from "../real_stage.ts";
import { startHttpProxy } from "./http_proxy.ts";
import { startTcpProxy, type TcpProxy } from "./tcp_proxy.ts";
import { openTrouble, outlives, recovers } from "./trouble.ts";
import { queue } from "../../journeys/stories/story.ts";

interface NetworkFault {
  readonly says: string;
  readonly withinS: number;
  readonly strike: (proxy: TcpProxy, stage: RealStage) => Promise<void>;
  readonly kubeTimeoutMs?: number;
}

const NETWORK_FAULTS: readonly NetworkFault[] = [
  {
    says: "every connection breaks, ten times in three seconds",
    withinS: 90,
    strike: async (proxy, stage) => {
      for (let times = 0; times < 10; times++) {
        proxy.cut();
        await stage.clock.sleep(300);
      }
    },
  },
  {
    says: "nobody gets through for three seconds",
    withinS: 90,
    strike: async (proxy, stage) => {
      proxy.refuse = "all";
      proxy.cut();
      await stage.clock.sleep(3_000);
      proxy.refuse = "none";
    },
  },
  {
    says: "every byte takes ten seconds each way, for 25 seconds",
    withinS: 120,
    strike: async (proxy, stage) => {
      proxy.delayMs = 10_000;
      await stage.clock.sleep(25_000);
      proxy.delayMs = 0;
    },
  },
  {
    says: "every byte takes longer than a call may (calls time out after 1 s), for four seconds",
    withinS: 90,
    kubeTimeoutMs: 1_000,
    strike: async (proxy, stage) => {
      proxy.delayMs = 1_500;
      await stage.clock.sleep(4_000);
      proxy.delayMs = 0;
    },
  },
];

for (const { says, withinS, strike, kubeTimeoutMs } of NETWORK_FAULTS) {
  clusterTest(`[real] F34: ${says}: within ${withinS} s all is well`, async ({ facts }) => {
    await using proxy = startTcpProxy(facts.server);
    await outlives(facts, {
      withinS,
      ...(kubeTimeoutMs !== undefined && { kubeTimeoutMs }),
      connect: (own, token) => tokenConnection({ ...own, server: proxy.server }, token),
      strike: (stage) => strike(proxy, stage),
    });
  });
}

for (const status of [429, 500, 503]) {
  clusterTest(
    `[real] F34: every second call is answered ${status} for three seconds: within 90 s all is well`,
    async ({ facts }) => {
      await using proxy = await startHttpProxy(facts);
      let count = 0;
      await outlives(facts, {
        withinS: 90,
        connect: proxy.connect,
        strike: async (stage) => {
          proxy.answer = () => ++count % 2 === 0 ? refusal(status) : undefined;
          await stage.clock.sleep(3_000);
          await stage.until("calls were refused", () => count > 3);
          proxy.answer = undefined;
        },
      });
    },
  );
}

function refusal(status: number): Response {
  const headers = { "content-type": "application/json", "retry-after": "1" };
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", code: status };
  return Response.json(body, { status, headers });
}

clusterTest(
  "[real] F34: watches end in the middle of an object, up to thirty times: within 90 s all is well",
  async ({ facts }) => {
    await using proxy = await startHttpProxy(facts);
    await outlives(facts, {
      withinS: 90,
      connect: proxy.connect,
      strike: async (stage) => {
        proxy.truncate = 30;
        await stage.clock.sleep(2_500);
        await stage.until("several were cut", () => proxy.truncated > 5);
        proxy.truncate = 0;
      },
    });
  },
);

clusterTest(
  "[real] F34: the connections fall silent while runners are hired (calls time out after 2 s): within 90 s all is well",
  async ({ facts }) => {
    await using proxy = startTcpProxy(facts.server);
    const watched = await openTrouble(facts, {
      kubeTimeoutMs: 2_000,
      connect: (own, token) => tokenConnection({ ...own, server: proxy.server }, token),
    });
    await using stage = watched.stage;
    let pods = 0;
    stage.taps.controller = ({ method, url }) => {
      if (method === "POST" && url.endsWith("/arc-runners/pods") && ++pods === 3) proxy.blackhole();
    };
    queue(stage, 20, 60);
    await stage.until("the connections fell silent", () => pods >= 3);
    await recovers(watched, { jobs: 20, withinS: 90 });
  },
);
