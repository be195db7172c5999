/**
 * A whole Longshore in one process and in memory: simulated cluster and GitHub, the real controllers, the real listener
 * in its pod, on virtual time. Journeys tell stories on it and look at how they end.
 */
import assert from "node:assert/strict";
import {
  clusterRules,
  eventRules,
  leaderElectionRules,
  ownNamespaceRules,
  runnerNamespaceRules,
} from "../../controllers/rules.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { PODS } from "../../kube/resources.ts";
import type { KubeObject, Pod, ResourceType, Role, RoleBinding } from "../../kube/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Logger, silentLogger } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import type { GitHubSimSettings } from "../../sim/github/settings.ts";
import type { Write } from "../../sim/kube/engine.ts";
import type { Programs } from "../../sim/programs.ts";
import type { RunnerScript } from "../../sim/runner.ts";
import { startWorld, type World } from "../../sim/world.ts";
import { CONTROLLER, grant } from "../../sim/world_objects.ts";
import {
  type Ground,
  listenerProgram,
  type Process,
  startController,
  type Taps,
} from "./product.ts";

export type { Caller, CallerTap, Process, Tap } from "./product.ts";

export interface StageOptions {
  readonly seed?: number;
  /** Whoever tells of what happens may want it first. Default: a new one. */
  readonly clock?: VirtualClock;
  readonly runnerScript?: (pod: Pod) => RunnerScript;
  /** Programs of containers besides `runner` and `listener`. */
  readonly programs?: Programs;
  readonly github?: Partial<GitHubSimSettings>;
  /** Sees each write that the API server completed, the cluster's own included. */
  readonly onWrite?: (write: Write) => void;
  readonly log?: Logger;
  /** Where processes record: the controller, and each listener that starts. */
  readonly metrics?: { readonly controller: Metrics; readonly listener: () => Metrics };
  /** Sees each of our processes as it starts. */
  readonly onStart?: Ground["onStart"];
  /** Sees which way to GitHub the controller or a listener wants. */
  readonly onNetwork?: Ground["onNetwork"];
  /** How far the clocks of our processes are ahead of the world's, in ms. */
  readonly skewMs?: number;
}

/** What every world offers to a story: the simulated one here, the real control plane in `tests/cluster/`. */
export interface AnyStage extends AsyncDisposable {
  readonly world: Pick<World, "github" | "kubelet" | "admin" | "apply">;
  readonly clock: Clock;
  /** How long a second of the story lasts on the clock, in ms: 1,000, or less where time is the machine's. */
  readonly secondMs: number;
  readonly taps: Taps;
  startController(flags?: readonly string[]): Process;
  /** Listener processes that run now. */
  readonly listeners: ReadonlySet<Process>;
  /** Applies runner sets with their Secrets and rights. */
  addSet(set: SetWords): Promise<void>;
  /**
   * From now on jobs do not end, until what is returned is called: a story sees side by side what is side by side, on any
   * machine. Where time stands still while there is work to do it changes nothing.
   */
  holdJobs(): () => void;
  /** Lets time pass until `done()`, or fails naming `what` after `limitS` seconds. */
  until(what: string, done: () => boolean, limitS?: number): Promise<void>;
  /** Lets so many seconds of the story pass. */
  pass(seconds: number): Promise<void>;
  /** What the cluster holds of a type; of the types that journeys look at. */
  stored<T extends KubeObject>(type: ResourceType<T>): readonly T[];
  runnerSet(name?: string): AutoscalingRunnerSet | undefined;
  runners(): readonly EphemeralRunner[];
  pods(): readonly Pod[];
}

/** Opens a world for one story. */
export type OpenStage = (options?: StageOptions) => Promise<AnyStage>;

/** The simulated world, which can also be looked at from inside. */
export interface Stage extends AnyStage {
  readonly world: World;
  readonly clock: VirtualClock;
  /** Calls that count for budgets: of the controller and the listeners, "verb resource" → times. */
  calls(): Readonly<Record<string, number>>;
}

export interface SetWords {
  readonly name?: string;
  readonly namespace?: string;
  readonly url?: string;
  readonly token?: string;
  readonly min?: number;
  readonly max?: number;
  readonly spec?: NonNullable<AutoscalingRunnerSet["spec"]>;
}

const HOSTS = "github.com=https://github.simulated";

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const clock = options.clock ?? new VirtualClock();
  const random = seededRandom(options.seed ?? 1);
  const log = options.log ?? silentLogger;
  const taps: Taps = { controller: undefined, listener: undefined };
  const listeners = new Set<Process>();
  const controllers = new Set<Process>();
  const ground: Ground = {
    clock: skewed(clock, options.skewMs ?? 0),
    random,
    log,
    metrics: options.metrics,
    taps,
    githubHosts: HOSTS,
    connection: (token) => world.connection(token),
    githubFetch: (request) => world.fetch(request),
    onNetwork: options.onNetwork,
    onStart: options.onStart,
  };
  const world = await startWorld({
    clock,
    random,
    at: "memory",
    controllerRights: {
      cluster: [...clusterRules, ...eventRules],
      ownNamespace: [...ownNamespaceRules, ...leaderElectionRules],
    },
    programs: (container, pod) =>
      container === "listener"
        ? listenerProgram(ground, listeners)
        : options.programs?.(container, pod),
    ...(options.runnerScript && { runnerScript: options.runnerScript }),
    ...(options.github && { github: options.github }),
    ...(options.onWrite && { kube: { onWrite: options.onWrite } }),
  });
  await world.apply(listenersMayWatch());

  const stored = <T extends KubeObject>(type: ResourceType<T>) =>
    world.api.store.list(type) as unknown as readonly T[];
  return {
    world,
    clock,
    secondMs: 1_000,
    taps,
    listeners,
    startController: (flags = []) => {
      const token = world.api.tokenFor({ serviceAccount: CONTROLLER });
      const process = startController(ground, { token, flags });
      controllers.add(process);
      return process;
    },
    addSet: (words) => world.apply(setObjects(words)),
    holdJobs: () => () => {},
    until: async (what, done, limitS = 300) => {
      const reached = await clock.runUntil(done, { limitMs: limitS * 1000 });
      assert.ok(reached, `Not within ${limitS} s: ${what}`);
    },
    pass: (seconds) => clock.advance(seconds * 1000),
    stored,
    runnerSet: (name) =>
      stored(AUTOSCALING_RUNNER_SETS).find((set) =>
        name === undefined || set.metadata?.name === name
      ),
    runners: () => stored(EPHEMERAL_RUNNERS),
    pods: () => stored(PODS),
    calls: () => callsOf(world),
    [Symbol.asyncDispose]: async () => {
      for (const process of controllers) process.crash();
      await world.stop();
      await clock.advance(0);
    },
  };
}

/** The same time, told by a clock that is wrong. */
export function skewed(clock: Clock, skewMs: number): Clock {
  return {
    now: () => new Date(clock.now().getTime() + skewMs),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}

/** B3: every listener of the controller's namespace may follow the AutoscalingListeners there. */
export function listenersMayWatch(): readonly KubeObject[] {
  const { namespace } = CONTROLLER;
  const group = "rbac.authorization.k8s.io";
  const metadata = { name: "listeners", namespace };
  const role: Role = {
    apiVersion: `${group}/v1`,
    kind: "Role",
    metadata,
    rules: [{
      apiGroups: ["actions.github.com"],
      resources: ["autoscalinglisteners"],
      verbs: ["get", "list", "watch"],
    }],
  };
  const binding: RoleBinding = {
    apiVersion: `${group}/v1`,
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: group, kind: "Role", name: metadata.name },
    subjects: [{ kind: "Group", apiGroup: group, name: `system:serviceaccounts:${namespace}` }],
  };
  return [role, binding];
}

/** A runner set as a user would write it, with the Secret it names. */
export function setObjects(words: SetWords = {}): readonly KubeObject[] {
  const { name = "linux", namespace = "arc-runners", url = "https://github.com/acme" } = words;
  const manager = grant(CONTROLLER, {
    name: `${name}-gha-rs-manager`,
    rules: runnerNamespaceRules,
    namespace,
  });
  const secret: KubeObject & { readonly data: Readonly<Record<string, string>> } = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `${name}-github`, namespace },
    data: { github_token: btoa(words.token ?? "ghp_example") },
  };
  const set: AutoscalingRunnerSet = {
    apiVersion: "actions.github.com/v1alpha1",
    kind: "AutoscalingRunnerSet",
    metadata: { name, namespace, labels: { "app.kubernetes.io/version": "0.14.2" } },
    spec: {
      githubConfigUrl: url,
      githubConfigSecret: `${name}-github`,
      ...(words.min !== undefined && { minRunners: words.min }),
      ...(words.max !== undefined && { maxRunners: words.max }),
      template: {
        spec: {
          restartPolicy: "Never",
          containers: [{ name: "runner", image: "ghcr.io/actions/actions-runner:latest" }],
        },
      },
      ...words.spec,
    },
  };
  return [...manager, secret, set];
}

/** "verb resource" → how often, for the controller and the listeners together. */
function callsOf(world: World): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { user, verb, resource, count } of world.api.requests.rows()) {
    if (!user.startsWith(`system:serviceaccount:${CONTROLLER.namespace}:`)) continue;
    const name = `${verb} ${resource}`;
    sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
