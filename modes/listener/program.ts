/** The mode `listener` at work: reads the document that its controller wrote, connects to both sides, listens. */
import { isOutside } from "../../controllers/config.ts";
import { type ListenerConfigDocument, parseListenerConfig } from "../../crds/listener_config.ts";
import { parseConfigUrl } from "../../github/config_url.ts";
import { createBudgets } from "../../github/budget.ts";
import { overrideHosts, parseHostOverrides } from "../../github/hosts.ts";
import { GITHUB_METRICS } from "../../github/metrics.ts";
import { createActionsService } from "../../github/service.ts";
import { thisProduct } from "../../github/user_agent.ts";
import { createKubeClient } from "../../kube/client.ts";
import { KUBE_METRICS } from "../../kube/metrics.ts";
import { createTransport } from "../../kube/transport.ts";
import { BUILD } from "../../lib/build.ts";
import { systemClock } from "../../lib/clock.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { checksRoute, metricsRoute } from "../../lib/http_server.ts";
import { parseListenAddress } from "../../lib/listen_address.ts";
import { createLogger } from "../../lib/logger.ts";
import { createNetwork } from "../../lib/network.ts";
import { declareMetrics } from "../../lib/metrics.ts";
import { processMetrics } from "../../lib/process_metrics.ts";
import { randomUuid, systemRandom } from "../../lib/random.ts";
import { Account } from "../../listener/account.ts";
import { checkListenerConfig, logSettings, metricsPath } from "../../listener/config.ts";
import { chosenMetrics } from "../../listener/metrics.ts";
import { startListener } from "../../listener/start.ts";
import { linkToCluster } from "../cluster_link.ts";
import type { ListenerModeConfig } from "../listener.ts";
import { guardedNetwork } from "../net_guard.ts";
import { withMetricsToken } from "../metrics_access.ts";
import { ownProxies } from "../proxy_flags.ts";
import type { ModeRun } from "../run.ts";
import { serveAll } from "../serving.ts";

const KUBE_PORT = 443;

/** Exit code 0 after a clean stop. Throws {@link InvalidInput} for a document that makes no sense. */
export async function runListener(flags: ListenerModeConfig, run: ModeRun): Promise<number> {
  const clock = systemClock;
  const random = systemRandom;
  const document = await readDocument(flags.configPath);
  const { level, format } = logSettings(document);
  const log = createLogger({
    level,
    format,
    clock,
    ...(run.write === undefined ? {} : { write: run.write }),
  });
  const rows = [...chosenMetrics(document.metrics).rows, ...KUBE_METRICS, ...GITHUB_METRICS];
  const metrics = declareMetrics(rows, { computed: processMetrics(clock.now()) });
  if (flags.kubernetesServiceHost === undefined && !isOutside(flags)) {
    throw new InvalidInput("KUBERNETES_SERVICE_HOST is not set: a listener runs in a pod");
  }
  using link = await linkToCluster({
    ...flags,
    kubeHost: flags.kubernetesServiceHost,
    kubePort: flags.kubernetesServicePort ?? KUBE_PORT,
  }, run);
  const { connection } = link;
  const userAgent = `longshore-listener/${BUILD.version}`;
  const kube = createKubeClient(createTransport({ connection, clock, metrics, userAgent }));
  using network = createNetwork({ proxy: ownProxies(flags), clock });
  const fetchFor = guardedNetwork(network, { grant: run.net, proxy: ownProxies(flags), log });
  const account = new Account({ document, fetchFor, log: log.child("account") });
  const config = parseConfigUrl(document.configure_url, {
    forceGhes: flags.forceGhes !== undefined,
  });
  const budgets = createBudgets({ clock, metrics });
  const service = createActionsService({
    config,
    credential: account.credentials,
    budget: (credential) => budgets.of(credential, { apiBase: config.apiBase, name: "listener" }),
    fetch: overrideHosts(account.fetch, parseHostOverrides(flags.githubHosts ?? "")),
    clock,
    random,
    userAgent: { ...thisProduct("ghalistener"), scaleSetId: document.runner_scale_set_id },
    log: log.child("github"),
    metrics,
  });
  let notReady: string | undefined = "Starting";
  await using _health = serveAll([{
    address: flags.healthProbeAddress,
    routes: {
      "/healthz": checksRoute(new Map()),
      "/readyz": checksRoute(new Map([["session", () => notReady]])),
    },
  }], { clock, log, level });
  await startListener({
    document,
    kube,
    service,
    account: { account, read: () => Deno.readTextFile(flags.configPath) },
    metrics,
    owner: flags.hostname ?? randomUuid(random),
    clock,
    random,
    log,
    onReadiness: (reason) => notReady = reason,
    onLogLevel: (level) => log.setLevel(level),
    serveMetrics: () =>
      serveAll([{
        address: metricsAddress(document),
        routes: {
          [metricsPath(document)]: withMetricsToken(metricsRoute(metrics), {
            ...flags,
            log,
          }),
        },
      }], { clock, log, level }),
  }, run.signal);
  return 0;
}

async function readDocument(path: string): Promise<ListenerConfigDocument> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new InvalidInput(`Cannot read the listener's configuration ${path}`, { cause });
  }
  const document = parseListenerConfig(text);
  checkListenerConfig(document);
  return document;
}

function metricsAddress({ metrics_addr: text }: ListenerConfigDocument) {
  const address = parseListenAddress(text);
  if (address !== undefined) return address;
  throw new InvalidInput(
    `metrics_addr is "${text}", expected an address such as :8080, or nothing`,
  );
}
