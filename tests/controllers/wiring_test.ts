import assert from "node:assert/strict";
import { CompletedRunners } from "../../controllers/ephemeral_runner/completed_runners.ts";
import { Departures } from "../../controllers/ephemeral_runner_set/departures.ts";
import { Listings } from "../../controllers/ephemeral_runner_set/listings.ts";
import { neededTargets, type WiredMemory, wireQueues } from "../../controllers/wiring.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import type { KubeObject } from "../../kube/types.ts";
import { silentMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import {
  aListener,
  anEphemeralRunnerSet,
  aRunner,
  aRunnerSet,
  ownedBy,
  STORY,
} from "../builders.ts";
import { CREATED } from "../times.ts";
import { cachesWith, put } from "./fakes.ts";

const LISTENER = `${STORY.controllerNamespace}/${STORY.listener}`;

/** Queues that have nothing to do, over a world that is settled. */
async function settled(
  objects: readonly KubeObject[],
  memory: Partial<WiredMemory> = {},
) {
  const caches = cachesWith(objects);
  const clock = new VirtualClock(CREATED);
  const queues = wireQueues(
    { clock, random: seededRandom(1), metrics: silentMetrics, runnerWorkers: 1 },
    caches,
    {
      completed: new CompletedRunners(),
      departures: new Departures(),
      listings: new Listings(),
      registered: new Map(),
      served: new Map(),
      started: new Map(),
      ...memory,
    },
  );
  const woken = async () => {
    const keys: string[] = [];
    for (const [name, queue] of Object.entries(queues)) {
      for (;;) {
        const lease = await next(queue, clock);
        if (lease === undefined) break;
        keys.push(`${name} ${lease.key}`);
        lease.succeed();
      }
    }
    return keys.sort();
  };
  await woken();
  return { caches, woken };
}

/** `undefined`: nothing waits. */
async function next(queue: Awaited<ReturnType<typeof wireQueues>>["runners"], clock: VirtualClock) {
  const stop = new AbortController();
  const taken = queue.take(stop.signal).catch(() => undefined);
  await clock.advance(0);
  stop.abort();
  return await taken;
}

function newer<T extends KubeObject>(object: T, version: number): T {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

Deno.test("a word of the listener about itself wakes its listener; an order does not", async () => {
  const { caches, woken } = await settled([aRunnerSet(), aListener(), anEphemeralRunnerSet()]);
  put(caches, newer(anEphemeralRunnerSet({ spec: { replicas: 3, patchID: 4 } }), 100), "MODIFIED");
  assert.ok(!(await woken()).includes(`listeners ${LISTENER}`));
  const report = anEphemeralRunnerSet({ spec: { listenerReport: "no-scale-set:7" } });
  put(caches, newer(report, 101), "MODIFIED");
  assert.ok((await woken()).includes(`listeners ${LISTENER}`));
});

Deno.test("the same where ARC drew the name of the set of runners", async () => {
  const owner = ownedBy(AUTOSCALING_RUNNER_SETS, { namespace: "arc-runners", name: "linux" });
  const drawn = { name: "linux-x7k2p", metadata: { ownerReferences: [owner] } };
  const { caches, woken } = await settled([
    aRunnerSet(),
    aListener({ spec: { ephemeralRunnerSetName: "linux-x7k2p" } }),
    anEphemeralRunnerSet(drawn),
  ]);
  const report = anEphemeralRunnerSet({ ...drawn, spec: { listenerReport: "no-scale-set:7" } });
  put(caches, newer(report, 100), "MODIFIED");
  assert.ok((await woken()).includes(`listeners ${LISTENER}`));
});

Deno.test("a change of a set wakes it and its listeners", async () => {
  const { caches, woken } = await settled([aRunnerSet(), aListener()]);
  put(caches, newer(aRunnerSet({ spec: { maxRunners: 9 } }), 100), "MODIFIED");
  const keys = await woken();
  assert.ok(
    keys.includes("runnerSets arc-runners/linux") && keys.includes(`listeners ${LISTENER}`),
  );
});

Deno.test("F14: what was made for a runner is forgotten when it is gone, not when no watch tells of it yet", async () => {
  const runner = aRunner();
  const uid = runner.metadata?.uid ?? "";
  const [registered, started] = [new Map([[uid, 7]]), new Map([[uid, 7]])];
  const { caches } = await settled([runner], { registered, started });
  put(caches, runner, "DELETED");
  assert.deepEqual([registered.size, started.size], [1, 1]);
  put(caches, newer(aRunner(), 100));
  const going = newer(aRunner({ deleting: true }), 101);
  put(caches, going, "MODIFIED");
  put(caches, going, "DELETED");
  assert.deepEqual([registered.size, started.size], [0, 0]);
});

Deno.test("X7: a credential is kept for sets as they are, as they were, and for their runners", () => {
  const former = JSON.stringify([{ id: 3, url: "https://github.com/former", secret: "old" }]);
  const caches = cachesWith([
    aRunnerSet({ metadata: { annotations: { [ANNOTATIONS.formerScaleSets]: former } } }),
    aRunner({
      spec: { githubConfigUrl: "https://github.com/runners", githubConfigSecret: "theirs" },
    }),
  ]);
  assert.deepEqual(neededTargets(caches).map(({ secretName }) => secretName), [
    STORY.secret,
    "old",
    "theirs",
  ]);
});
