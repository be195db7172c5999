/** Tells the API the status of one pod: as seldom as possible, the newest state last. Knows nothing of containers. */
import { deepEqual } from "../../lib/json.ts";
import type { Clock } from "../../lib/clock.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isConflict, isNotFound } from "../../kube/errors.ts";
import { PODS } from "../../kube/resources.ts";
import { keyOf, type Pod } from "../../kube/types.ts";
import type { PodStatus } from "./kubelet_status.ts";

/** Changes that come within this time are reported together. */
const DELAY_MS = 5;
/** Until a call that failed is tried again. */
const RETRY_MS = 1_000;

/** One for a pod. */
export class PodReport {
  readonly #kube: KubeClient;
  readonly #clock: Clock;
  readonly #pod: Pod;
  readonly #read: (before: PodStatus | undefined) => PodStatus;
  #reported: PodStatus | undefined;
  #dirty = false;
  #writing: Promise<void> | undefined;
  readonly #muted = new AbortController();

  constructor(options: {
    readonly kube: KubeClient;
    readonly clock: Clock;
    readonly pod: Pod;
    /** The status as it is now. */
    readonly read: (before: PodStatus | undefined) => PodStatus;
  }) {
    this.#kube = options.kube;
    this.#clock = options.clock;
    this.#pod = options.pod;
    this.#read = options.read;
    this.#reported = options.pod.status;
  }

  get muted(): boolean {
    return this.#muted.signal.aborted;
  }

  /** Says nothing from now on. */
  mute(): void {
    this.#muted.abort();
  }

  /** There is something new to tell. */
  changed(): void {
    this.#dirty = true;
    this.#writing ??= this.#write();
  }

  /** Resolves when everything has been told. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Confirms to the API that nothing of the pod is left, which removes the object. */
  async confirmDeletion(): Promise<void> {
    const { uid } = this.#pod.metadata ?? {};
    while (!this.muted) {
      try {
        await this.#kube.delete(PODS, keyOf(this.#pod), { uid, gracePeriodSeconds: 0 });
        return;
      } catch {
        await this.#pause(RETRY_MS);
      }
    }
  }

  async #write(): Promise<void> {
    while (this.#dirty && !this.muted) {
      await this.#pause(DELAY_MS);
      if (this.muted) break;
      this.#dirty = false;
      const status = this.#read(this.#reported);
      if (deepEqual(status, this.#reported)) continue;
      // With its uid, so that a successor of the same name is never taken for this pod.
      const patch = { metadata: { uid: this.#pod.metadata?.uid }, status };
      try {
        await this.#kube.patch(PODS, keyOf(this.#pod), patch, { subresource: "status" });
        this.#reported = status;
      } catch (thrown) {
        if (isNotFound(thrown) || isConflict(thrown)) break;
        this.#dirty = true;
        await this.#pause(RETRY_MS);
      }
    }
    this.#writing = undefined;
  }

  async #pause(ms: number): Promise<void> {
    try {
      await this.#clock.sleep(ms, this.#muted.signal);
    } catch {
      // Muted: whoever asked looks.
    }
  }
}
