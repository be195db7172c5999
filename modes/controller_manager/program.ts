/** The mode `controller-manager` at work: connects to its cluster, serves metrics and health, runs the controllers. */
import { CONTROLLER_METRICS } from "../../controllers/metrics.ts";
import { Followings } from "../../controllers/followings.ts";
import { letGoOfAll } from "../../controllers/letting_go.ts";
import { checkCluster } from "../../controllers/preflight.ts";
import { startControllers } from "../../controllers/start.ts";
import { GITHUB_METRICS } from "../../github/metrics.ts";
import { createKubeClient } from "../../kube/client.ts";
import { KUBE_METRICS } from "../../kube/metrics.ts";
import { createRateLimit } from "../../kube/rate_limit.ts";
import { Tenure } from "../../kube/tenure.ts";
import { createTransport } from "../../kube/transport.ts";
import { BUILD } from "../../lib/build.ts";
import { systemClock } from "../../lib/clock.ts";
import { checksRoute, metricsRoute } from "../../lib/http_server.ts";
import { createLogger } from "../../lib/logger.ts";
import { declareMetrics } from "../../lib/metrics.ts";
import { createNetwork } from "../../lib/network.ts";
import { processMetrics } from "../../lib/process_metrics.ts";
import { systemRandom } from "../../lib/random.ts";
import { runTogether, type Task } from "../../lib/tasks.ts";
import { linkToCluster } from "../cluster_link.ts";
import { tellingAddedHosts } from "./added_hosts.ts";
import type { ControllerModeConfig } from "../controller_manager.ts";
import { guardedNetwork } from "../net_guard.ts";
import { withMetricsToken } from "../metrics_access.ts";
import { ownProxies } from "../proxy_flags.ts";
import type { ModeRun } from "../run.ts";
import { serveAll } from "../serving.ts";

/**
 * Exit code 0 after a clean stop. Throws when the cluster cannot be served as it is, and when leadership is lost; what
 * goes wrong once it is served is waited out, and told by `/readyz`.
 */
export async function runControllerManager(
  config: ControllerModeConfig,
  run: ModeRun,
): Promise<number> {
  const clock = systemClock;
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    clock,
    ...(run.write === undefined ? {} : { write: run.write }),
  });
  const metrics = declareMetrics([...CONTROLLER_METRICS, ...KUBE_METRICS, ...GITHUB_METRICS], {
    computed: processMetrics(clock.now()),
  });
  using link = await linkToCluster(config, run);
  using leaseLink = config.leaderElection ? await linkToCluster(config, run) : undefined;
  const userAgent = `longshore-controller/${BUILD.version}`;
  const tenure = new Tenure(clock);
  const transport = createTransport({
    connection: { ...link.connection, fetch: tenure.guards(link.connection.fetch) },
    clock,
    metrics,
    userAgent,
    rateLimit: config.kubeQps === 0
      ? undefined
      : createRateLimit({ qps: config.kubeQps, burst: config.kubeBurst, clock }),
  });
  const kube = createKubeClient(transport);
  if (config.releaseFinalizers !== "") {
    await letGoOfAll({ kube, config, clock, log }, run.signal);
    return 0;
  }
  const leaseKube = leaseLink &&
    createKubeClient(
      createTransport({ connection: leaseLink.connection, clock, metrics, userAgent }),
    );
  const followings = new Followings(clock);
  let isChecked = false;
  await using _servers = serveAll([
    {
      address: config.metricsAddress,
      routes: { "/metrics": withMetricsToken(metricsRoute(metrics), { ...config, log }) },
    },
    {
      address: config.healthAddress,
      routes: {
        "/healthz": checksRoute(new Map()),
        "/readyz": checksRoute(
          new Map([
            ["cluster", () => isChecked ? undefined : "not checked yet; the log says why"],
            ["caches", () => followings.problem()],
          ]),
        ),
      },
    },
  ], { clock, log, level: config.logLevel });
  log.info("Starting", {
    version: BUILD.version,
    namespace: config.namespace,
    server: link.connection.server,
  });
  await checkCluster({
    kube,
    transport,
    config,
    server: link.connection.server,
    whence: link.whence,
    clock,
    random: systemRandom,
    log,
  }, run.signal);
  isChecked = true;
  using network = createNetwork({ proxy: ownProxies(config), clock });
  const controllers: Task = (signal) =>
    startControllers({
      kube,
      leaseKube,
      tenure,
      config,
      followings,
      fetchFor: guardedNetwork(network, { grant: run.net, proxy: ownProxies(config), log }),
      clock,
      random: systemRandom,
      log,
      metrics,
      signal,
      onReady: () => log.info("Ready"),
    });
  const added = run.net?.added ?? [];
  const telling = tellingAddedHosts({ kube, config, added, clock, random: systemRandom, log });
  await runTogether([controllers, telling], run.signal);
  log.info("Stopped");
  return 0;
}
