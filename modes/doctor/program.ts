/** The mode `doctor` at work: connects, looks once at everything, prints what it found. Changes nothing anywhere. */
import { createKubeClient } from "../../kube/client.ts";
import { createTransport } from "../../kube/transport.ts";
import { BUILD } from "../../lib/build.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/log.ts";
import { createNetwork } from "../../lib/network.ts";
import { systemRandom } from "../../lib/random.ts";
import { linkToCluster } from "../cluster_link.ts";
import type { DoctorConfig } from "../doctor.ts";
import { guardedNetwork, type NetGrant } from "../net_guard.ts";
import { writeLine } from "../output.ts";
import { ownProxies } from "../proxy_flags.ts";
import type { ModeRun } from "../run.ts";
import { observe } from "./observe.ts";
import { examined, isWell, reportJson, reportText } from "./report.ts";
import { ServerClocks } from "./server_clocks.ts";

/** A cluster that does not answer is a finding, and no reason to wait long, in ms. */
const TIMEOUT_MS = 10_000;

/** Within this time we are stopped when hosts were granted that we asked for, in ms. */
const GROWTH_MS = 30_000;

/** Exit code 0 when nothing is wrong, else 1. Throws `InvalidInput` for a kubeconfig that cannot be used. */
export async function runDoctor(config: DoctorConfig, run: ModeRun): Promise<number> {
  const clock = systemClock;
  const print = run.print ?? ((text: string) => writeLine(Deno.stdout, text));
  using link = await linkToCluster(config, run);
  const clocks = new ServerClocks(clock);
  const { connection } = link;
  const transport = createTransport({
    connection: { ...connection, fetch: clocks.watching(connection.fetch, "cluster") },
    clock,
    userAgent: `longshore-doctor/${BUILD.version}`,
    timeoutMs: TIMEOUT_MS,
  });
  using network = createNetwork({ proxy: ownProxies(config), clock });
  const proxy = ownProxies(config);
  let isGrowing = false;
  const grant = run.net && growing(run.net, () => isGrowing = true);
  const fetchFor = guardedNetwork(network, { grant, proxy, log: silentLogger });
  const facts = await observe({
    kube: createKubeClient(transport),
    transport,
    clocks,
    namespace: config.namespace ?? "",
    fetchFor,
    watching: (fetch) => clocks.watching(fetch, "github"),
    githubHosts: config.githubHosts,
    forceGhes: config.forceGhes !== undefined,
    clock,
    random: systemRandom,
  }, run.signal);
  // The next worker has the hosts that the sets name, and answers.
  if (isGrowing) await clock.sleep(GROWTH_MS, run.signal);
  const results = examined(facts);
  print(config.output === "json" ? reportJson(results) : reportText(results));
  return isWell(results) ? 0 : 1;
}

/** The same grant; `tell` hears of it when more is asked for. */
function growing(grant: NetGrant, tell: () => void): NetGrant {
  const { ask } = grant;
  if (ask === undefined) return grant;
  return {
    ...grant,
    ask: (words) => {
      tell();
      ask.call(grant, words);
    },
  };
}
