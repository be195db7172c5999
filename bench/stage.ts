/**
 * One scenario's stage: the world and the controller as processes of their own, runner sets, and waiting for what should
 * come. Knows how to start and end them; what a scenario does with them is its own.
 */
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../crds/ephemeral_runner.ts";
import { systemClock } from "../lib/clock.ts";
import { CONTROLLER } from "../sim/world_objects.ts";
import { kubeconfigText } from "../tests/cluster/facts.ts";
import { setObjects } from "../tests/journeys/stage.ts";
import { endProcess, freePort, type Process, startProcess } from "../tests/cluster/processes.ts";
import { Caller } from "./lines.ts";
import { type BenchOptions, PROGRAMS } from "./options.ts";
import { HOME, type Rig } from "./rig.ts";
import type { ChurnWish, JobWish, WorldNews, WorldOptions, WorldState } from "./world.ts";

export interface SetWish {
  readonly count: number;
  readonly max: number;
}

export interface Stage extends AsyncDisposable {
  readonly rig: Rig;
  readonly worldPid: number;
  readonly controllerPid: number;
  /** How long it took to be ready, in ms; `undefined`: it says so nowhere. */
  readonly readyMs: number | undefined;
  /** Names of the runner sets. */
  readonly sets: readonly string[];
  /** Makes sets and waits until each has a listener with a session. */
  addSets(wish: SetWish): Promise<void>;
  queue(wish: JobWish): Promise<void>;
  /** Resolves when no new jobs come any more. */
  churn(wish: ChurnWish): Promise<void>;
  setMinimum(minRunners: number): Promise<void>;
  state(): Promise<WorldState>;
  news(): Promise<WorldNews>;
  /** EphemeralRunners that are there; the API server is asked. */
  runners(): Promise<number>;
  /** Waits, looking every so often; throws when it takes longer than it may. */
  until(
    what: string,
    isReached: () => Promise<boolean>,
    limits?: { readonly withinMs?: number; readonly everyMs?: number },
  ): Promise<void>;
  pause(ms: number): Promise<void>;
}

const LOOK_EVERY_MS = 200;
const WITHIN_MS = 900_000;
/** How finely a start is measured, and for how long it is waited for. */
const READY = { lookEveryMs: 10, withinMs: 30_000 };
const ROOT = new URL("..", import.meta.url).pathname;
let stages = 0;

export async function openStage(
  rig: Rig,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const folder = `${rig.facts.folder}/stage-${++stages}`;
  await Deno.mkdir(folder, { recursive: true });
  // An interrupt reaches all that a terminal started: a control plane of ours is about to go, or gone.
  stack.defer(async () => {
    if (!signal.aborted || !rig.isOurs) await rig.empty();
  });
  const world = await openWorld(stack, {
    facts: rig.facts,
    token: await rig.nodesToken(),
    listener: options.listener,
    program: PROGRAMS[options.program],
    githubDelayMs: options.githubDelayMs,
    folder,
  });
  const { githubUrl } = await world.call("open") as { readonly githubUrl: string };
  const healthAddress = `127.0.0.1:${freePort()}`;
  const startMs = systemClock.now().getTime();
  const controller = await startController(rig, {
    folder,
    githubUrl,
    healthAddress,
    line: options.controller,
    program: PROGRAMS[options.program],
  });
  stack.defer(() => endProcess(controller));
  const readyMs = options.controller.includes("$HEALTH_ADDRESS")
    ? await readyAfter(startMs, { healthAddress, controller, signal })
    : undefined;
  const url = options.configUrl.replaceAll("$GITHUB_URL", githubUrl);
  const sets: string[] = [];

  async function until(
    what: string,
    isReached: () => Promise<boolean>,
    { withinMs = WITHIN_MS, everyMs = LOOK_EVERY_MS } = {},
  ): Promise<void> {
    const endMs = systemClock.now().getTime() + withinMs;
    while (!await isReached()) {
      if (systemClock.now().getTime() > endMs) {
        throw new Error(`Not within ${withinMs / 1_000} s: ${what}`);
      }
      if (controller.hasEnded) {
        throw new Error(`The controller has ended: ${folder}/controller.log`);
      }
      await systemClock.sleep(everyMs, signal);
    }
  }
  const state = async () => await world.call("state") as WorldState;
  const owned = stack.move();
  return {
    rig,
    worldPid: world.pid,
    controllerPid: controller.pid,
    readyMs,
    sets,
    async addSets({ count, max }) {
      const names = Array.from({ length: count }, (_, at) => `set-${sets.length + at + 1}`);
      await rig.apply(names.flatMap((name) => setObjects({ name, max, url }).map(withCheapPods)));
      sets.push(...names);
      await until(
        "every listener has a session",
        async () => (await state()).sessions === sets.length,
        { everyMs: 1_000 },
      );
    },
    queue: async (wish) => void await world.call("queue", wish),
    churn: async (wish) => void await world.call("churn", wish),
    async setMinimum(minRunners) {
      await Promise.all(
        sets.map((name) =>
          rig.kube.patch(AUTOSCALING_RUNNER_SETS, { namespace: HOME, name }, {
            spec: { minRunners },
          })
        ),
      );
    },
    state,
    news: async () => await world.call("news") as WorldNews,
    async runners() {
      return (await rig.kube.listPage(EPHEMERAL_RUNNERS, { limit: 1 })).items.length;
    },
    until,
    pause: (ms) => systemClock.sleep(ms, signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openWorld(stack: AsyncDisposableStack, options: WorldOptions): Promise<Caller> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-net=127.0.0.1,${new URL(options.facts.server).host}`,
      "--allow-read",
      `--allow-write=${options.folder}`,
      "--allow-run=sh",
      "--v8-flags=--max-semi-space-size=16",
      "bench/world.ts",
    ],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const world = new Caller(child);
  stack.defer(() => world.end());
  await world.call("open", options);
  return world;
}

async function startController(
  { facts, controllerToken }: Rig,
  how: {
    readonly folder: string;
    readonly githubUrl: string;
    readonly healthAddress: string;
    readonly line: string;
    readonly program: string;
  },
): Promise<Process> {
  const kubeconfig = `${how.folder}/controller.kubeconfig`;
  const token = await controllerToken();
  await Deno.writeTextFile(kubeconfig, kubeconfigText(facts, { token }), { mode: 0o600 });
  const env = {
    LONGSHORE: how.program,
    KUBECONFIG: kubeconfig,
    GITHUB_URL: how.githubUrl,
    HEALTH_ADDRESS: how.healthAddress,
    CONTROLLER_NAMESPACE: CONTROLLER.namespace,
    CONTROLLER_MANAGER_POD_NAMESPACE: CONTROLLER.namespace,
    CONTROLLER_MANAGER_POD_NAME: CONTROLLER.name,
    CONTROLLER_MANAGER_CONTAINER_IMAGE: "longshore:bench",
  };
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return startProcess({
    path: "env",
    args: ["-C", ROOT, ...words, "sh", "-c", how.line],
    logFile: `${how.folder}/controller.log`,
  });
}

async function readyAfter(
  startMs: number,
  how: {
    readonly healthAddress: string;
    readonly controller: Process;
    readonly signal: AbortSignal;
  },
): Promise<number | undefined> {
  const { healthAddress, controller, signal } = how;
  const passedMs = () => systemClock.now().getTime() - startMs;
  while (!controller.hasEnded && passedMs() < READY.withinMs) {
    const answer = await fetch(`http://${healthAddress}/readyz`, { signal }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return passedMs();
    await systemClock.sleep(READY.lookEveryMs, signal);
  }
  return undefined;
}

/** What a node does for a pod is not what is measured: no token is issued for it. */
function withCheapPods<T extends { readonly kind?: string }>(object: T): T {
  if (object.kind !== "AutoscalingRunnerSet") return object;
  const { spec } = object as AutoscalingRunnerSet;
  const pod = spec?.template?.spec;
  return {
    ...object,
    spec: {
      ...spec,
      template: { ...spec?.template, spec: { ...pod, automountServiceAccountToken: false } },
    },
  };
}
