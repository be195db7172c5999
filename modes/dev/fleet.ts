/**
 * The runner sets and their runners as the cluster shows them to anybody who watches. Knows counts and when slots became
 * free; what a job is, it does not know.
 */
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { createCache, type FedCache } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isDeleting } from "../../kube/meta.ts";
import { reflect } from "../../kube/reflector.ts";
import {
  keyOf,
  keyText,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
} from "../../kube/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { runTogether, type Task } from "../../lib/tasks.ts";

/** The runners of one set at a moment. */
export interface RunnerCounts {
  /** All that exist, ended and leaving ones included. */
  readonly total: number;
  readonly idle: number;
  readonly busy: number;
  readonly pending: number;
  /** What the listener asked for; `undefined` before it did. */
  readonly desired: number | undefined;
}

export interface FleetOptions {
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
}

/** Follows the cluster by watches of its own, as any onlooker would. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #sets: FedCache<AutoscalingRunnerSet>;
  readonly #runnerSets: FedCache<EphemeralRunnerSet>;
  readonly #runners: FedCache<EphemeralRunner>;
  /** When the runner's container ended, by the key of the runner, in ms. */
  readonly #endedAtMs = new Map<string, number>();
  readonly #slotFreeMs: number[] = [];
  #hired = 0;
  #peak = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    const { clock } = options;
    this.#sets = createCache<AutoscalingRunnerSet>({ clock });
    this.#runnerSets = createCache<EphemeralRunnerSet>({ clock });
    this.#runners = createCache<EphemeralRunner>({ clock, indexes: { set: ownerKeys } });
    this.#runners.onChange((before, after) => this.#runnerChanged(before, after));
  }

  /** A task: follows the cluster until `signal` aborts. */
  follow(signal: AbortSignal): Promise<void> {
    const task =
      <T extends KubeObject>(type: ResourceType<T>, cache: FedCache<T>): Task => (stop) =>
        reflect({
          client: this.#options.kube,
          type,
          sink: cache.sink(),
          clock: this.#options.clock,
          random: this.#options.random,
          log: silentLogger,
        }, stop);
    return runTogether([
      task(AUTOSCALING_RUNNER_SETS, this.#sets),
      task(EPHEMERAL_RUNNER_SETS, this.#runnerSets),
      task(EPHEMERAL_RUNNERS, this.#runners),
    ], signal);
  }

  /** The runner container of the pod of this name has ended. */
  runnerEnded(key: ObjectKey): void {
    this.#endedAtMs.set(keyText(key), this.#options.clock.now().getTime());
  }

  /** The set as it is now; `undefined` when it is not there. */
  set(key: ObjectKey): AutoscalingRunnerSet | undefined {
    return this.#sets.get(key);
  }

  counts(key: ObjectKey): RunnerCounts {
    const own = this.#runnerSets.all().filter((set) =>
      (set.metadata?.ownerReferences ?? []).some(({ name }) => name === key.name) &&
      set.metadata?.namespace === key.namespace
    );
    const runners = own.flatMap((set) => this.#runners.by("set", keyText(keyOf(set))));
    const alive = runners.filter((runner) => !isDeleting(runner) && !isOver(runner));
    const busy = alive.filter((runner) => Boolean(runner.status?.jobId)).length;
    const idle = alive.filter((runner) => !runner.status?.jobId && runner.status?.ready === true);
    return {
      total: runners.length,
      idle: idle.length,
      busy,
      pending: alive.length - busy - idle.length,
      desired: own[0]?.spec?.replicas,
    };
  }

  /** All runners that exist. */
  get total(): number {
    return this.#runners.all().length;
  }

  /** All runners that ever existed. */
  get hired(): number {
    return this.#hired;
  }

  /** The most at a time that could take or had a job: those that only wait to be cleared away are not counted. */
  get peak(): number {
    return this.#peak;
  }

  /** From the end of a runner's container to the end of its EphemeralRunner: samples in ms. */
  get slotFreeMs(): readonly number[] {
    return this.#slotFreeMs;
  }

  #runnerChanged(before: EphemeralRunner | undefined, after: EphemeralRunner | undefined): void {
    if (before === undefined) {
      this.#hired++;
      const alive = this.#runners.all().filter((runner) => !isDeleting(runner) && !isOver(runner));
      this.#peak = Math.max(this.#peak, alive.length);
    }
    if (after !== undefined || before === undefined) return;
    const key = keyText(keyOf(before));
    const endedAtMs = this.#endedAtMs.get(key);
    if (endedAtMs === undefined) return;
    this.#endedAtMs.delete(key);
    this.#slotFreeMs.push(this.#options.clock.now().getTime() - endedAtMs);
  }
}

function isOver(runner: EphemeralRunner): boolean {
  return ["Succeeded", "Failed", "Outdated"].includes(runner.status?.phase ?? "");
}

/** The EphemeralRunnerSets that own a runner, as cache keys. */
function ownerKeys(runner: EphemeralRunner): readonly string[] {
  return (runner.metadata?.ownerReferences ?? []).map(({ name }) =>
    keyText({ namespace: runner.metadata?.namespace ?? "", name })
  );
}
