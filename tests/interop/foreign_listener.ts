/**
 * A listener of somebody else under our controller, over a simulated cluster and a simulated GitHub on real HTTP, as a
 * process of its own. Knows the story that it must live through, not which listener it is.
 */
import assert from "node:assert/strict";
import { clusterRules, eventRules, ownNamespaceRules } from "../../controllers/rules.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { LISTENER_CONFIG } from "../../crds/group.ts";
import { PODS } from "../../kube/resources.ts";
import type { Pod } from "../../kube/types.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import type { Program, ProgramRun } from "../../sim/programs.ts";
import { startWorld, type World } from "../../sim/world.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";
import { type Ground, type Process, startController } from "../journeys/product.ts";
import { setObjects } from "../journeys/stage.ts";
import { PATIENCE_MS } from "../patience.ts";

/** Where it finds the identity of its pod, in place of the fixed path. */
export const IDENTITY_ENV = "POD_IDENTITY_FOLDER";

/** As `setObjects` names it. */
const SET = { namespace: "arc-runners", name: "linux" };
const LOOK_EVERY_MS = 50;

/** Fails with the state of the world and the listener's log at the first thing that does not happen. */
export async function serveJobs(listener: ForeignListener): Promise<void> {
  const log: string[] = [];
  await using stage = await openStage(programOf(listener, log));
  const { world } = stage;
  const { control } = world.github;
  const told = (what: string) => () =>
    `${what}\n${JSON.stringify(control.state(), null, 1)}\n${JSON.stringify(stage.runners())}\n${
      log.join("")
    }`;
  await world.apply(setObjects({ url: `${world.githubUrl}/acme`, min: 1, max: 4 }));
  await eventually(
    told("a session is open"),
    () => control.state().scaleSets[0]?.session !== undefined,
  );
  await eventually(told("the minimum is there"), () => stage.runners().length === 1);

  control.queueJobs({ scaleSet: "linux", count: 6, durationMs: 3_000 });
  await eventually(told("as many runners as may be"), () => stage.runners().length === 4);
  assert.equal(stage.runnerSet()?.spec?.replicas, 4);
  await eventually(
    told("runners are marked with their jobs"),
    () => stage.runners().some(({ status }) => status?.jobRepositoryName === "octo/widgets"),
  );
  await eventually(
    told("all jobs are over"),
    () => control.state().jobs.every(({ state }) => state === "completed"),
  );
  assert.ok(control.state().jobs.every(({ result }) => result === "succeeded"));
  await eventually(told("the minimum is left"), () => stage.runners().length === 1);

  for (const pod of world.api.store.list(PODS) as readonly Pod[]) {
    const { namespace = "", name = "" } = pod.metadata ?? {};
    if (namespace === CONTROLLER.namespace) await world.admin.delete(PODS, { namespace, name });
  }
  await eventually(
    told("another one takes over"),
    () => control.state().scaleSets[0]?.session !== undefined,
  );
  control.queueJobs({ scaleSet: "linux", count: 2, durationMs: 500 });
  await eventually(
    told("its jobs are over"),
    () => control.state().jobs.every(({ state }) => state === "completed"),
  );

  await world.admin.patch(AUTOSCALING_RUNNER_SETS, SET, { spec: { maxRunners: 6 } });
  control.queueJobs({ scaleSet: "linux", count: 10, durationMs: 3_000 });
  await eventually(told("more runners than there could be"), () => stage.runners().length === 6);
  await eventually(
    told("the last jobs are over"),
    () => control.state().jobs.every(({ state }) => state === "completed"),
  );
}

/** A listener that is none of ours. */
export interface ForeignListener {
  /** Path of its program. */
  readonly path: string;
  /** The document as it reads it, from the document as our controller writes it. */
  readonly document: (text: string) => string;
}

/** The program of listener containers: told what its pod is told. */
function programOf({ path, document }: ForeignListener, log: string[]): Program {
  return async (run) => {
    const folder = await Deno.makeTempDir();
    try {
      const config = `${folder}/config.json`;
      await Deno.writeTextFile(config, document(fileOf(run, run.env[LISTENER_CONFIG.env] ?? "")));
      const identity = "/var/run/secrets/kubernetes.io/serviceaccount";
      for (const name of ["token", "ca.crt"]) {
        await Deno.writeTextFile(`${folder}/${name}`, fileOf(run, `${identity}/${name}`));
      }
      const child = new Deno.Command(path, {
        clearEnv: true,
        env: { ...run.env, [LISTENER_CONFIG.env]: config, [IDENTITY_ENV]: folder },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const end = () => child.kill("SIGTERM");
      const kill = () => child.kill("SIGKILL");
      run.signal.addEventListener("abort", end, { once: true });
      run.killed.addEventListener("abort", kill, { once: true });
      const listened = Promise.all([child.stdout, child.stderr].map(async (stream) => {
        for await (const text of stream.pipeThrough(new TextDecoderStream())) log.push(text);
      }));
      const { code } = await child.status;
      await listened;
      run.signal.removeEventListener("abort", end);
      run.killed.removeEventListener("abort", kill);
      return code;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
}

function fileOf(run: ProgramRun, path: string): string {
  const content = run.files.get(path);
  assert.ok(content, `The container has no file ${path}`);
  return new TextDecoder().decode(content);
}

interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly controller: Process;
  readonly runners: () => readonly EphemeralRunner[];
  readonly runnerSet: () => EphemeralRunnerSet | undefined;
}

async function openStage(listener: Program): Promise<Stage> {
  const clock = systemClock;
  const random = seededRandom(1);
  const world = await startWorld({
    clock,
    random,
    at: "loopback",
    controllerRights: {
      cluster: [...clusterRules, ...eventRules],
      ownNamespace: ownNamespaceRules,
    },
    programs: (container) => container === "listener" ? listener : undefined,
    github: { pollHoldMs: 1_000, userAgent: "any" },
  });
  const ground: Ground = {
    clock,
    random,
    log: silentLogger,
    taps: { controller: undefined, listener: undefined },
    githubHosts: "",
    connection: (token) => world.connection(token),
    githubFetch: (request) => fetch(request),
  };
  const token = world.api.tokenFor({ serviceAccount: CONTROLLER });
  const controller = startController(ground, { token, flags: ["--listener-metrics-addr=0"] });
  const stored = (type: typeof EPHEMERAL_RUNNERS | typeof EPHEMERAL_RUNNER_SETS) =>
    world.api.store.list(type);
  return {
    world,
    controller,
    runners: () => stored(EPHEMERAL_RUNNERS) as readonly EphemeralRunner[],
    runnerSet: () => (stored(EPHEMERAL_RUNNER_SETS) as readonly EphemeralRunnerSet[])[0],
    [Symbol.asyncDispose]: async () => {
      await controller.stop();
      await world.stop();
    },
  };
}

async function eventually(what: () => string, holds: () => boolean): Promise<void> {
  const startMs = systemClock.now().getTime();
  while (!holds()) {
    if (systemClock.now().getTime() - startMs > PATIENCE_MS) assert.fail(what());
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}
