/**
 * One listener from its document to its end: puts the parts together and stops them in order. Knows nothing of processes,
 * signals and ports, so that several may live in one process.
 */
import type { ListenerConfigDocument } from "../crds/listener_config.ts";
import { parseConfigUrl } from "../github/config_url.ts";
import type { ActionsService } from "../github/service.ts";
import type { KubeClient } from "../kube/client.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger, LogLevel } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { runTogether, type Task } from "../lib/tasks.ts";
import { type Account, followAccount } from "./account.ts";
import { checkListenerConfig, logSettings } from "./config.ts";
import type { Limits } from "./decide.ts";
import { createLimits, followLimits } from "./limits.ts";
import { listen } from "./loop.ts";
import { chosenMetrics, createRecorder } from "./metrics.ts";
import { createScaler } from "./scaler.ts";

export interface ListenerOptions {
  readonly document: ListenerConfigDocument;
  readonly kube: Pick<KubeClient, "patch" | "listPage" | "watch">;
  readonly service: Pick<ActionsService, "openSession" | "endSession">;
  /** Where the rows of `chosenMetrics(document.metrics)` are declared. */
  readonly metrics: Metrics;
  /** Under which name the session is held: the host name, which is the pod's. */
  readonly owner: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `undefined`: a session is held and polled. Otherwise why not, in words for a person. */
  readonly onReadiness?: (notReady: string | undefined) => void;
  /** Follows the document, for credentials that are rotated. Absent: it is believed to stay as it is. */
  readonly account?: {
    readonly account: Account;
    readonly read: () => Promise<string>;
  };
  /** Hears of every other log level that the document comes to name. */
  readonly onLogLevel?: (level: LogLevel) => void;
  /** Starts what serves the metrics; disposed of last, when the session is closed. */
  readonly serveMetrics?: () => AsyncDisposable;
}

/**
 * Listens until `signal` aborts, then resolves (B10): the poll stops, a message in hand is finished, the session is
 * closed, the metrics go. Throws `InvalidInput` when the document makes no sense, and what `serveMetrics` throws.
 */
export async function startListener(options: ListenerOptions, signal: AbortSignal): Promise<void> {
  const { account, clock, document, kube, metrics, onReadiness, random } = options;
  checkListenerConfig(document);
  const url = parseConfigUrl(document.configure_url);
  const runnerSet = {
    namespace: document.ephemeral_runner_set_namespace,
    name: document.ephemeral_runner_set_name,
  };
  const scaleSetId = document.runner_scale_set_id;
  const log = options.log.child("listener").with({ ...runnerSet, scaleSetId });
  const { rows, unknown } = chosenMetrics(document.metrics);
  for (const name of unknown) log.error("unknown metric name", { metric: name });

  const recorder = createRecorder(metrics, {
    rows,
    set: {
      enterprise: url.enterprise,
      organization: url.organization,
      repository: url.repository,
      ...runnerSet,
    },
  });
  const limits = createLimits(limitsOf(document));
  recorder.limits(limits.current);
  limits.onChange(() => recorder.limits(limits.current));

  onReadiness?.("No session yet");
  await using _metricsServer = options.serveMetrics?.();
  const listener = listenerKey(document);
  const loop: Task = (signal) =>
    listen({
      service: options.service,
      scaleSetId,
      owner: options.owner,
      limits,
      tellsCompleted: listener !== undefined,
      scaler: createScaler({ kube, runnerSet, clock, random, log, ...trouble(onReadiness) }),
      recorder,
      clock,
      random,
      log,
      ...(onReadiness === undefined ? {} : { onReadiness }),
      ...(account === undefined
        ? {}
        : { onAccountChange: (notify: () => void) => account.account.onChange(notify) }),
    }, signal);
  let { level } = logSettings(document);
  const followDocument: Task[] = account === undefined ? [] : [(signal) =>
    followAccount({
      account: {
        take(document) {
          const before = level;
          level = logSettings(document).level;
          if (level !== before) options.onLogLevel?.(level);
          limits.fallBack(limitsOf(document));
          account.account.take(document);
        },
      },
      read: account.read,
      clock,
      log: log.child("account"),
    }, signal)];
  const follow: Task[] = listener === undefined ? [] : [
    (signal) =>
      followLimits({
        kube,
        listener,
        ephemeralRunnerSetName: runnerSet.name,
        limits,
        clock,
        random,
        log: log.child("limits"),
      }, signal),
  ];
  await runTogether([...follow, ...followDocument, loop], signal);
  log.info("The listener has ended");
}

/** `undefined`: another controller wrote the document and names no AutoscalingListener. */
function listenerKey(document: ListenerConfigDocument) {
  const { autoscaling_listener_namespace: namespace, autoscaling_listener_name: name } = document;
  return namespace && name ? { namespace, name } : undefined;
}

function limitsOf({ min_runners, max_runners }: ListenerConfigDocument): Limits {
  return { minRunners: min_runners, maxRunners: max_runners };
}

function trouble(onReadiness: ListenerOptions["onReadiness"]) {
  return onReadiness === undefined ? {} : { onTrouble: onReadiness };
}
