/**
 * The life of one pod on its node: init containers, containers, status, graceful end. Knows what a kubelet does with a
 * pod, not how pods come to a node nor what their programs are.
 */
import type { KubeClient } from "../../kube/client.ts";
import type { Container, Pod } from "../../kube/types.ts";
import { timeText } from "../../kube/meta.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { idleProgram, type Program, type ProgramRun, type Programs } from "../programs.ts";
import { ContainerLife } from "./kubelet_container.ts";
import { containerEnvironment } from "./kubelet_environment.ts";
import type { ContainerFiles, FileStore } from "./kubelet_files.ts";
import { containerFiles, containerFolders } from "./kubelet_mounts.ts";
import { PodReport } from "./kubelet_report.ts";
import type { References } from "./kubelet_references.ts";
import {
  type ContainerRecord,
  type ContainerRole,
  type Ended,
  initialRecords,
  type PodFacts,
  podStatus,
  type PodVerdict,
} from "./kubelet_status.ts";

/** What the pods of a node share. */
export interface PodHost {
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly programs: Programs;
  readonly files: FileStore;
  /** Resolves what this pod refers to. Tokens are kept until they should be renewed. */
  references(pod: Pod): References;
  /** Variables that every container sees. */
  readonly clusterEnv: Readonly<Record<string, string>>;
  readonly hostIP: string;
  /** An address that no other pod has. */
  newPodIP(): string;
  /** How long this pod's image, network and sandbox take, in ms. */
  startDelayMs(): number;
  imageProblem(image: string): string | undefined;
  /** A container has ended for good. */
  onExit(exit: { readonly pod: Pod; readonly container: string; readonly ended: Ended }): void;
  /** A program that was started; it may outlive its pod when it does not listen. */
  track(program: Promise<unknown>): void;
}

/** How often mounted files are compared with what they come from. */
const FILES_SYNC_MS = 60_000;
const DEFAULT_GRACE_SECONDS = 30;

/** One for a pod on its node, from its binding to its end. */
export class PodLife {
  readonly #host: PodHost;
  #pod: Pod;
  readonly #containers: readonly ContainerLife[];
  readonly #roles: readonly ContainerRole[];
  #facts: PodFacts;
  readonly #report: PodReport;
  readonly #references: References;
  /** SIGTERM for all but side-cars; theirs; SIGKILL for all; nothing is left to do. */
  readonly #ending = new AbortController();
  readonly #endingSidecars = new AbortController();
  readonly #killed = new AbortController();
  readonly #deletionSeen = Promise.withResolvers<void>();
  readonly #over = new AbortController();
  readonly #places: ContainerFiles[] = [];

  constructor(pod: Pod, host: PodHost) {
    this.#host = host;
    this.#pod = pod;
    const spec = pod.spec ?? { containers: [] };
    const records = initialRecords(spec);
    const specs = [...(spec.initContainers ?? []), ...spec.containers];
    this.#roles = records.map(({ role }) => role);
    this.#containers = records.map((record, at) =>
      new ContainerLife(record, this.#containerHost(record, specs[at] as Container))
    );
    this.#references = host.references(pod);
    this.#report = new PodReport({
      kube: host.kube,
      clock: host.clock,
      pod,
      read: (before) =>
        podStatus(this.#containers.map(({ record }) => record), this.#facts, {
          now: timeText(host.clock.now()),
          before,
        }),
    });
    this.#facts = {
      restartPolicy: spec.restartPolicy ?? "Always",
      startTime: pod.status?.startTime ?? timeText(host.clock.now()),
      hostIP: host.hostIP,
    };
  }

  /** What the API says about the pod now. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata?.deletionTimestamp === undefined) return;
    const seconds = pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    this.#end(seconds);
    this.#deletionSeen.resolve();
  }

  /** The object is gone from the API: what runs is ended in the pod's own time, nothing is reported. */
  forget(): void {
    this.#report.mute();
    this.#end(this.#pod.spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
    this.#deletionSeen.resolve();
  }

  /** The node dies: everything stops at once and nobody says so. */
  lose(): void {
    this.#report.mute();
    this.#kill();
    this.#deletionSeen.resolve();
  }

  /** The node is short of something: the pod fails with this reason. False: it has ended already. */
  evict(verdict: PodVerdict): boolean {
    if (this.#over.signal.aborted) return false;
    this.#facts = { ...this.#facts, verdict };
    this.#kill();
    this.#report.changed();
    return true;
  }

  /** False: no such container runs. */
  killForMemory(container: string): boolean {
    return this.#containers.find(({ record }) => record.name === container)?.killForMemory() ??
      false;
  }

  /** Resolves when the pod is gone. */
  async run(): Promise<void> {
    const phase = this.#pod.status?.phase;
    if (phase !== "Succeeded" && phase !== "Failed") await this.#live();
    this.#over.abort();
    await Promise.all(this.#places.map((place) => place.remove()));
    await this.#deletionSeen.promise;
    await this.#report.confirmDeletion();
  }

  async #live(): Promise<void> {
    this.#report.changed();
    const sidecars: Promise<unknown>[] = [];
    const { signal } = this.#ending;
    try {
      await this.#host.clock.sleep(this.#host.startDelayMs(), signal);
      this.#facts = { ...this.#facts, podIP: this.#host.newPodIP() };
      const initialized = await this.#initialize(sidecars);
      if (initialized) await Promise.all(this.#of("main").map((main) => this.#runOne(main)));
    } catch (thrown) {
      if (!signal.aborted || thrown !== signal.reason) throw thrown;
    } finally {
      this.#endingSidecars.abort(new DOMException("The pod ends", "AbortError"));
      await Promise.all(sidecars);
    }
    await this.#report.settled();
  }

  /** In order; false when one failed for good. Side-cars are started and left running. */
  async #initialize(sidecars: Promise<unknown>[]): Promise<boolean> {
    for (const [at, container] of this.#containers.entries()) {
      if (this.#roles[at] === "main") continue;
      if (this.#roles[at] === "sidecar") {
        sidecars.push(this.#runOne(container, this.#endingSidecars.signal));
        continue;
      }
      const ended = await this.#runOne(container);
      if (ended?.exitCode !== 0) return false;
    }
    return true;
  }

  async #runOne(container: ContainerLife, ending = this.#ending.signal) {
    const ended = await container.run(ending, this.#killed.signal);
    if (ended !== undefined && !this.#report.muted) {
      this.#host.onExit({ pod: this.#pod, container: container.record.name, ended });
    }
    return ended;
  }

  #of(role: ContainerRole): readonly ContainerLife[] {
    return this.#containers.filter((_container, at) => this.#roles[at] === role);
  }

  #containerHost(record: ContainerRecord, spec: Container) {
    const host = this.#host;
    const { role } = record;
    return {
      clock: host.clock,
      random: host.random,
      imageProblem: host.imageProblem,
      prepare: () => this.#prepare(spec),
      program: host.programs(record.name, this.#pod) ?? defaultProgram(role),
      restarts: (exitCode: number) => {
        if (role === "sidecar") return true;
        const { restartPolicy } = this.#facts;
        if (role === "main" && restartPolicy === "Always") return true;
        return exitCode !== 0 && restartPolicy !== "Never";
      },
      changed: () => this.#report.changed(),
      track: host.track,
    };
  }

  async #prepare(spec: Container): Promise<Omit<ProgramRun, "signal" | "killed">> {
    const host = this.#host;
    const pod: Pod = {
      ...this.#pod,
      status: { ...this.#pod.status, hostIP: host.hostIP, podIP: this.#facts.podIP ?? "" },
    };
    const from = this.#references;
    const env = await containerEnvironment(pod, spec, { from, cluster: host.clusterEnv });
    const files = await containerFiles(pod, spec, from);
    const place = await host.files(
      `${pod.metadata?.uid}/${spec.name}-${this.#places.length}`,
      containerFolders(pod, spec),
    );
    this.#places.push(place);
    await place.update(files);
    host.track(this.#keepFresh(spec, place));
    return { pod, container: spec.name, env, root: place.root, files: place.files };
  }

  /** Follows changed Secrets and ConfigMaps, and tokens that run out, while the pod lives. */
  async #keepFresh(spec: Container, place: ContainerFiles): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        await this.#host.clock.sleep(FILES_SYNC_MS, signal);
        await place.update(await containerFiles(this.#pod, spec, this.#references));
      } catch {
        // What cannot be read now keeps its old content, as a kubelet leaves it; over is the loop's condition.
      }
    }
  }

  #end(graceSeconds: number): void {
    if (this.#ending.signal.aborted) return;
    this.#facts = { ...this.#facts, restartPolicy: "Never" };
    this.#ending.abort(new DOMException("The pod ends", "AbortError"));
    this.#host.track(this.#killAfter(graceSeconds * 1_000));
  }

  async #killAfter(ms: number): Promise<void> {
    try {
      await this.#host.clock.sleep(ms, this.#over.signal);
      this.#kill();
    } catch {
      // Everything ended in time.
    }
  }

  #kill(): void {
    this.#facts = { ...this.#facts, restartPolicy: "Never" };
    const reason = new DOMException("The pod was killed", "AbortError");
    this.#ending.abort(reason);
    this.#endingSidecars.abort(reason);
    this.#killed.abort(reason);
  }
}

function defaultProgram(role: ContainerRole): Program {
  return role === "init" ? () => Promise.resolve(0) : idleProgram;
}
