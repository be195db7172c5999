import assert from "node:assert/strict";
import { CONTROLLER_METRICS } from "../../controllers/metrics.ts";
import { KUBE_METRICS } from "../../kube/metrics.ts";
import { GITHUB_METRICS } from "../../github/metrics.ts";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { clusterRules, eventRules } from "../../controllers/rules.ts";
import { EVENTS, NAMESPACES, ROLE_BINDINGS, ROLES, SECRETS } from "../../kube/resources.ts";
import type { AnyType, Event, KubeObject, ObjectKey, ResourceType } from "../../kube/types.ts";
import { declareMetrics, silentMetrics } from "../../lib/metrics.ts";
import { CONTROLLER, grant } from "../../sim/world_objects.ts";
import {
  assertNothingLeft,
  clusterContent,
  githubLeft,
  isNothingLeft,
  jobsOf,
  openWatchedStage,
  type Watched,
} from "../journeys/invariants.ts";
import { openRemoval } from "../journeys/removals.ts";
import { setObjects, type Stage, type StageOptions } from "../journeys/stage.ts";
import { idleRunners, spoil } from "./stories.ts";

const NAMESPACE = "arc-runners";
const SET: ObjectKey = { namespace: NAMESPACE, name: "linux" };
const CLUSTER_ROLE_BINDINGS: ResourceType<KubeObject> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  namespaced: false,
};
const DEFINITIONS: ResourceType<KubeObject> = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
};

interface Scene extends Pick<Watched, "stage" | "check"> {
  /** What was in the cluster before the set came. */
  readonly before: readonly string[];
  crashController(): void;
  startController(): void;
}

/** A set with two idle runners. */
async function open(options: StageOptions = {}): Promise<Scene> {
  const scene = await openRemoval({ max: 4, ...options }, { min: 2, max: 4 });
  const { watched, before } = scene;
  const { stage } = watched;
  let { controller } = scene;
  await stage.until("two runners are idle", () => idleRunners(stage) === 2, 60);
  await stage.pass(10);
  return {
    stage,
    before,
    check: () => watched.check(),
    crashController: () => controller.crash(),
    startController: () => controller = stage.startController(),
  };
}

function remove(stage: Stage, type: AnyType, key: ObjectKey): Promise<unknown> {
  return stage.world.admin.delete(type, key);
}

function told(stage: Stage): string {
  const events = stage.world.api.store.list(EVENTS) as unknown as readonly Event[];
  return events.map(({ reason, message }) => `${reason}: ${message}`).join("\n");
}

Deno.test("F28: a set whose Secret never existed is deleted at once", async () => {
  const { stage } = await openWatchedStage({ max: 4 });
  await using _ = stage;
  stage.startController();
  await stage.world.apply(setObjects({ min: 1 }).filter(({ kind }) => kind !== "Secret"));
  await stage.pass(30);
  assert.notEqual(stage.runnerSet(), undefined);
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("it is gone", () => stage.runnerSet() === undefined, 60);
});

Deno.test("F28: a set whose credential GitHub refuses from one day on is deleted within 60 s, and it is told what stays", async () => {
  const scene = await open();
  const { stage, before, check } = scene;
  await using _ = stage;
  spoil(stage, ["*"], { do: "answer", status: 401 });
  await stage.pass(5);
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("the set is gone", () => stage.runnerSet() === undefined, 60);
  await stage.until(
    "everything is gone",
    () => clusterContent(stage).every((name) => before.includes(name)),
    60,
  );
  assert.match(
    told(stage),
    /ScaleSetLeftBehind: Scale set 1 may still exist at https:\/\/github.com\/acme/,
  );
  check();
});

Deno.test("F29: a set that is deleted while no controller runs goes within 60 s of one coming", async () => {
  const { stage, before, check, crashController, startController } = await open();
  await using _ = stage;
  crashController();
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await remove(stage, SECRETS, { namespace: NAMESPACE, name: "linux-github" });
  await stage.pass(300);
  assert.notEqual(stage.runnerSet(), undefined, "nobody could have cleaned up at GitHub");
  startController();
  await stage.until("the set is gone", () => stage.runnerSet() === undefined, 60);
  await stage.until(
    "everything is gone",
    () => clusterContent(stage).every((name) => before.includes(name)),
    60,
  );
  assert.match(told(stage), /ScaleSetLeftBehind/);
  check();
});

Deno.test("F29: the rights in the runners' namespace go first: everything goes, at GitHub too", async () => {
  const { stage, before, check } = await open();
  await using _ = stage;
  const key = { namespace: NAMESPACE, name: "linux-gha-rs-manager" };
  await remove(stage, ROLE_BINDINGS, key);
  await remove(stage, ROLES, key);
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 60);
  await stage.pass(60);
  assertNothingLeft(stage, before);
  check();
});

Deno.test("F29: the controller's own rights go first: all waits, and goes within 60 s of their return", async () => {
  const { stage, before, check } = await open();
  await using _ = stage;
  await remove(stage, CLUSTER_ROLE_BINDINGS, { namespace: "", name: CONTROLLER.name });
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.pass(120);
  await stage.world.apply(
    grant(CONTROLLER, { name: CONTROLLER.name, rules: [...clusterRules, ...eventRules] }),
  );
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 60);
  check();
});

for (
  const order of [
    [AUTOSCALING_RUNNER_SETS, AUTOSCALING_LISTENERS, EPHEMERAL_RUNNER_SETS, EPHEMERAL_RUNNERS],
    [EPHEMERAL_RUNNERS, EPHEMERAL_RUNNER_SETS, AUTOSCALING_LISTENERS, AUTOSCALING_RUNNER_SETS],
  ]
) {
  Deno.test(`F29: the definitions are deleted, that of ${order[0]?.kind} first: everything goes, at GitHub too`, async () => {
    const { stage } = await open();
    await using _ = stage;
    for (const { plural, group } of order) {
      await remove(stage, DEFINITIONS, { namespace: "", name: `${plural}.${group}` });
      await stage.pass(5);
    }
    const left = () =>
      clusterContent(stage).filter((name) =>
        name.includes("linux-runner") || name.includes("-listener")
      );
    await stage.until(
      "the definitions are gone",
      () => (stage.world.api.store.list(DEFINITIONS) as readonly KubeObject[]).length === 0,
      120,
    );
    await stage.until("nothing of ours is left", () => left().length === 0, 90);
    assert.deepEqual(githubLeft(stage), { scaleSets: [], runners: [] });
  });
}

Deno.test("F29: a cascade that deletes everything at once, each object in the foreground, ends within 60 s", async () => {
  const { stage, check } = await open();
  await using _ = stage;
  for (const object of setObjects({ min: 2, max: 4 }).toReversed()) {
    const type = [AUTOSCALING_RUNNER_SETS, SECRETS, ROLES, ROLE_BINDINGS].find(({ kind }) =>
      kind === object.kind
    );
    if (type === undefined) continue;
    await stage.world.admin.delete(type as AnyType, {
      namespace: object.metadata?.namespace ?? "",
      name: object.metadata?.name ?? "",
    }, { propagation: "Foreground" });
  }
  const ours = () => clusterContent(stage).filter((name) => name.includes("linux"));
  await stage.until("everything is gone", () => ours().length === 0, 60);
  assert.deepEqual(githubLeft(stage), { scaleSets: [], runners: [] });
  check();
});

Deno.test("F29: a namespace that ends while GitHub is down goes, and log and metric say what may be left", async () => {
  const metrics = declareMetrics([...CONTROLLER_METRICS, ...KUBE_METRICS, ...GITHUB_METRICS]);
  const { stage } = await open({ metrics: { controller: metrics, listener: () => silentMetrics } });
  await using _ = stage;
  spoil(stage, ["*"], { do: "answer", status: 503 });
  await remove(stage, NAMESPACES, { namespace: "", name: NAMESPACE });
  const gone = () =>
    stage.world.api.store.get(NAMESPACES, { namespace: "", name: NAMESPACE }) === undefined;
  await stage.until("the namespace is gone", gone, 120);
  const text = await metrics.render();
  assert.match(text, /longshore_left_behind_total\{reason="ScaleSetLeftBehind"\} 1/);
  assert.match(text, /longshore_left_behind_total\{reason="RunnerLeftBehind"\} 2/);
});

Deno.test("B5: what a deletion without its dependents leaves is swept up, on both sides, and a busy runner finishes", async () => {
  const { stage, before, check } = await open();
  await using _ = stage;
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 1, durationMs: 2_400_000 });
  await stage.until("one runner is busy", () => idleRunners(stage) === 2, 60);
  await stage.pass(10);
  const busy = stage.runners().find(({ status }) => status?.jobId)?.metadata?.name ?? "";
  await stage.world.admin.delete(EPHEMERAL_RUNNER_SETS, SET, { propagation: "Orphan" });
  await stage.pass(60);
  const old = () =>
    stage.runners().filter(({ metadata }) => metadata?.ownerReferences?.length !== 1);
  await stage.until("idle ones without an owner are gone", () => old().length === 1, 2_400);
  assert.deepEqual(old().map(({ metadata }) => metadata?.name), [busy]);
  await stage.until(
    "the job ends well",
    () => jobsOf(stage).every(({ result }) => result === "succeeded"),
    2_400,
  );
  await stage.until("and its runner goes", () => old().length === 0, 120);
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 60);
  check();
});

Deno.test("B5: a set that is deleted without its children and applied again has them again", async () => {
  const { stage, before, check, crashController, startController } = await open();
  await using _ = stage;
  const names = () => stage.runners().map(({ metadata }) => metadata?.name).sort();
  const runners = names();
  crashController();
  await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, SET, { metadata: { finalizers: null } });
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, SET, { propagation: "Orphan" });
  await stage.until("the set is gone", () => stage.runnerSet() === undefined, 10);
  await stage.world.apply(setObjects({ min: 2, max: 4 }));
  startController();
  const owner = () => stage.stored(EPHEMERAL_RUNNER_SETS)[0]?.metadata?.ownerReferences?.[0]?.uid;
  await stage.until(
    "its runners are its own",
    () => owner() === stage.runnerSet()?.metadata?.uid,
    60,
  );
  await stage.pass(60);
  assert.deepEqual(names(), runners);
  assert.deepEqual(githubLeft(stage).scaleSets.map(({ id }) => id), [1]);
  await remove(stage, AUTOSCALING_RUNNER_SETS, SET);
  await stage.until("everything is gone", () => isNothingLeft(stage, before), 60);
  check();
});
