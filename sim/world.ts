/**
 * The simulated world in one call: a Kubernetes API with a controller's rights in it, a kubelet, a GitHub, and runners.
 * Knows how they are joined, in memory or on loopback; what is proved with it, and by whom, is the caller's business.
 */
import type { Clock } from "../lib/clock.ts";
import type { DurationRange } from "../lib/duration.ts";
import type { Fetch } from "../lib/http.ts";
import type { Random } from "../lib/random.ts";
import { createKubeClient, type KubeClient } from "../kube/client.ts";
import type { Connection } from "../kube/connection.ts";
import { isAlreadyExists } from "../kube/errors.ts";
import { createTransport } from "../kube/transport.ts";
import { type KubeObject, type ObjectKey, type Pod, type ResourceType } from "../kube/types.ts";
import { KINDS } from "../crds/kinds.ts";
import { type GitHubSim, type GitHubSimOptions, startGitHubSim } from "./github/server.ts";
import { overSockets } from "./github/serving.ts";
import type { GitHubSimSettings } from "./github/settings.ts";
import { filesInMemory, filesUnder } from "./kube/kubelet_files.ts";
import { type Exit, type Kubelet, startKubelet } from "./kube/kubelet.ts";
import { BUILT_INS } from "./kube/resources.ts";
import { type KubeApi, type KubeApiOptions, startKubeApi } from "./kube/server.ts";
import { LOOPBACK, serveLoopback } from "./loopback.ts";
import { inMemory } from "./memory.ts";
import type { Program, Programs } from "./programs.ts";
import { type RunnerScript, runRunner } from "./runner.ts";
import { loopbackIdentity } from "./tls.ts";
import {
  CONTROLLER,
  controllerObjects,
  type ControllerRights,
  inOrder,
  kindObjects,
  missingNamespaces,
} from "./world_objects.ts";

export interface WorldOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** `memory`: no sockets, so that it runs on virtual time. `loopback`: real HTTP, on the machine's time. */
  readonly at: "memory" | "loopback";
  readonly controllerRights: ControllerRights;
  /** ServiceAccount of the controller. Default {@link CONTROLLER}. */
  readonly controller?: ObjectKey;
  /** Programs of containers besides `runner`. */
  readonly programs?: Programs;
  /** What the runner of a pod does. Default: its work. */
  readonly runnerScript?: (pod: Pod) => RunnerScript;
  readonly github?: Partial<GitHubSimSettings>;
  /** Faults of the API server, who sees its writes, how much it remembers. */
  readonly kube?: Omit<KubeApiOptions, "clock" | "random">;
  /** Answers calls in place of the simulated GitHub. */
  readonly interceptGitHub?: NonNullable<GitHubSimOptions["intercept"]>;
  /** Folder for the mounted files of containers. Absent: they are kept in memory. */
  readonly folder?: string;
  readonly startDelay?: DurationRange;
  readonly onExit?: (exit: Exit) => void;
}

export interface World {
  readonly api: KubeApi;
  readonly github: GitHubSim;
  readonly kubelet: Kubelet;
  /** Reaches every server of the world by the hosts of their URLs, without sockets. */
  readonly fetch: Fetch;
  /** Base addresses: of the API server, and of what stands in for all hosts of GitHub. */
  readonly kubeUrl: string;
  readonly githubUrl: string;
  /** PEM of the cluster's authority; empty in memory. */
  readonly ca: string;
  /** May do everything; counted as nobody's. */
  readonly admin: KubeClient;
  /** How a client with this token reaches the API server without sockets. */
  connection(token: string): Connection;
  /**
   * Creates the objects, or applies them over what is there, in an order in which each finds what it needs. Namespaces
   * that are missing are made.
   */
  apply(objects: readonly KubeObject[]): Promise<void>;
  /** Ends programs, servers and everything that waits. */
  stop(): Promise<void>;
}

const RUNNER = "runner";
const KUBE_HOST = "kubernetes.default.svc";
const GITHUB_HOST = "github.simulated";
/** Of the identities that belong to the world itself. */
const ADMIN = { user: "kubernetes-admin", groups: ["system:masters"] };
const NODE = { user: "system:node:simulated", groups: ["system:masters", "system:nodes"] };

/** Starts everything and installs our kinds and the controller's rights. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { clock, random } = options;
  const api = startKubeApi({ ...options.kube, clock, random });
  const ends: (() => Promise<void> | void)[] = [];
  const places = options.at === "memory" ? inMemoryPlaces() : await onLoopback(options, ends);
  const github = startGitHubSim({
    clock,
    random,
    baseUrl: places.githubUrl,
    settings: options.github ?? {},
    ...(options.interceptGitHub === undefined ? {} : { intercept: options.interceptGitHub }),
  });
  places.open({ kube: api.handle, github: github.handle });
  const fetch = inMemory({
    [new URL(places.kubeUrl).host]: api.handle,
    [new URL(places.githubUrl).host]: github.handle,
  });
  const connection = (token: string): Connection => ({
    server: places.kubeUrl,
    headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
    fetch,
  });
  const clientAs = (token: string, userAgent: string) =>
    createKubeClient(createTransport({ connection: connection(token), clock, userAgent }));
  const admin = clientAs(api.tokenFor(ADMIN), "world");
  const apply = (objects: readonly KubeObject[]) => applyAll(objects, admin);
  await apply([
    ...kindObjects(),
    ...controllerObjects(options.controller ?? CONTROLLER, options.controllerRights),
  ]);
  const kubeUrl = new URL(places.kubeUrl);
  const kubelet = await startKubelet({
    kube: clientAs(api.tokenFor(NODE), "kubelet"),
    clock,
    random,
    files: options.folder === undefined ? filesInMemory : filesUnder(options.folder),
    programs: (container, pod) =>
      options.programs?.(container, pod) ??
        (container === RUNNER ? runnerProgram(pod, { ...options, fetch }) : undefined),
    apiServer: {
      host: kubeUrl.hostname,
      port: Number(kubeUrl.port || "443"),
      ca: places.ca,
    },
    ...(options.startDelay === undefined ? {} : { startDelay: options.startDelay }),
    ...(options.onExit === undefined ? {} : { onExit: options.onExit }),
  });
  return {
    api,
    github,
    kubelet,
    fetch,
    kubeUrl: places.kubeUrl,
    githubUrl: places.githubUrl,
    ca: places.ca,
    admin,
    connection,
    apply,
    stop: async () => {
      await kubelet.stop();
      await github.stop();
      api.stop();
      for (const end of ends) await end();
    },
  };
}

/** Where the servers are found; `open` lets calls through once they exist. */
interface Places {
  readonly kubeUrl: string;
  readonly githubUrl: string;
  readonly ca: string;
  open(servers: { readonly kube: Fetch; readonly github: Fetch }): void;
}

function inMemoryPlaces(): Places {
  return {
    kubeUrl: `https://${KUBE_HOST}`,
    githubUrl: `https://${GITHUB_HOST}`,
    ca: "",
    open: () => {},
  };
}

async function onLoopback(
  options: WorldOptions,
  ends: (() => Promise<void> | void)[],
): Promise<Places> {
  const opened = Promise.withResolvers<{ readonly kube: Fetch; readonly github: Fetch }>();
  const tls = await loopbackIdentity(options.clock.now());
  const kube = serveLoopback(async (request) => (await opened.promise).kube(request), tls);
  const github = serveLoopback(
    overSockets(async (request) => await (await opened.promise).github(request)),
  );
  ends.push(kube.stop, github.stop);
  return {
    kubeUrl: `https://${LOOPBACK}:${kube.port}`,
    githubUrl: `http://${LOOPBACK}:${github.port}`,
    ca: tls.ca,
    open: opened.resolve,
  };
}

function runnerProgram(pod: Pod, options: WorldOptions & { readonly fetch: Fetch }): Program {
  const script = options.runnerScript?.(pod) ?? "run";
  const { fetch, clock, random } = options;
  return ({ env, signal, killed }) =>
    runRunner({ env, fetch, clock, random, signal, killed, script });
}

async function applyAll(objects: readonly KubeObject[], kube: KubeClient): Promise<void> {
  for (const object of inOrder([...missingNamespaces(objects), ...objects])) {
    const type = typeOf(object);
    try {
      await kube.create(type, object);
    } catch (thrown) {
      if (!isAlreadyExists(thrown)) throw thrown;
      await kube.apply(type, object, { fieldManager: "world" });
    }
  }
}

/** Everything that the simulated cluster can store from the start: the built-in kinds and ours. */
export function knownTypes(): readonly ResourceType<KubeObject>[] {
  return [...BUILT_INS.filter(({ review }) => !review), ...KINDS.map(({ type }) => type)];
}

/** A kind that is not known is a bug of the caller and throws. */
function typeOf(object: KubeObject): ResourceType<KubeObject> {
  const { apiVersion, kind } = object;
  const type = knownTypes().find((row) =>
    row.kind === kind &&
    apiVersion === (row.group === "" ? row.version : `${row.group}/${row.version}`)
  );
  if (type === undefined) throw new TypeError(`No kind "${kind}" in "${apiVersion}"`);
  return type;
}
