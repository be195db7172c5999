/** The mode `controller-manager` at work: connects to its cluster, serves metrics and health, runs the controllers. */
import { isOutside } from "../../controllers/config.ts";
import { CONTROLLER_METRICS } from "../../controllers/metrics.ts";
import { Followings } from "../../controllers/followings.ts";
import { checkCluster } from "../../controllers/preflight.ts";
import { startControllers } from "../../controllers/start.ts";
import { GITHUB_METRICS } from "../../github/metrics.ts";
import { createKubeClient } from "../../kube/client.ts";
import { connectInCluster } from "../../kube/connect.ts";
import type { OwnConnection } from "../../kube/identity.ts";
import { KUBE_METRICS } from "../../kube/metrics.ts";
import { createRateLimit } from "../../kube/rate_limit.ts";
import { createTransport } from "../../kube/transport.ts";
import { BUILD } from "../../lib/build.ts";
import { systemClock } from "../../lib/clock.ts";
import { checksRoute, metricsRoute } from "../../lib/http_server.ts";
import { createLogger } from "../../lib/logger.ts";
import { declareMetrics } from "../../lib/metrics.ts";
import { createNetwork } from "../../lib/network.ts";
import { processMetrics } from "../../lib/process_metrics.ts";
import { systemRandom } from "../../lib/random.ts";
import type { ControllerModeConfig } from "../controller_manager.ts";
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
  using link = await connect(config, run);
  using leaseLink = config.leaderElection ? await connect(config, run) : undefined;
  const userAgent = `longshore-controller/${BUILD.version}`;
  const transport = createTransport({
    connection: link.connection,
    clock,
    metrics,
    userAgent,
    rateLimit: config.kubeQps === 0
      ? undefined
      : createRateLimit({ qps: config.kubeQps, burst: config.kubeBurst, clock }),
  });
  const kube = createKubeClient(transport);
  const leaseKube = leaseLink &&
    createKubeClient(
      createTransport({ connection: leaseLink.connection, clock, metrics, userAgent }),
    );
  const followings = new Followings(clock);
  let isChecked = false;
  await using _servers = serveAll([
    { address: config.metricsAddress, routes: { "/metrics": metricsRoute(metrics) } },
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
  ], { clock, log });
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
  await startControllers({
    kube,
    leaseKube,
    config,
    followings,
    fetchFor: network.fetchFor,
    clock,
    random: systemRandom,
    log,
    metrics,
    signal: run.signal,
    onReady: () => log.info("Ready"),
  });
  log.info("Stopped");
  return 0;
}

interface Link extends Disposable {
  readonly connection: OwnConnection;
  /** Where we know the server from, in the middle of a sentence. */
  readonly whence: string;
}

/** Each call gives a network connection of its own. */
async function connect(config: ControllerModeConfig, { askPlugin }: ModeRun): Promise<Link> {
  const clock = systemClock;
  if (isOutside(config)) {
    // In a cluster nobody needs these, and what they bring along costs 15 MB.
    const [{ connectKubeconfig }, { kubeconfigPaths }] = await Promise.all([
      import("../../kube/connect_kubeconfig.ts"),
      import("../../kube/kubeconfig_files.ts"),
    ]);
    const paths = kubeconfigPaths(config.kubeconfig, config.home);
    const { context } = config;
    const connection = await connectKubeconfig({ paths, context, clock, askPlugin });
    const { access } = connection;
    return linkTo(connection, `context "${access.context}" of ${access.path}`);
  }
  const connection = await connectInCluster({
    host: config.kubeHost ?? "",
    port: config.kubePort,
    clock,
    serviceAccountDir: config.serviceAccountDir,
  });
  return linkTo(connection, "our pod's ServiceAccount");
}

function linkTo(connection: OwnConnection, whence: string): Link {
  return { connection, whence, [Symbol.dispose]: () => connection[Symbol.dispose]() };
}
