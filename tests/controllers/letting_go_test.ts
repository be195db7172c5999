import assert from "node:assert/strict";
import { controllerFlags } from "../../controllers/config.ts";
import { letGoOfAll } from "../../controllers/letting_go.ts";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { PODS } from "../../kube/resources.ts";
import type { KubeObject } from "../../kube/types.ts";
import { parseFlags } from "../../lib/flags.ts";
import { silentLogger } from "../../lib/log.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";
import {
  clusterContent,
  githubLeft,
  hasSession,
  openWatchedStage,
  type Watched,
} from "../journeys/invariants.ts";
import { setObjects, type Stage } from "../journeys/stage.ts";
import { idle, queue, running, untilOver } from "../journeys/stories/story.ts";

const SET = { namespace: "arc-runners", name: "linux" };
const LABELS = { "app.kubernetes.io/instance": "arc" };

interface Scene extends Watched {
  /** What was there before the set came. */
  readonly before: readonly string[];
}

/** Two idle runners and a busy one, whose controller has ended. */
async function open(): Promise<Scene> {
  const watched = await openWatchedStage({ max: 4 });
  const { stage } = watched;
  const objects = setObjects({ min: 2, max: 4 });
  await stage.world.apply(objects.filter(({ kind }) => kind !== AUTOSCALING_RUNNER_SETS.kind));
  const before = clusterContent(stage);
  const controller = stage.startController();
  await stage.world.apply(objects);
  await stage.until("a session is open", () => hasSession(stage), 60);
  queue(stage, 1, 300);
  await stage.until("one is busy, two are idle", () => running(stage) === 1 && idle(stage) === 2);
  await controller.stop();
  return { ...watched, before };
}

function letGo(stage: Stage, flags: readonly string[] = []): Promise<number> {
  const { config } = parseFlags(controllerFlags, {
    args: [
      `--namespace=${CONTROLLER.namespace}`,
      "--image=image",
      "--kube-host=kubernetes.default.svc",
      "--release-finalizers=app.kubernetes.io/instance=arc",
      ...flags,
    ],
  });
  const { clock, world } = stage;
  const parts = { kube: world.admin, config, clock, log: silentLogger };
  const going = letGoOfAll(parts, new AbortController().signal);
  let count: number | undefined;
  going.then((value) => count = value, () => count = -1);
  return stage.until("all is let go", () => count !== undefined, 120).then(() => going);
}

Deno.test("F29: after the controller has let go, a set can be deleted, and everything of it goes", async () => {
  const scene = await open();
  await using stage = scene.stage;
  assert.equal(await letGo(stage), 1 + 1 + 3, "the set, its listener and its runners");
  await stage.until("no listener is left", () => stage.stored(AUTOSCALING_LISTENERS).length === 0);
  assert.equal(running(stage), 1, "a busy runner goes on");
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, SET, { propagation: "Background" });
  await stage.until(
    "nothing is left",
    () => clusterContent(stage).every((name) => scene.before.includes(name)),
    60,
  );
  assert.equal(githubLeft(stage).scaleSets.length, 1, "nobody could have removed it");
});

Deno.test("F29: a controller that comes back finds its set and its runners, and the busy one finishes", async () => {
  const { stage: opened, check } = await open();
  await using stage = opened;
  await letGo(stage);
  stage.startController();
  await stage.until("a session is open", () => hasSession(stage), 60);
  queue(stage, 3, 20);
  await untilOver(stage, 600);
  check();
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("GitHub has nothing of it", () => {
    const { scaleSets, runners } = githubLeft(stage);
    return scaleSets.length === 0 && runners.length === 0;
  });
});

Deno.test("F29: nothing is let go while a controller is there", async () => {
  const { stage: opened } = await open();
  await using stage = opened;
  const pod: KubeObject & { readonly spec: unknown } = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: CONTROLLER.namespace, name: "controller", labels: LABELS },
    spec: { containers: [{ name: "other", image: "image" }] },
  };
  await stage.world.admin.create(PODS, pod as never);
  assert.equal(await letGo(stage), 0);
  assert.notDeepEqual(stage.runnerSet()?.metadata?.finalizers ?? [], []);
});

Deno.test("F29: what another controller serves is not let go", async () => {
  const { stage: opened } = await open();
  await using stage = opened;
  assert.equal(await letGo(stage, ["--watch-single-namespace=another"]), 0);
  assert.equal(stage.stored(AUTOSCALING_LISTENERS).length, 1);
  assert.notDeepEqual(stage.runnerSet()?.metadata?.finalizers ?? [], []);
});
