import assert from "node:assert/strict";
import { sweep, type SweepContext } from "../../../controllers/sweep/sweep.ts";
import { createExecutors } from "../../../controllers/reconcile/executors.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { silentLogger } from "../../../lib/log.ts";
import { silentMetrics } from "../../../lib/metrics.ts";
import { seededRandom } from "../../../lib/random.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { aPod, aRunner, aRunnerSet, STORY } from "../../builders.ts";
import { stampAfter } from "../../times.ts";
import { cachesWith, executorContext, fakeGitHub, fakeKube, NEVER } from "../fakes.ts";

const STRAY = "linux-runner-zzzzz";

function scene(
  objects: readonly KubeObject[],
  answers: NonNullable<Parameters<typeof fakeGitHub>[0]> = {},
  secret?: object,
) {
  const kube = fakeKube(({ verb, type }) =>
    verb === "get" && type.kind === "Secret" ? secret : undefined
  );
  const github = fakeGitHub({ listRunners: () => [], ...answers });
  const { context: hands } = executorContext({ kube: kube.kube, services: github.services });
  const context: SweepContext = {
    caches: cachesWith([aRunnerSet(), ...objects]),
    kube: kube.kube,
    services: github.services,
    executors: createExecutors(hands),
    controllerNamespace: STORY.controllerNamespace,
    served: [],
    everyMs: 600_000,
    clock: new VirtualClock(stampAfter(3_600)),
    random: seededRandom(1),
    log: silentLogger,
    metrics: silentMetrics,
  };
  const twice = async () => await sweep(context, await sweep(context, new Set(), NEVER), NEVER);
  return { kube, github, context, twice };
}

function unowned<T extends KubeObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata, ownerReferences: [] } };
}

const LISTED = [{ name: STRAY, isOnline: false, isBusy: false }];
const found = (scaleSetId: number) => () => ({ id: 77, name: STRAY, scaleSetId });

Deno.test("nothing is removed at the first look, whatever is seen", async () => {
  const { context, kube, github } = scene([unowned(aRunner())], { listRunners: () => LISTED });
  const seen = await sweep(context, new Set(), NEVER);
  assert.equal(seen.size, 2);
  assert.deepEqual(kube.outline(), []);
  assert.deepEqual(github.calls, ["listRunners"]);
});

Deno.test("a runner without an owner is deleted at the second look; its own plan asks GitHub", async () => {
  const { twice, kube } = scene([unowned(aRunner())]);
  await twice();
  assert.deepEqual(kube.outline(), [`delete EphemeralRunner ${STORY.runner}`]);
});

Deno.test("a runner at GitHub that the cluster does not know is removed, when it is of this scale set", async () => {
  const { twice, github } = scene([], { listRunners: () => LISTED, findRunner: found(7) });
  await twice();
  assert.deepEqual(github.calls.filter((call) => call.startsWith("remove")), ["removeRunner 77"]);
});

Deno.test("a runner of the same name in another scale set is left alone", async () => {
  const { twice, github } = scene([], { listRunners: () => LISTED, findRunner: found(8) });
  await twice();
  assert.deepEqual(github.calls.filter((call) => call.startsWith("remove")), []);
});

Deno.test("a pod without its runner stays while GitHub says that a job runs there", async () => {
  const pod = unowned(aPod().running());
  const { twice, kube } = scene([pod], { findRunner: found(7), removeRunner: () => "busy" });
  await twice();
  assert.deepEqual(kube.outline().filter((call) => call.startsWith("delete")), []);
});

Deno.test("a pod without its runner goes with the Secret that was made for it, and no other Secret", async () => {
  const pod = unowned(aPod().running());
  const ours = { metadata: { name: STORY.runner, uid: "s" }, data: { jitToken: "x" } };
  const removed = scene([pod], {}, ours);
  await removed.twice();
  assert.deepEqual(removed.kube.outline().filter((call) => call.startsWith("delete")), [
    `delete Secret ${STORY.runner}`,
    `delete Pod ${STORY.runner}`,
  ]);
  const users = scene([pod], {}, { ...ours, data: { password: "x" } });
  await users.twice();
  assert.deepEqual(users.kube.outline().filter((call) => call.startsWith("delete")), [
    `delete Pod ${STORY.runner}`,
  ]);
});

Deno.test("calls are bounded: one listing a place, twenty removals a set", async () => {
  const many = Array.from({ length: 50 }, (_, at) => ({
    name: `linux-runner-aa${String(at).padStart(3, "0")}`,
    isOnline: false,
    isBusy: false,
  }));
  const { twice, github } = scene([], { listRunners: () => many, findRunner: found(7) });
  await twice();
  assert.equal(github.calls.filter((call) => call === "listRunners").length, 2);
  assert.equal(github.calls.filter((call) => call.startsWith("remove")).length, 20);
});

Deno.test("GitHub's failure keeps nothing in the cluster from being swept", async () => {
  const { twice, kube } = scene([unowned(aRunner())], {
    listRunners: () => {
      throw new TypeError("down");
    },
  });
  await twice();
  assert.deepEqual(kube.outline(), [`delete EphemeralRunner ${STORY.runner}`]);
});
