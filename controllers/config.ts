/**
 * What a controller-manager is told by flags and environment: ARC's names and meanings, a few of ours. Pure. Sources:
 * spec §12.1 and §3.9.
 */
import {
  boolean,
  choice,
  duration,
  integer,
  list,
  listenAddress,
  namespaceName,
  path,
  repeatable,
  text,
  word,
} from "../lib/flag_parsers.ts";
import { LABELS } from "../crds/group.ts";
import { InvalidInput } from "../lib/errors.ts";
import type { FlagParser, FlagTable } from "../lib/flags.ts";
import { type ListenAddress, parseListenAddress } from "../lib/listen_address.ts";
import { LOG_LEVELS, type LogFormat, type LogLevel } from "../lib/log.ts";

export interface ControllerConfig {
  readonly namespace: string;
  readonly image: string;
  readonly listenerEntrypoint: string;
  /** Who gives the listeners' pods a place, or runs them elsewhere; empty: the cluster. */
  readonly listenerScheduler: string;
  readonly forceGhes: string | undefined;
  readonly watchNamespace: string;
  readonly watchSingleNamespace: string;
  readonly excludedLabelPrefixes: readonly string[];
  readonly listenerPullSecrets: readonly string[];
  /** As the listener gets it: Go style, "0" for none. */
  readonly listenerMetricsAddress: string;
  readonly listenerMetricsEndpoint: string;
  readonly metricsAddress: ListenAddress | "off";
  readonly healthAddress: ListenAddress | "off";
  readonly leaderElection: boolean;
  readonly leaderElectionId: string;
  /** Name of the pod, by which people know the leader. */
  readonly hostname?: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Requests a second; 0: no limit of ours. */
  readonly kubeQps: number;
  readonly kubeBurst: number;
  readonly runnerWorkers: number;
  /** Deadlines of runners (B11), in ms; 0: none. */
  readonly runnerStartMs: number;
  readonly runnerRegisterMs: number;
  readonly runnerOfflineMs: number;
  readonly runnerStopMs: number;
  /** How often idle runners are looked up at GitHub, in ms; 0: never. */
  readonly runnerCheckMs: number;
  readonly resyncMs: number;
  /** How often what was left behind is looked for, in ms; 0: never. */
  readonly sweepMs: number;
  /** Labels of the controller's pods, as a selector; empty: finalizers are kept, and we serve. */
  readonly releaseFinalizers: string;
  readonly githubHosts: string;
  readonly serviceAccountDir: string;
  /** Absent where `kubeconfig` or `context` name the cluster. */
  readonly kubeHost?: string | undefined;
  readonly kubePort: number;
  /** As `KUBECONFIG`: a path, or several. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly home?: string | undefined;
}

const RUNNER_WORKERS = 64;
/** ARC's default, and its charts always pass it: whoever came from ARC has it, and nobody wished for it. */
const ARC_RUNNER_WORKERS = 2;

export const controllerFlags: FlagTable<ControllerConfig> = {
  namespace: {
    flag: "--namespace",
    env: "CONTROLLER_MANAGER_POD_NAMESPACE",
    parser: namespaceName(),
    required: true,
    help: "The controller's own namespace; its listeners live there.",
  },
  image: {
    flag: "--image",
    env: "CONTROLLER_MANAGER_CONTAINER_IMAGE",
    parser: word(),
    required: true,
    help: "Image of the listeners' pods: the controller's own.",
  },
  listenerEntrypoint: {
    flag: "--listener-entrypoint",
    env: "LISTENER_ENTRYPOINT",
    parser: text(),
    default: "/ghalistener",
    help: "The listener's program in that image.",
  },
  listenerScheduler: {
    flag: "--listener-scheduler",
    parser: text(),
    default: "",
    hidden: true,
    help: "Scheduler of the listeners' pods; set by longshore dev, which runs them itself.",
  },
  forceGhes: {
    flag: "--force-ghes",
    env: "GITHUB_ACTIONS_FORCE_GHES",
    emptyCounts: true,
    parser: text(),
    hidden: true,
    help: "Set to anything: every host counts as GitHub Enterprise Server.",
  },
  watchNamespace: {
    flag: "--watch-namespace",
    parser: text(),
    default: "",
    help: "Serve this namespace and the controller's own only; empty: the whole cluster.",
  },
  watchSingleNamespace: {
    flag: "--watch-single-namespace",
    parser: text(),
    default: "",
    help: "The same; it counts when both are given.",
  },
  excludedLabelPrefixes: {
    flag: "--exclude-label-propagation-prefix",
    parser: repeatable(text()),
    default: [],
    help: "Labels that begin so are not copied from a runner set to its children.",
  },
  listenerPullSecrets: {
    flag: "--auto-scaler-image-pull-secrets",
    parser: list(),
    default: [],
    help: "Image pull secrets of the listeners' pods.",
  },
  listenerMetricsAddress: {
    flag: "--listener-metrics-addr",
    parser: text(),
    default: ":8080",
    help: "Where listeners serve metrics; 0: nowhere.",
  },
  listenerMetricsEndpoint: {
    flag: "--listener-metrics-endpoint",
    parser: text(),
    default: "/metrics",
    help: "The path of the listeners' metrics.",
  },
  metricsAddress: {
    flag: "--metrics-addr",
    parser: listenAddress(),
    default: { host: "", port: 8080 },
    help: "Where the controller serves metrics; 0: nowhere.",
  },
  healthAddress: {
    flag: "--health-probe-bind-address",
    parser: listenAddress(),
    default: "off",
    help: "Where the controller serves /healthz and /readyz; 0: nowhere.",
  },
  leaderElection: {
    flag: "--enable-leader-election",
    parser: boolean(),
    default: false,
    help: "Work only while holding a Lease, so that several replicas can stand by.",
  },
  leaderElectionId: {
    flag: "--leader-election-id",
    parser: word(),
    default: "actions-runner-controller",
    help: "The name of that Lease.",
  },
  hostname: {
    flag: "--hostname",
    env: "HOSTNAME",
    parser: text(),
    hidden: true,
    help: "Name of this pod, as containers have it in their environment.",
  },
  logLevel: {
    flag: "--log-level",
    parser: choice(LOG_LEVELS),
    default: "debug",
    help: "The least level that is logged.",
  },
  logFormat: {
    flag: "--log-format",
    parser: choice(["text", "json"]),
    default: "text",
    help: "How log lines are written.",
  },
  kubeQps: {
    flag: "--k8s-client-rate-limiter-qps",
    parser: integer({ min: 0 }),
    default: 0,
    help: "Requests a second to the API server; 0: as many as it takes.",
  },
  kubeBurst: {
    flag: "--k8s-client-rate-limiter-burst",
    parser: integer({ min: 0 }),
    default: 30,
    help: "Requests that may come at once under that limit.",
  },
  runnerWorkers: {
    flag: "--runner-max-concurrent-reconciles",
    parser: runnerWorkers(),
    default: RUNNER_WORKERS,
    help:
      `Runners that are worked on at a time. ${ARC_RUNNER_WORKERS}, which ARC's charts pass unless they are told another ` +
      "number, counts as not given.",
  },
  runnerStartMs: {
    flag: "--runner-start-deadline",
    parser: duration(),
    default: 30 * 60_000,
    help:
      "How long a runner's pod may take until its runner container runs, nodes, images and init " +
      "containers included; 0: for ever. Pods behind a scheduling gate are not late.",
  },
  runnerRegisterMs: {
    flag: "--runner-register-deadline",
    parser: duration(),
    default: 5 * 60_000,
    help: "How long a runner may run until GitHub sees it online; 0: for ever.",
  },
  runnerOfflineMs: {
    flag: "--runner-offline-deadline",
    parser: duration(),
    default: 5 * 60_000,
    help: "How long GitHub may see an idle runner offline that was online; 0: for ever.",
  },
  runnerStopMs: {
    flag: "--runner-stop-deadline",
    parser: duration(),
    default: 2 * 60_000,
    help: "How long a runner's container may live on after its job; 0: for ever.",
  },
  runnerCheckMs: {
    flag: "--runner-check-interval",
    parser: duration(),
    default: 10 * 60_000,
    help: "How often the runners of a set are looked up at GitHub, all with one listing; 0: never.",
  },
  resyncMs: {
    flag: "--sync-period",
    parser: duration({ min: 1 }),
    default: 600_000,
    help: "How often everything is looked at again, changed or not.",
  },
  sweepMs: {
    flag: "--orphan-sweep-period",
    parser: duration(),
    default: 600_000,
    help: "How often objects and runners that nobody owns any more are looked for; 0: never.",
  },
  releaseFinalizers: {
    flag: "--release-finalizers",
    parser: text(),
    default: "",
    placeholder: "SELECTOR",
    help:
      "Serve nothing: once no pod with these labels is left in the controller's namespace, take the " +
      "finalizers off all that would be served, and end. The chart does so after it was uninstalled.",
  },
  githubHosts: {
    flag: "--github-hosts",
    env: "LONGSHORE_GITHUB_HOSTS",
    parser: text(),
    default: "",
    help:
      "Hosts of GitHub that are reached elsewhere, e.g. github.com=http://127.0.0.1:8088; for simulations.",
  },
  serviceAccountDir: {
    flag: "--service-account-dir",
    parser: path(),
    default: "/var/run/secrets/kubernetes.io/serviceaccount",
    help: "Where the token, the CA and the namespace of the controller's ServiceAccount are.",
  },
  kubeHost: {
    flag: "--kube-host",
    env: "KUBERNETES_SERVICE_HOST",
    parser: text(),
    hidden: true,
    help: "Host of the API server.",
  },
  kubePort: {
    flag: "--kube-port",
    env: "KUBERNETES_SERVICE_PORT",
    parser: integer({ min: 1, max: 65_535 }),
    default: 443,
    hidden: true,
    help: "Port of the API server.",
  },
  kubeconfig: {
    flag: "--kubeconfig",
    env: "KUBECONFIG",
    parser: text(),
    placeholder: "FILE",
    help: "Serve the cluster that this file names, from outside of it.",
  },
  context: {
    flag: "--context",
    parser: text(),
    placeholder: "NAME",
    help: "Serve the cluster of this context, not of the current one; of ~/.kube/config unless a " +
      "kubeconfig is named.",
  },
  home: {
    flag: "--home",
    env: "HOME",
    parser: text(),
    hidden: true,
    help: "The folder with .kube/config in it.",
  },
};

/** Flags of ARC's manager that mean nothing here; they are accepted, so that its charts and manifests keep working. */
export const ignoredFlags: Readonly<Record<string, FlagParser<unknown>>> = {
  "--auto-scaling-runner-set-only": boolean(),
  "--update-strategy": text(),
  "--pprof-addr": text(),
  "--port": text(),
  "--workqueue-rate-limiter": text(),
  "--common-runner-labels": text(),
  "--default-scale-down-delay": text(),
  "--docker-gid": text(),
  "--docker-image": text(),
  "--docker-registry-mirror": text(),
  "--runner-image": text(),
  "--runner-image-pull-secret": text(),
  "--runner-status-update-hook": boolean(),
  "--runner-github-url": text(),
  "--github-token": text(),
  "--github-enterprise-url": text(),
  "--github-app-id": text(),
  "--github-app-installation-id": text(),
  "--github-app-private-key": text(),
  "--github-url": text(),
  "--github-upload-url": text(),
  "--github-basicauth-username": text(),
  "--github-basicauth-password": text(),
};

/** Throws {@link InvalidInput} for flags that do not go together, or that would hide our own objects from us. */
export function checkControllerConfig(config: ControllerConfig): void {
  const hiding = config.excludedLabelPrefixes.find((prefix) =>
    NEEDED_LABELS.some((label) => label.startsWith(prefix))
  );
  if (hiding !== undefined) {
    throw new InvalidInput(
      `--exclude-label-propagation-prefix is "${hiding}": expected a prefix that begins none of the ` +
        `labels by which the controller finds its objects, which are ${NEEDED_LABELS.join(", ")}`,
    );
  }
  if (parseListenAddress(config.listenerMetricsAddress) === undefined) {
    throw new InvalidInput(
      `--listener-metrics-addr is "${config.listenerMetricsAddress}", expected an address such as ` +
        ":8080, or 0 for none",
    );
  }
  if (config.kubeHost || isOutside(config)) return;
  throw new InvalidInput(
    "No cluster is named: expected --kubeconfig FILE or --context NAME outside of a cluster " +
      "(inside, KUBERNETES_SERVICE_HOST is set)",
  );
}

/** Without these on its children, the controller would not see them. */
const NEEDED_LABELS = [
  LABELS.scaleSetName,
  LABELS.scaleSetNamespace,
  LABELS.partOf,
  LABELS.component,
  LABELS.listenerName,
  LABELS.listenerNamespace,
] as const;

/** The cluster is named by a kubeconfig, not by where we run. */
export function isOutside(config: Pick<ControllerConfig, "kubeconfig" | "context">): boolean {
  return Boolean(config.kubeconfig || config.context);
}

function runnerWorkers(): FlagParser<number> {
  const count = integer({ min: 1, max: 1000 });
  const meant = (given: number) => given === ARC_RUNNER_WORKERS ? RUNNER_WORKERS : given;
  return {
    ...count,
    parse: (text) => {
      const given = count.parse(text);
      return given === undefined ? undefined : meant(given);
    },
  };
}
