import assert from "node:assert/strict";
import { Listings } from "../../../controllers/ephemeral_runner_set/listings.ts";
import { verificationReconciler } from "../../../controllers/ephemeral_runner_set/verification_controller.ts";
import { EPHEMERAL_RUNNERS } from "../../../crds/ephemeral_runner.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { anEphemeralRunnerSet, aPod, aRunner, STORY } from "../../builders.ts";
import { after } from "../../times.ts";
import { cachesWith, NEVER } from "../fakes.ts";

const KEY = { namespace: STORY.namespace, name: STORY.runnerSet };

async function idleOf(objects: readonly KubeObject[]): Promise<readonly string[] | undefined> {
  const reconciler = verificationReconciler({
    caches: cachesWith(objects),
    listings: new Listings(),
    limits: { registerMs: 1, offlineMs: 1, checkMs: 1 },
  });
  const observed = await reconciler.observe(KEY, NEVER);
  return observed?.idle.map(({ runner, sinceMs }) =>
    `${runner.metadata?.name} ${(sinceMs - after(0).getTime()) / 1_000}`
  );
}

const set = anEphemeralRunnerSet();
const pod = aPod().running();

Deno.test("a set that is gone is not looked at", async () => {
  assert.equal(await idleOf([aRunner(), pod]), undefined);
});

Deno.test("F17: a runner that runs without a job is looked up, from the start of its container", async () => {
  assert.equal(EPHEMERAL_RUNNERS.kind, aRunner().kind);
  assert.deepEqual(await idleOf([set, aRunner(), pod]), [`${STORY.runner} 5`]);
});

const NOT_IDLE: readonly (readonly [words: string, objects: readonly KubeObject[]])[] = [
  ["one with a job", [set, aRunner({ hasJob: true }), pod]],
  ["one that goes", [set, aRunner({ deleting: true }), pod]],
  ["one that has not started", [set, aRunner({ phase: "Pending" }), aPod()]],
  ["one whose pod is gone", [set, aRunner()]],
  ["one whose pod goes", [set, aRunner(), aPod().running().deleting()]],
  ["one that failed", [set, aRunner({ phase: "Failed" }), pod]],
  ["one that was never registered", [set, aRunner({ status: { runnerId: null } }), pod]],
  ["one of another scale set", [set, aRunner({ spec: { runnerScaleSetId: 99 } }), pod]],
  [
    "one whose job is over",
    [anEphemeralRunnerSet({ spec: { completedRunners: [STORY.runner] } }), aRunner(), pod],
  ],
];

for (const [words, objects] of NOT_IDLE) {
  Deno.test(`F17: ${words} is never looked up`, async () => {
    assert.deepEqual(await idleOf(objects), []);
  });
}
