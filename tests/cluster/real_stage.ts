/**
 * A whole Longshore over a real control plane: the product's processes under exactly the rights that they declare, a
 * simulated kubelet as an ordinary client, a simulated GitHub on loopback. Time is the machine's; stories are told faster.
 */
import {
  clusterRules,
  eventRules,
  leaderElectionRules,
  ownNamespaceRules,
} from "../../controllers/rules.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { createKubeClient, type KubeClient } from "../../kube/client.ts";
import type { Connection } from "../../kube/connection.ts";
import { NAMESPACES, PODS, SERVICE_ACCOUNTS } from "../../kube/resources.ts";
import { createTransport } from "../../kube/transport.ts";
import { keyOf, keyText, type KubeObject, type ResourceType } from "../../kube/types.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Fetch } from "../../lib/http.ts";
import { silentLogger } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import { listenerProgram as isolatedListener } from "../../modes/dev/product.ts";
import { startGitHubSim } from "../../sim/github/server.ts";
import { startKubelet } from "../../sim/kube/kubelet.ts";
import { filesInMemory, filesUnder } from "../../sim/kube/kubelet_files.ts";
import { serveLoopback } from "../../sim/loopback.ts";
import type { Program } from "../../sim/programs.ts";
import { runRunner } from "../../sim/runner.ts";
import {
  CONTROLLER,
  controllerObjects,
  inOrder,
  missingNamespaces,
} from "../../sim/world_objects.ts";
import { type Ground, listenerProgram, startController, type Taps } from "../journeys/product.ts";
import {
  type AnyStage,
  listenersMayWatch,
  type Process,
  setObjects,
  skewed,
  type StageOptions,
} from "../journeys/stage.ts";
import { applyAll } from "./apply.ts";
import { type AuditLog, openAuditLog } from "./audit_log.ts";
import { PATIENCE_MS } from "../patience.ts";
import { eventually } from "./eventually.ts";
import { adminConnection, type Facts, type OwnConnection, tokenConnection } from "./facts.ts";
import { heldJobs } from "./held_jobs.ts";
import { type Mirror, MIRRORED, openMirror } from "./mirror.ts";
import { NODES_ACCOUNT, nodesObjects, tokenFor } from "./simulated_nodes.ts";
import { wipe } from "./wiping.ts";

export interface RealStageOptions extends Omit<StageOptions, "seed" | "onWrite"> {
  /** How the product's processes reach the API server, in place of straight there. */
  readonly connect?: (facts: Facts, token: string) => OwnConnection;
  /** Time limit of each of their calls to it, in ms. Default: the product's. */
  readonly kubeTimeoutMs?: number;
  /**
   * Tapped ones run in the test's own process; isolated ones in the sandbox of their mode, told by their pod alone; a
   * program is told the same. Default: tapped.
   */
  readonly listenersAre?: "tapped" | "isolated" | Program;
  /** Whether the controller's account and its rights are there, or are installed by whoever tells the story. Default: there. */
  readonly rightsAre?: "there" | "installed";
}

/** What programs outside of the test's process must be told. */
export interface Surroundings {
  readonly facts: Facts;
  readonly githubUrl: string;
}

export interface RealStage extends AnyStage, Surroundings {
  readonly mirror: Mirror;
  readonly kube: KubeClient;
  /** What was asked of the API server since the stage was opened. */
  readonly audit: AuditLog;
  /** A fresh token of the controller's ServiceAccount. */
  controllerToken(): Promise<string>;
}

/** A second of a story, in ms. Waits of the product itself are not shortened. */
const SECOND_MS = 40;
const LOOK_EVERY_MS = 20;
const START_DELAY = { fromMs: 10, toMs: 60 };
/** Short enough to be waited for. A job fails with a runner that is silent for longer than any machine stands still. */
const GITHUB = { pollHoldMs: 2_000, sessionIdleMs: 4_000, runnerLostMs: 20_000 };
/** Journeys and their sets live here; {@link AnyStage.addSet} makes others. */
const HOME = "arc-runners";

/** Opens an empty cluster. Disposing ends every process and wipes what is left. */
export async function openRealStage(
  facts: Facts,
  options: RealStageOptions = {},
): Promise<RealStage> {
  const stack = new AsyncDisposableStack();
  const clock = systemClock;
  const random = systemRandom;
  const log = options.log ?? silentLogger;
  const adminLink = stack.use(adminConnection(facts));
  const kube = clientOver(adminLink, "world");
  const apply = async (objects: readonly KubeObject[]) => {
    await namespaces(kube, missingNamespaces(objects));
    await applyAll(facts, inOrder(objects));
    await eventually("the mirror to show it", () => objects.every(isShown) || undefined);
  };
  await applyAll(facts, nodesObjects());
  const mirror = stack.use(await openMirror(kube));
  const isShown = (object: KubeObject) => {
    const type = MIRRORED.find(({ kind }) => kind === object.kind);
    return type === undefined || mirror.stored(type as ResourceType<KubeObject>)
      .some((one) => keyText(keyOf(one)) === keyText(keyOf(object)));
  };
  await wipe(kube, mirror);
  const { rightsAre = "there" } = options;
  if (rightsAre === "there") await apply(rightsOfController());
  await namespaces(kube, missingNamespaces([{ metadata: { namespace: HOME } }]));
  stack.defer(() => wipe(kube, mirror));

  const opened = Promise.withResolvers<Fetch>();
  const githubServer = serveLoopback(async (request) => (await opened.promise)(request));
  const github = startGitHubSim({
    clock,
    random,
    baseUrl: githubServer.origin,
    settings: { ...GITHUB, ...options.github },
  });
  opened.resolve(github.handle);
  stack.defer(async () => {
    const hungUp = githubServer.stop();
    await github.stop();
    await hungUp;
    await github.stop(); // what a last call began
  });

  const processes = new Set<Process>();
  const taps: Taps = { controller: undefined, listener: undefined };
  const listeners = new Set<Process>();
  const connect = options.connect ?? tokenConnection;
  const ground: Ground = {
    clock: skewed(clock, options.skewMs ?? 0),
    kubeTimeoutMs: options.kubeTimeoutMs,
    random,
    log,
    metrics: options.metrics,
    taps,
    githubHosts: `github.com=${githubServer.origin}`,
    connection: (token): Connection => stack.use(connect(facts, token)),
    githubFetch: (request) => fetch(request),
    onStart: (process) => processes.add(process),
  };
  const server = new URL(facts.server);
  const surroundings: Surroundings = { facts, githubUrl: githubServer.origin };
  const jobs = heldJobs(clock);
  const { listenersAre = "tapped" } = options;
  const isIsolated = listenersAre !== "tapped";
  const listener = listenersAre === "tapped"
    ? listenerProgram(ground, listeners)
    : listenersAre === "isolated"
    ? isolatedListener((line) => log.debug("A listener says", { line }))
    : listenersAre;
  const files = isIsolated || options.programs !== undefined
    ? filesUnder(await Deno.makeTempDir({ dir: facts.folder, prefix: "pods-" }))
    : filesInMemory;
  const nodeLink = stack.use(tokenConnection(facts, await tokenFor(kube, NODES_ACCOUNT)));
  const kubelet = await startKubelet({
    kube: clientOver(nodeLink, "kubelet"),
    clock,
    random,
    files,
    apiServer: { host: server.hostname, port: Number(server.port), ca: facts.ca },
    startDelay: START_DELAY,
    programs: (container, pod) => {
      if (container === "listener") return listener;
      if (container !== "runner") return options.programs?.(container, pod);
      const script = options.runnerScript?.(pod) ?? "run";
      return ({ env, signal, killed }) =>
        runRunner({
          env,
          fetch: (request) => fetch(request),
          clock: jobs.clock,
          random,
          signal,
          killed,
          script,
        });
    },
  });
  stack.defer(() => kubelet.stop());
  stack.defer(async () => {
    for (const process of processes) process.crash();
    await Promise.all([...processes].map((process) => process.stop()));
  });
  const token = rightsAre === "there" ? await tokenFor(kube, CONTROLLER) : "";
  const audit = await openAuditLog(facts.auditLog);
  return {
    ...surroundings,
    world: { github, kubelet, admin: kube, apply },
    kube,
    mirror,
    audit,
    clock,
    secondMs: SECOND_MS,
    taps,
    listeners,
    // Isolated listeners share this machine's ports, which pods do not: no metrics.
    startController: (flags = []) =>
      startController(ground, {
        token,
        flags: isIsolated ? ["--listener-metrics-addr=0", ...flags] : flags,
      }),
    controllerToken: () => tokenFor(kube, CONTROLLER),
    addSet: (words) => apply(setObjects(words)),
    holdJobs: () => jobs.hold(),
    until: async (what, done) => {
      const endMs = clock.now().getTime() + PATIENCE_MS;
      while (!done()) {
        if (clock.now().getTime() > endMs) throw new Error(`Not within ${PATIENCE_MS} ms: ${what}`);
        await clock.sleep(LOOK_EVERY_MS);
      }
    },
    pass: (seconds) => clock.sleep(seconds * SECOND_MS),
    stored: (type) => mirror.stored(type),
    runnerSet: (name) =>
      mirror.stored(AUTOSCALING_RUNNER_SETS).find((set) =>
        name === undefined || set.metadata?.name === name
      ),
    runners: () => mirror.stored(EPHEMERAL_RUNNERS),
    pods: () => mirror.stored(PODS),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function rightsOfController(): readonly KubeObject[] {
  return [
    ...controllerObjects(CONTROLLER, {
      cluster: [...clusterRules, ...eventRules],
      ownNamespace: [...ownNamespaceRules, ...leaderElectionRules],
    }),
    ...listenersMayWatch(),
  ];
}

export function clientOver(connection: Connection, userAgent: string): KubeClient {
  return createKubeClient(createTransport({ connection, clock: systemClock, userAgent }));
}

/** Makes namespaces and waits for their default accounts; one that is on its way out is waited for first. */
async function namespaces(kube: KubeClient, wanted: readonly KubeObject[]): Promise<void> {
  await Promise.all(wanted.map(async ({ metadata: { name = "" } = {} }) => {
    await eventually(`namespace ${name}`, async () => {
      const found = await kube.get(NAMESPACES, { namespace: "", name });
      if (found?.metadata?.deletionTimestamp !== undefined) return undefined;
      if (found === undefined) await kube.create(NAMESPACES, { metadata: { name } });
      return await kube.get(SERVICE_ACCOUNTS, { namespace: name, name: "default" });
    });
  }));
}
