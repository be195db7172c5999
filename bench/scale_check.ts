/**
 * Many runners on a real control plane: how long they take to come and to go, what each costs in calls, and how much
 * memory the controller takes. Knows how to measure, and writes `docs/scale.md`; what is good enough is for others to say.
 */
import { fileURLToPath } from "node:url";
import { customResourceDefinition } from "../crds/kind.ts";
import { AUTOSCALING_RUNNER_SETS } from "../crds/autoscaling_runner_set.ts";
import { KINDS } from "../crds/kinds.ts";
import { keyOf } from "../kube/types.ts";
import { systemClock } from "../lib/clock.ts";
import { CONTROLLER } from "../sim/world_objects.ts";
import { findAssets } from "../tests/cluster/assets.ts";
import { startControlPlane } from "../tests/cluster/control_plane.ts";
import { eventually } from "../tests/cluster/eventually.ts";
import { type Facts, kubeconfigText } from "../tests/cluster/facts.ts";
import { openRealStage, type RealStage } from "../tests/cluster/real_stage.ts";

interface Shape {
  readonly sets: number;
  readonly runnersEach: number;
}

interface Row extends Shape {
  readonly createS: number;
  readonly cleanS: number;
  readonly idleMiB: number;
  readonly peakMiB: number;
  /** Of the controller, for each runner that came and went. */
  readonly writes: number;
  readonly reads: number;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TABLE = `${ROOT}/docs/scale.md`;
const FULL: readonly Shape[] = [{ sets: 1, runnersEach: 1_000 }, { sets: 100, runnersEach: 10 }];
const SMALL: readonly Shape[] = [{ sets: 1, runnersEach: 200 }, { sets: 20, runnersEach: 10 }];
const PATIENCE_S = 1_200;
const LOOK_EVERY_MS = 250;
const WRITES = ["create", "update", "patch", "delete"];
const READS = ["get", "list"];
/** A runner that waits asks seldom, and a machine that is busy loses none. */
const GITHUB = { pollHoldMs: 60_000, sessionIdleMs: 120_000, runnerLostMs: 240_000 };

async function main(args: readonly string[]): Promise<void> {
  const shapes = args.includes("--small") ? SMALL : FULL;
  const found = await findAssets(print);
  if ("missing" in found) return print(`No control plane: ${found.missing}. Nothing is measured.`);
  const { assets } = found;
  const definitions = KINDS.map(customResourceDefinition);
  const rows: Row[] = [];
  for (const shape of shapes) {
    const plane = await startControlPlane({ assets, definitions });
    try {
      rows.push(await measured(plane.facts, shape));
      print(JSON.stringify(rows.at(-1)));
    } finally {
      await plane.stop();
    }
  }
  await Deno.writeTextFile(TABLE, page(rows, args));
  print(`written to ${TABLE}`);
}

async function measured(facts: Facts, shape: Shape): Promise<Row> {
  await using stage = await openRealStage(facts, { patienceS: PATIENCE_S, github: GITHUB });
  await using controller = await startController(stage);
  const wanted = shape.sets * shape.runnersEach;
  for (let number = 1; number <= shape.sets; number++) {
    await stage.addSet({ name: `set-${number}`, max: shape.runnersEach });
  }
  await stage.until("all listeners hold sessions", () => sessions(stage) === shape.sets);
  await stage.clock.sleep(3_000);
  const idleMiB = controller.rssMiB();
  await stage.audit.mark();
  const createS = await timed(async () => {
    await setMinimum(stage, shape.runnersEach);
    await reached(() => online(stage) === wanted);
  });
  const cleanS = await timed(async () => {
    await setMinimum(stage, 0);
    await reached(() => stage.runners().length === 0);
  });
  const user = `system:serviceaccount:${CONTROLLER.namespace}:${CONTROLLER.name}`;
  const requests = (await stage.audit.requests()).filter((one) => one.user === user);
  const perRunner = (verbs: readonly string[]) =>
    requests.filter(({ verb }) => verbs.includes(verb)).length / wanted;
  return {
    ...shape,
    createS,
    cleanS,
    idleMiB,
    peakMiB: controller.peakMiB(),
    writes: perRunner(WRITES),
    reads: perRunner(READS),
  };
}

function sessions(stage: RealStage): number {
  return stage.world.github.control.state().scaleSets.filter(({ session }) => session).length;
}

function online(stage: RealStage): number {
  return stage.world.github.control.state().runners.filter(({ state }) => state === "online")
    .length;
}

async function setMinimum(stage: RealStage, minRunners: number): Promise<void> {
  const sets = stage.stored(AUTOSCALING_RUNNER_SETS);
  await Promise.all(
    sets.map((set) =>
      stage.kube.patch(AUTOSCALING_RUNNER_SETS, keyOf(set), { spec: { minRunners } })
    ),
  );
}

interface Controller extends AsyncDisposable {
  rssMiB(): number;
  peakMiB(): number;
}

/** The program as it is shipped, in a process of its own; its memory as the system counts it. */
async function startController(
  { facts, githubUrl, controllerToken }: RealStage,
): Promise<Controller> {
  const kubeconfig = `${facts.folder}/scale.kubeconfig`;
  await Deno.writeTextFile(kubeconfig, kubeconfigText(facts, { token: await controllerToken() }));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--v8-flags=--max-semi-space-size=4",
      "main.ts",
      "controller-manager",
      `--namespace=${CONTROLLER.namespace}`,
      "--image=longshore:test",
      "--metrics-addr=0",
      "--log-level=warn",
      `--github-hosts=github.com=${githubUrl}`,
      `--kubeconfig=${kubeconfig}`,
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const figure = (name: string) => {
    const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
    return Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  };
  await eventually("the controller to run", () => figure("VmRSS") > 40 || undefined);
  return {
    rssMiB: () => figure("VmRSS"),
    peakMiB: () => figure("VmHWM"),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** Looks seldom: what watches should not slow down what is watched. */
async function reached(isReached: () => boolean): Promise<void> {
  await eventually("the runners to come or go", async () => {
    await systemClock.sleep(LOOK_EVERY_MS);
    return isReached() || undefined;
  }, { withinMs: PATIENCE_S * 1_000 });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = systemClock.now().getTime();
  await work();
  return (systemClock.now().getTime() - startMs) / 1_000;
}

function page(rows: readonly Row[], args: readonly string[]): string {
  const { total } = Deno.systemMemoryInfo();
  const machine = `${navigator.hardwareConcurrency} cores, ${
    Math.round(total / 2 ** 30)
  } GiB, ${Deno.build.target}, Deno ${Deno.version.deno}`;
  const cells = rows.map((row) =>
    [
      row.sets,
      row.runnersEach,
      row.createS.toFixed(1),
      row.cleanS.toFixed(1),
      (row.sets * row.runnersEach / row.createS).toFixed(1),
      row.idleMiB,
      row.peakMiB,
      row.writes.toFixed(2),
      row.reads.toFixed(2),
    ].join(" | ")
  );
  return `# Scale

Measured against a real kube-apiserver and etcd, with simulated nodes, runners and GitHub beside them on the same
machine: everything shares its cores, so times say more about the machine than about Longshore.

- Command: \`${["deno run -A bench/scale_check.ts", ...args].join(" ")}\`${
    args.includes("--small") ? " (a fifth of the full check)" : ""
  }
- Machine: ${machine}
- Day: ${systemClock.now().toISOString().slice(0, 10)}

| sets | runners each | create (s) | clean (s) | runners/s | controller idle (MiB) | controller peak (MiB) | writes/runner | reads/runner |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${cells.map((row) => `| ${row} |`).join("\n")}

Create: from \`minRunners\` being raised until every runner is online at GitHub. Clean: from its being lowered to 0
until no EphemeralRunner is left. Calls are those of the controller alone, counted from the API server's audit log.
`;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) await main(Deno.args);
