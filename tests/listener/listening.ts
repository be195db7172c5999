/** A listener at work on fakes and virtual time, and the document it starts from. */
import { MAX_RUNNERS } from "../../crds/group.ts";
import type { ListenerConfigDocument } from "../../crds/listener_config.ts";
import { seededRandom } from "../../lib/random.ts";
import { type LogLevel, silentLogger } from "../../lib/log.ts";
import { declareMetrics, type Metrics } from "../../lib/metrics.ts";
import { Account } from "../../listener/account.ts";
import { chosenMetrics } from "../../listener/metrics.ts";
import { startListener } from "../../listener/start.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { FakeCluster, FakeGitHub, type Gate, LISTENER, openGate, SET } from "./fakes.ts";

export function aDocument(rest: Partial<ListenerConfigDocument> = {}): ListenerConfigDocument {
  return {
    configure_url: "https://github.com/octo",
    github_token: "token",
    ephemeral_runner_set_namespace: SET.namespace,
    ephemeral_runner_set_name: SET.name,
    min_runners: 0,
    max_runners: MAX_RUNNERS,
    runner_scale_set_id: 7,
    runner_scale_set_name: "linux",
    server_root_ca: "",
    log_level: "info",
    log_format: "json",
    metrics_addr: "",
    metrics_endpoint: "",
    metrics: null,
    ...rest,
  };
}

/** The document as Longshore's controller writes it. */
export function ourDocument(rest: Partial<ListenerConfigDocument> = {}): ListenerConfigDocument {
  return aDocument({
    autoscaling_listener_namespace: LISTENER.namespace,
    autoscaling_listener_name: LISTENER.name,
    ...rest,
  });
}

export interface World {
  readonly clock: VirtualClock;
  readonly github: FakeGitHub;
  readonly cluster: FakeCluster;
}

export function aWorld(): World {
  const clock = new VirtualClock();
  return { clock, github: new FakeGitHub(clock), cluster: new FakeCluster() };
}

export interface Listening {
  readonly metrics: Metrics;
  /** What readiness was said to be, in order; `undefined` is ready. */
  readonly readiness: readonly (string | undefined)[];
  readonly hasEnded: boolean;
  /** Tells it to stop; the promise resolves when it has ended. Time must pass meanwhile. */
  stop(): Promise<void>;
}

/** Starts a listener; it works whenever the clock is driven. */
export function startListening(
  { clock, github, cluster }: World,
  options: {
    readonly document?: ListenerConfigDocument;
    readonly gate?: Gate;
    readonly owner?: string;
    readonly seed?: number;
    readonly onClosed?: () => void;
    /** The text of the document as it is now; followed when given. */
    readonly read?: () => string;
    readonly onLogLevel?: (level: LogLevel) => void;
  } = {},
): Listening {
  const document = options.document ?? aDocument();
  const metrics = declareMetrics(chosenMetrics(document.metrics).rows);
  const readiness: (string | undefined)[] = [];
  const stopping = new AbortController();
  let hasEnded = false;
  const { onClosed, onLogLevel, read } = options;
  const ended = startListener({
    document,
    kube: cluster.kube(options.gate ?? openGate),
    service: github.service(options.gate ?? openGate),
    metrics,
    owner: options.owner ?? "listener-0",
    clock,
    random: seededRandom(options.seed ?? 1),
    log: silentLogger,
    onReadiness: (notReady) => readiness.push(notReady),
    ...(onLogLevel === undefined ? {} : { onLogLevel }),
    ...(read === undefined ? {} : {
      account: {
        account: new Account({ document, fetchFor: () => fetch, log: silentLogger }),
        read: () => Promise.resolve(read()),
      },
    }),
    ...(onClosed === undefined ? {} : {
      serveMetrics: () => ({
        async [Symbol.asyncDispose]() {
          await Promise.resolve();
          onClosed();
        },
      }),
    }),
  }, stopping.signal).then(() => {
    hasEnded = true;
  });
  return {
    metrics,
    readiness,
    get hasEnded() {
      return hasEnded;
    },
    stop() {
      stopping.abort(new Error("SIGTERM"));
      return ended;
    },
  };
}
