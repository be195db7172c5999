/**
 * The simulated world with the product at work in it, and what is to be seen of both. Knows how it is built up and taken
 * down; what happens on it is the run's business.
 */
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import type { Clock } from "../../lib/clock.ts";
import { seededRandom } from "../../lib/random.ts";
import type { Exit } from "../../sim/kube/kubelet.ts";
import { startWorld, type World } from "../../sim/world.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";
import { nextScript } from "./crashes.ts";
import {
  type CallCount,
  countsPerRunner,
  type Figures,
  kubernetesFigures,
  quantiles,
} from "./figures.ts";
import { Fleet } from "./fleet.ts";
import { JobLedger } from "./job_ledger.ts";
import type { Manifest } from "./manifests.ts";
import type { SetState } from "./outlook.ts";
import { listenerProgram, runControllerManager, type TakeLog } from "./product.ts";
import { CONTROLLER_RIGHTS, missingRights } from "./rights.ts";
import type { RunnerSetFacts } from "./runner_sets.ts";
import { hostOverrides, scopeKey } from "./simulated_github.ts";
import type { SetRow } from "./view.ts";

export interface StageOptions {
  readonly manifests: readonly Manifest[];
  readonly sets: readonly RunnerSetFacts[];
  /** Share of runner pods that fail. */
  readonly failRate: number;
  readonly seed: number;
  /** For the mounted files of containers; real path. */
  readonly folder: string;
  readonly clock: Clock;
  readonly killed: AbortSignal;
  /** Log lines of the product that a person should see. */
  readonly takeLog: TakeLog;
  /** Something happened that is worth a line. */
  readonly tell: (event: string) => void;
}

/** A job that a dead runner had fails after this long, in ms: GitHub's 9.5 minutes are too long to watch. */
const RUNNER_LOST_MS = 5_000;
/** How long a poll is held, in ms: GitHub's 50 s would be the time to come to rest. */
const POLL_HOLD_MS = 5_000;
const START_DELAY = { fromMs: 100, toMs: 400 };
const RUNNER = "runner";
const LISTENER = "listener";

/** What the world tells while it is being built and after. */
interface Backstage {
  /** Pods that were made to fail. */
  crashes: number;
  fleet?: Fleet;
}

/** One for a run; {@link Stage.open} makes it, {@link Stage.close} ends all that works on it. */
export class Stage {
  readonly world: World;
  readonly jobs: JobLedger;
  readonly fleet: Fleet;
  /** The exit code of the controller-manager, when it has ended. */
  readonly controller: Promise<number>;
  readonly #options: StageOptions;
  readonly #backstage: Backstage;
  readonly #stopping: AbortController;
  readonly #following: Promise<void>;
  #idleAtStart = 0;

  private constructor(parts: {
    readonly options: StageOptions;
    readonly world: World;
    readonly jobs: JobLedger;
    readonly fleet: Fleet;
    readonly backstage: Backstage;
  }) {
    const { options, world, fleet } = parts;
    this.world = world;
    this.jobs = parts.jobs;
    this.fleet = fleet;
    this.#options = options;
    this.#backstage = parts.backstage;
    this.#stopping = new AbortController();
    this.#following = fleet.follow(this.#stopping.signal);
    this.controller = runControllerManager({
      account: CONTROLLER,
      token: world.api.tokenFor({ serviceAccount: CONTROLLER }),
      ca: world.ca,
      kubeUrl: world.kubeUrl,
      githubHosts: hostOverrides(options.sets, world.githubUrl),
      folder: `${options.folder}/controller`,
      signal: this.#stopping.signal,
      killed: options.killed,
      takeLog: options.takeLog,
    });
  }

  /** Builds the world, applies the manifests, starts the controller-manager. */
  static async open(options: StageOptions): Promise<Stage> {
    const { clock, seed, manifests, sets, failRate } = options;
    const random = seededRandom(seed);
    const backstage: Backstage = { crashes: 0 };
    const jobs = new JobLedger();
    const world = await startWorld({
      clock,
      random,
      at: "loopback",
      folder: `${options.folder}/pods`,
      controllerRights: CONTROLLER_RIGHTS,
      github: { runnerLostMs: RUNNER_LOST_MS, pollHoldMs: POLL_HOLD_MS },
      startDelay: START_DELAY,
      programs: (container) =>
        container === LISTENER ? listenerProgram(options.takeLog) : undefined,
      runnerScript: () => {
        const script = nextScript(failRate, random);
        if (script !== "run") backstage.crashes++;
        return script;
      },
      onExit: (exit) => {
        if (exit.container === RUNNER) backstage.fleet?.runnerEnded(podKey(exit));
        else if (exit.container === LISTENER) {
          options.tell(`Listener ${podKey(exit).name} ended with ${exit.ended.exitCode}`);
        }
      },
    });
    world.github.onJobChange((job) => jobs.note(job));
    const fleet = new Fleet({ kube: world.admin, clock, random });
    backstage.fleet = fleet;
    const objects = manifests.map(({ object }) => object);
    const namespaces = sets.map(({ key }) => key.namespace);
    await world.apply([
      ...objects,
      ...missingRights(objects, { controller: CONTROLLER, namespaces }),
    ]);
    return new Stage({ options, world, jobs, fleet, backstage });
  }

  /** Every set at this moment, GitHub's side included. Looks at everything: not for every turn of a loop. */
  states(): readonly SetState[] {
    const { scaleSets } = this.world.github.control.state();
    return this.#options.sets.map((set) => {
      const scaleSet = scaleSets.find(({ name, scope }) =>
        name === set.scaleSetName && scope === scopeKey(set.configUrl)
      );
      const { total, idle, pending } = this.fleet.counts(set.key);
      return {
        name: set.key.name,
        min: set.minRunners,
        isRegistered: scaleSet !== undefined,
        isListening: scaleSet?.session !== undefined,
        total,
        idle,
        pending,
        waitingJobs: this.jobs.waitingFor(set.scaleSetName),
        complaints: complaintsOf(this.fleet.set(set.key)),
      };
    });
  }

  rows(): readonly SetRow[] {
    return this.#options.sets.map((set) => {
      const { desired, idle, busy, pending } = this.fleet.counts(set.key);
      const { minRunners: min, maxRunners: max } = set;
      return { name: set.key.name, min, max, desired, idle, busy, pending };
    });
  }

  /** Remembers how many idle runners there are before the first job. */
  noteWarmth(): void {
    this.#idleAtStart = this.#idle;
  }

  get #idle(): number {
    return this.rows().reduce((sum, { idle }) => sum + idle, 0);
  }

  /** EphemeralRunners beyond the minimum of their sets. */
  get excess(): number {
    const min = this.#options.sets.reduce((sum, { minRunners }) => sum + minRunners, 0);
    return Math.max(0, this.fleet.total - min);
  }

  figures(run: { readonly seconds: number; readonly rssPeakMiB: number }): Figures {
    const { fleet, jobs, world } = this;
    const ours = `system:serviceaccount:${CONTROLLER.namespace}:`;
    const calls: readonly CallCount[] = world.api.requests.rows().filter(({ user }) =>
      user.startsWith(ours)
    );
    const github = Object.entries(world.github.calls).filter(([name]) =>
      !RUNNER_OPERATIONS.test(name)
    );
    return {
      jobs: jobs.figures(),
      runners: {
        hired: fleet.hired,
        peak: fleet.peak,
        left: this.excess,
        idleAtStart: this.#idleAtStart,
        idleAtEnd: this.#idle,
        crashed: this.#backstage.crashes,
      },
      latencyMs: {
        queuedToStarted: quantiles(jobs.queuedToStartedMs),
        finishedToSlotFree: quantiles(fleet.slotFreeMs),
      },
      kubernetes: kubernetesFigures(calls, fleet.hired),
      github: { callsPerRunner: countsPerRunner(github, fleet.hired) },
      ...run,
      seed: this.#options.seed,
    };
  }

  /** Ends the controller-manager cleanly, then the world. */
  async close(): Promise<void> {
    this.#stopping.abort(new DOMException("The run is over", "AbortError"));
    await this.controller;
    await this.#following;
    await this.world.stop();
  }
}

/** What runners themselves ask of GitHub: not the product's calls. */
const RUNNER_OPERATIONS = /^runner(connect|poll|watch|complete|disconnect)$/;

function podKey({ pod }: Exit) {
  return { namespace: pod.metadata?.namespace ?? "", name: pod.metadata?.name ?? "" };
}

function complaintsOf(set: AutoscalingRunnerSet | undefined): readonly string[] {
  return (set?.status?.conditions ?? []).filter(({ status }) => status === "False")
    .map(({ message }) => message).filter((message) => message !== "");
}
