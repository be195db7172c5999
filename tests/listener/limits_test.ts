import assert from "node:assert/strict";
import { KubeError } from "../../kube/errors.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { createLimits, followLimits } from "../../listener/limits.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { FakeCluster, LISTENER, SET } from "./fakes.ts";

const PURE = { permissions: "none" } as const;

function following(cluster: FakeCluster) {
  const clock = new VirtualClock();
  const limits = createLimits({ minRunners: 1, maxRunners: 10 });
  const stopping = new AbortController();
  const ended = followLimits({
    kube: cluster.kube(),
    listener: LISTENER,
    ephemeralRunnerSetName: SET.name,
    limits,
    clock,
    random: seededRandom(1),
    log: silentLogger,
  }, stopping.signal);
  return {
    clock,
    limits,
    async stop() {
      stopping.abort(new Error("stop"));
      await ended;
    },
  };
}

function forbidden(): never {
  throw new KubeError("Cannot list: forbidden", { code: "kube_forbidden", httpStatus: 403 });
}

Deno.test("tells of a change once, and of no change not at all", PURE, () => {
  const limits = createLimits({ minRunners: 0, maxRunners: 1 });
  let told = 0;
  const forget = limits.onChange(() => told++);
  assert.ok(!limits.set({ minRunners: 0, maxRunners: 1 }));
  assert.ok(limits.set({ minRunners: 0, maxRunners: 2 }));
  forget();
  limits.set({ minRunners: 0, maxRunners: 3 });
  assert.deepEqual([told, limits.current.maxRunners], [1, 3]);
});

Deno.test(
  "B3: follows its AutoscalingListener, from the list and from the watch",
  PURE,
  async () => {
    const cluster = new FakeCluster();
    cluster.setListener({ minRunners: 2, maxRunners: 4 });
    const { clock, limits, stop } = following(cluster);
    await clock.advance(0);
    assert.deepEqual(limits.current, { minRunners: 2, maxRunners: 4 });
    cluster.setListener({});
    await clock.advance(0);
    assert.deepEqual(limits.current, { minRunners: 0, maxRunners: 2147483647 });
    await stop();
  },
);

Deno.test("believes no object of another set and no limits that make no sense", PURE, async () => {
  const cluster = new FakeCluster();
  cluster.setListener({ minRunners: 5, maxRunners: 4 });
  const { clock, limits, stop } = following(cluster);
  await clock.advance(0);
  cluster.setListener({ ephemeralRunnerSetName: "other", minRunners: 0, maxRunners: 4 });
  await clock.advance(0);
  assert.deepEqual(limits.current, { minRunners: 1, maxRunners: 10 });
  await stop();
});

Deno.test(
  "where it may not look the document's numbers hold, and it asks again every 10 min",
  PURE,
  async () => {
    const cluster = new FakeCluster();
    cluster.setListener({ minRunners: 2, maxRunners: 4 });
    let asked = 0;
    cluster.faults = (call) => call === "list" && ++asked < 3 ? forbidden() : undefined;
    const { clock, limits, stop } = following(cluster);
    await clock.advance(599_000);
    assert.deepEqual([asked, limits.current], [1, { minRunners: 1, maxRunners: 10 }]);
    await clock.advance(601_000);
    assert.deepEqual(limits.current, { minRunners: 2, maxRunners: 4 });
    await stop();
  },
);

Deno.test(
  "B3: a later document counts for as long as the object itself was never seen",
  PURE,
  () => {
    const limits = createLimits({ minRunners: 1, maxRunners: 10 });
    assert.ok(limits.fallBack({ minRunners: 2, maxRunners: 20 }));
    assert.deepEqual(limits.current, { minRunners: 2, maxRunners: 20 });
    limits.set({ minRunners: 3, maxRunners: 30 });
    assert.ok(!limits.fallBack({ minRunners: 2, maxRunners: 20 }));
    assert.deepEqual(limits.current, { minRunners: 3, maxRunners: 30 });
  },
);

Deno.test("ends when told to while it may not look", PURE, async () => {
  const cluster = new FakeCluster();
  cluster.faults = forbidden;
  const { clock, stop } = following(cluster);
  await clock.advance(1_000);
  await stop();
});
