/**
 * Scheduler and kubelets of the simulated cluster in one: an ordinary API client that puts pods on nodes and lives their
 * lives. Knows no program: whoever builds the world hands them in.
 */
import type { Clock } from "../../lib/clock.ts";
import type { DurationRange } from "../../lib/duration.ts";
import { silentLogger } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { CacheSink } from "../../kube/cache.ts";
import { reflect } from "../../kube/reflector.ts";
import { PODS } from "../../kube/resources.ts";
import { keyOf, keyText, type ObjectKey, type Pod } from "../../kube/types.ts";
import type { Programs } from "../programs.ts";
import { filesInMemory, type FileStore } from "./kubelet_files.ts";
import { bindPod, buryNode, mournNode, type NodePlace, registerNode } from "./kubelet_nodes.ts";
import { type PodHost, PodLife } from "./kubelet_pod.ts";
import { referencesOf } from "./kubelet_sources.ts";
import type { Ended } from "./kubelet_status.ts";

export interface KubeletOptions {
  /** With the rights of nodes and the scheduler. */
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly programs: Programs;
  /** Default: in memory. */
  readonly files?: FileStore;
  /** Names of the nodes. Default: three. */
  readonly nodes?: readonly string[];
  /** How long image, network and sandbox of a pod take. Default 200–800 ms. */
  readonly startDelay?: DurationRange;
  /** Where containers find the API server, and what proves that it is the one. */
  readonly apiServer?: { readonly host: string; readonly port: number; readonly ca: string };
  /** A container has ended for good. */
  readonly onExit?: PodHost["onExit"];
}

export interface Exit {
  readonly pod: Pod;
  readonly container: string;
  readonly ended: Ended;
}

/** Knobs for what goes wrong; each acts at once. */
export interface Kubelet {
  /** Pulls of this image fail from now on, for this reason; what runs keeps running. */
  failImage(image: string, reason?: string): void;
  healImage(image: string): void;
  /** The node is short of memory: the pod fails with reason Evicted. False: no such pod lives here. */
  evict(key: ObjectKey): boolean;
  /** The container is killed for its use of memory. False: it does not run. */
  oomKill(key: ObjectKey, container: string): boolean;
  /** The node falls silent and all on it stops; after 40 s it is unreachable, after 340 s its pods are deleted. */
  killNode(name: string): void;
  /** The node is gone and its pods are removed without grace. */
  removeNode(name: string): Promise<void>;
  addNode(name: string): Promise<void>;
  /** Ends all programs at once, and returns when they have ended. The API keeps what it has. */
  stop(): Promise<void>;
}

const START_DELAY: DurationRange = { fromMs: 200, toMs: 800 };
const OUR_SCHEDULER = "default-scheduler";
const NODE_NAMES = ["node-1", "node-2", "node-3"];
const EVICTED = {
  reason: "Evicted",
  message: "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi.",
};

/** Registers the nodes and starts to live the pods that the API has. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const kubelet = new SimulatedKubelet(options);
  for (const name of options.nodes ?? NODE_NAMES) await kubelet.addNode(name);
  kubelet.start();
  return kubelet;
}

/** A pod that was bound to one of our nodes. */
interface Resident {
  readonly life: PodLife;
  readonly node: string;
  /** As the API last had it. */
  readonly pod: Pod;
}

class SimulatedKubelet implements Kubelet {
  readonly #options: KubeletOptions;
  readonly #nodes = new Map<string, NodePlace>();
  /** By uid. */
  readonly #residents = new Map<string, Resident>();
  /** Also of pods that the API no longer has, until their programs have ended. */
  readonly #lives = new Set<PodLife>();
  /** Uids of pods that are on their way to a node. */
  readonly #binding = new Set<string>();
  readonly #badImages = new Map<string, string>();
  /** Everything under way, awaited at the end. */
  readonly #tasks = new Set<Promise<unknown>>();
  readonly #stopping = new AbortController();
  /** The first thing that must not happen. */
  #failure: { readonly thrown: unknown } | undefined;
  #turn = 0;
  #addresses = 0;

  constructor(options: KubeletOptions) {
    this.#options = options;
  }

  start(): void {
    const { kube, clock, random } = this.#options;
    const { signal } = this.#stopping;
    const sink: CacheSink<Pod> = {
      replace: (pods) => {
        const uids = new Set(pods.map(uidOf));
        for (const uid of this.#residents.keys()) if (!uids.has(uid)) this.#gone(uid);
        for (const pod of pods) this.#seen(pod);
      },
      apply: (type, pod) => type === "DELETED" ? this.#gone(uidOf(pod)) : this.#seen(pod),
    };
    this.#track(
      reflect({ client: kube, type: PODS, sink, clock, random, log: silentLogger }, signal),
    );
  }

  failImage(image: string, reason = "manifest unknown"): void {
    this.#badImages.set(image, reason);
  }

  healImage(image: string): void {
    this.#badImages.delete(image);
  }

  evict(key: ObjectKey): boolean {
    return this.#find(key)?.life.evict(EVICTED) ?? false;
  }

  oomKill(key: ObjectKey, container: string): boolean {
    return this.#find(key)?.life.killForMemory(container) ?? false;
  }

  async addNode(name: string): Promise<void> {
    const place = { name, ip: `10.0.0.${this.#nodes.size + 1}` };
    await registerNode(place, this.#options);
    this.#nodes.set(name, place);
  }

  killNode(name: string): void {
    this.#silence(name);
    const { kube, clock } = this.#options;
    const pods = () => this.#podsOf(name);
    this.#track(mournNode(name, { kube, clock, signal: this.#stopping.signal, pods }));
  }

  async removeNode(name: string): Promise<void> {
    this.#silence(name);
    await buryNode(name, { kube: this.#options.kube, pods: () => this.#podsOf(name) });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException("The kubelet stops", "AbortError"));
    for (const life of this.#lives) life.lose();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    if (this.#failure !== undefined) throw this.#failure.thrown;
  }

  #seen(pod: Pod): void {
    const uid = uidOf(pod);
    const known = this.#residents.get(uid);
    if (known !== undefined) {
      this.#residents.set(uid, { ...known, pod });
      known.life.update(pod);
      return;
    }
    const node = pod.spec?.nodeName ?? "";
    if (node === "") return this.#schedule(pod);
    this.#binding.delete(uid);
    const place = this.#nodes.get(node);
    if (place === undefined) return;
    const life = new PodLife(pod, this.#hostFor(place));
    this.#residents.set(uid, { life, node, pod });
    life.update(pod);
    this.#lives.add(life);
    this.#track(life.run().finally(() => this.#lives.delete(life)));
  }

  #gone(uid: string): void {
    this.#binding.delete(uid);
    this.#residents.get(uid)?.life.forget();
    this.#residents.delete(uid);
  }

  #schedule(pod: Pod): void {
    const uid = uidOf(pod);
    const places = [...this.#nodes.values()];
    if (this.#binding.has(uid) || pod.metadata?.deletionTimestamp !== undefined) return;
    if ((pod.spec?.schedulerName ?? OUR_SCHEDULER) !== OUR_SCHEDULER) return; // somebody else's
    if (places.length === 0) return;
    this.#binding.add(uid);
    const place = places[this.#turn++ % places.length] as NodePlace;
    const { kube, clock } = this.#options;
    this.#track(bindPod(pod, place, { kube, clock, signal: this.#stopping.signal }));
  }

  #hostFor(place: NodePlace): PodHost {
    const { kube, clock, random, programs, apiServer } = this.#options;
    const { fromMs, toMs } = this.#options.startDelay ?? START_DELAY;
    const ca = apiServer?.ca ?? "";
    return {
      kube,
      clock,
      random,
      programs,
      files: this.#options.files ?? filesInMemory,
      references: (pod) => referencesOf(pod, { kube, clock, ca }),
      clusterEnv: apiServer === undefined ? {} : {
        KUBERNETES_SERVICE_HOST: apiServer.host,
        KUBERNETES_SERVICE_PORT: String(apiServer.port),
      },
      hostIP: place.ip,
      newPodIP: () => {
        const number = this.#addresses++;
        return `10.244.${(number >> 8) & 255}.${number & 255}`;
      },
      startDelayMs: () => Math.round(fromMs + random() * (toMs - fromMs)),
      imageProblem: (image) => this.#badImages.get(image),
      onExit: this.#options.onExit ?? (() => {}),
      track: (task) => this.#track(task),
    };
  }

  #silence(node: string): void {
    this.#nodes.delete(node);
    for (const resident of this.#residents.values()) {
      if (resident.node === node) resident.life.lose();
    }
  }

  #podsOf(node: string): readonly Pod[] {
    return [...this.#residents.values()].filter((resident) => resident.node === node)
      .map(({ pod }) => pod);
  }

  #find(key: ObjectKey): Resident | undefined {
    return [...this.#residents.values()].find(({ pod }) => keyText(keyOf(pod)) === keyText(key));
  }

  /** A rejection is a bug, except the abort of {@link stop}: kept until then. */
  #track(task: Promise<unknown>): void {
    const watched = task.catch((thrown) => {
      if (thrown !== this.#stopping.signal.reason) this.#failure ??= { thrown };
    }).finally(() => this.#tasks.delete(watched));
    this.#tasks.add(watched);
  }
}

function uidOf(pod: Pod): string {
  return pod.metadata?.uid ?? "";
}
