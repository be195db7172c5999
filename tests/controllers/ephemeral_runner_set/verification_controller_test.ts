import assert from "node:assert/strict";
import { Listings } from "../../../controllers/ephemeral_runner_set/listings.ts";
import { verificationReconciler } from "../../../controllers/ephemeral_runner_set/verification_controller.ts";
import { EPHEMERAL_RUNNERS } from "../../../crds/ephemeral_runner.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { anEphemeralRunnerSet, aPod, aRunner, STORY } from "../../builders.ts";
import { after } from "../../times.ts";
import { cachesWith, NEVER } from "../fakes.ts";

const KEY = { namespace: STORY.namespace, name: STORY.runnerSet };

async function lookedUp(objects: readonly KubeObject[]): Promise<readonly string[] | undefined> {
  const reconciler = verificationReconciler({
    caches: cachesWith(objects),
    listings: new Listings(),
    limits: { registerMs: 1, offlineMs: 1, checkMs: 1 },
  });
  const observed = await reconciler.observe(KEY, NEVER);
  return observed?.runners.map(({ runner, sinceMs }) =>
    `${runner.metadata?.name} ${(sinceMs - after(0).getTime()) / 1_000}`
  );
}

const set = anEphemeralRunnerSet();
const pod = aPod().running();

Deno.test("a set that is gone is not looked at", async () => {
  assert.equal(await lookedUp([aRunner(), pod]), undefined);
});

Deno.test("F17: a runner that runs without a job is looked up, from the start of its container", async () => {
  assert.equal(EPHEMERAL_RUNNERS.kind, aRunner().kind);
  assert.deepEqual(await lookedUp([set, aRunner(), pod]), [`${STORY.runner} 5`]);
});

Deno.test("B11, F31: one with a job is looked up too, also one of a scale set that GitHub forgot", async () => {
  for (const spec of [{}, { runnerScaleSetId: 99 }]) {
    const objects = [set, aRunner({ hasJob: true, spec }), pod];
    assert.deepEqual(await lookedUp(objects), [`${STORY.runner} 5`]);
  }
});

const NOT_LOOKED_UP: readonly (readonly [words: string, objects: readonly KubeObject[]])[] = [
  [
    "one with a job at another place",
    [set, aRunner({ hasJob: true, spec: { githubConfigUrl: "https://github.com/other" } }), pod],
  ],
  ["one that goes", [set, aRunner({ deleting: true }), pod]],
  ["one that has not started", [set, aRunner({ phase: "Pending" }), aPod()]],
  ["one whose pod is gone", [set, aRunner()]],
  ["one whose pod goes", [set, aRunner(), aPod().running().deleting()]],
  ["one that failed", [set, aRunner({ phase: "Failed" }), pod]],
  ["one that was never registered", [set, aRunner({ status: { runnerId: null } }), pod]],
  ["an idle one of another scale set", [set, aRunner({ spec: { runnerScaleSetId: 99 } }), pod]],
  [
    "one whose job is over",
    [anEphemeralRunnerSet({ spec: { completedRunners: [STORY.runner] } }), aRunner(), pod],
  ],
];

for (const [words, objects] of NOT_LOOKED_UP) {
  Deno.test(`F17: ${words} is never looked up`, async () => {
    assert.deepEqual(await lookedUp(objects), []);
  });
}
