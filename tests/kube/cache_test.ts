import assert from "node:assert/strict";
import { type CacheSink, createCache, type FedCache } from "../../kube/cache.ts";
import type { KubeObject, ObjectMeta } from "../../kube/types.ts";
import { VirtualClock } from "../../sim/clock.ts";

const KEY = { namespace: "a", name: "x" };

function version(resourceVersion: number, metadata: ObjectMeta = {}): KubeObject {
  return {
    metadata: { ...KEY, uid: "u", resourceVersion: String(resourceVersion), ...metadata },
  };
}

interface Stage {
  readonly clock: VirtualClock;
  readonly cache: FedCache<KubeObject>;
  readonly sink: CacheSink<KubeObject>;
  readonly shown: () => string | undefined;
  readonly changes: string[];
}

/** A cache that has synced with these objects. */
function synced(...items: readonly KubeObject[]): Stage {
  const clock = new VirtualClock();
  const cache = createCache<KubeObject>({ clock });
  const sink = cache.sink();
  sink.replace(items, { sinceMs: clock.now().getTime() });
  const changes: string[] = [];
  const name = (object: KubeObject | undefined) => object?.metadata?.resourceVersion ?? "-";
  cache.onChange((before, after) => changes.push(`${name(before)}>${name(after)}`));
  return { clock, cache, sink, shown: () => cache.get(KEY)?.metadata?.resourceVersion, changes };
}

Deno.test("what we wrote is shown until the watch delivers that same version", () => {
  const { cache, sink, shown, changes } = synced(version(1));
  cache.absorb(version(4));
  assert.equal(shown(), "4");
  sink.apply("MODIFIED", version(2));
  sink.apply("MODIFIED", version(3));
  assert.equal(shown(), "4");
  sink.apply("MODIFIED", version(4));
  sink.apply("MODIFIED", version(5));
  assert.equal(shown(), "5");
  assert.deepEqual(changes, ["1>4", "4>5"]);
});

Deno.test("an answer that comes after its own event shows nothing old", () => {
  const { cache, sink, shown } = synced(version(1));
  sink.apply("MODIFIED", version(2));
  sink.apply("MODIFIED", version(3));
  cache.absorb(version(2));
  assert.equal(shown(), "3");
});

Deno.test("an answer of an older generation shows nothing", () => {
  const { cache, shown } = synced(version(9, { generation: 3 }));
  cache.absorb(version(8, { generation: 2 }));
  assert.equal(shown(), "9");
});

Deno.test("F34: what the watch does not deliver is owed, and shown until a list says otherwise", async () => {
  const { cache, clock, sink, shown, changes } = synced(version(1));
  assert.equal(sink.lagMs?.(), 0);
  cache.absorb(version(5));
  sink.apply("MODIFIED", version(2));
  await clock.advance(3_600_000);
  assert.equal(shown(), "5");
  assert.equal(sink.lagMs?.(), 3_600_000);
  sink.replace([version(3)], { sinceMs: clock.now().getTime() });
  assert.equal(shown(), "3");
  assert.equal(sink.lagMs?.(), 0);
  assert.deepEqual(changes, ["1>5", "5>3"]);
});

Deno.test("F34: what we created and no list knows is gone, each list in its own namespace", async () => {
  const clock = new VirtualClock();
  const cache = createCache<KubeObject>({ clock, feeds: 2 });
  const [here, there] = [cache.sink("a"), cache.sink("b")];
  for (const sink of [here, there]) sink.replace([], { sinceMs: clock.now().getTime() });
  cache.absorb(version(5));
  await clock.advance(1);
  assert.deepEqual([here.lagMs?.(), there.lagMs?.()], [1, 0]);
  there.replace([], { sinceMs: clock.now().getTime() });
  assert.equal(cache.all().length, 1);
  here.replace([], { sinceMs: clock.now().getTime() });
  assert.equal(cache.all().length, 0);
});

Deno.test("a deletion ends what we show of that incarnation", () => {
  const { cache, sink, shown } = synced(version(1));
  cache.absorb(version(2));
  sink.apply("DELETED", version(3));
  assert.equal(shown(), undefined);
});

Deno.test("the deletion of an earlier incarnation does not hide the new one", () => {
  const { cache, sink, shown } = synced(version(1, { uid: "old" }));
  cache.absorb(version(4));
  sink.apply("DELETED", version(2, { uid: "old" }));
  assert.equal(shown(), "4");
  sink.apply("ADDED", version(4));
  sink.apply("MODIFIED", version(5));
  assert.equal(shown(), "5");
});

Deno.test("a confirmed deletion hides the object, and no late event brings it back", () => {
  const { cache, sink, shown, changes } = synced(version(1));
  cache.absorbDeletion(KEY, "u");
  assert.equal(shown(), undefined);
  sink.apply("MODIFIED", version(2));
  cache.absorb(version(2));
  assert.equal(shown(), undefined);
  sink.apply("DELETED", version(3));
  sink.apply("ADDED", version(4, { uid: "next" }));
  assert.equal(shown(), "4");
  assert.deepEqual(changes, ["1>-", "->4"]);
});

Deno.test("a deletion of another incarnation hides nothing", () => {
  const { cache, shown } = synced(version(1));
  cache.absorbDeletion(KEY, "other");
  assert.equal(shown(), "1");
});

Deno.test("the answer that shows the last of an object is its deletion", () => {
  const { cache, shown } = synced(version(1));
  cache.absorb(version(2, {
    deletionTimestamp: "2026-01-01T12:00:00Z",
    deletionGracePeriodSeconds: 0,
    finalizers: [],
  }));
  assert.equal(shown(), undefined);
});

Deno.test("a list that was asked for before our write does not undo it", async () => {
  const { cache, clock, sink, shown } = synced(version(1));
  const sinceMs = clock.now().getTime();
  await clock.advance(100);
  cache.absorb(version(5));
  sink.replace([version(1)], { sinceMs });
  assert.equal(shown(), "5");
  sink.replace([], { sinceMs });
  assert.equal(shown(), "5");
  sink.apply("ADDED", version(5));
  sink.apply("DELETED", version(6));
  assert.equal(shown(), undefined);
});

Deno.test("a list that was asked for after our write replaces it", async () => {
  const { cache, clock, sink, shown } = synced(version(1));
  cache.absorb(version(5));
  await clock.advance(100);
  sink.replace([version(7)], { sinceMs: clock.now().getTime() });
  assert.equal(shown(), "7");
});

Deno.test("the same version again is no change", async () => {
  const { clock, sink, changes } = synced(version(1));
  sink.apply("MODIFIED", version(1));
  await clock.advance(1);
  sink.replace([version(1)], { sinceMs: clock.now().getTime() });
  assert.deepEqual(changes, []);
});

Deno.test("a list removes what its own reflector put, and leaves that of others", () => {
  const clock = new VirtualClock();
  const cache = createCache<KubeObject>({ clock, feeds: 2 });
  const [one, two] = [cache.sink(), cache.sink()];
  const sinceMs = clock.now().getTime();
  const other = version(2, { namespace: "b" });
  one.replace([version(1)], { sinceMs });
  two.replace([other], { sinceMs });
  one.replace([], { sinceMs });
  assert.deepEqual(cache.all(), [other]);
});

Deno.test("a cache has synced when every reflector has listed once", async () => {
  const clock = new VirtualClock();
  const cache = createCache<KubeObject>({ clock, feeds: 2 });
  const [one, two] = [cache.sink(), cache.sink()];
  let isTold = false;
  cache.synced.then(() => isTold = true);
  one.replace([], { sinceMs: 0 });
  one.replace([], { sinceMs: 0 });
  await clock.advance(0);
  assert.ok(!isTold && !cache.hasSynced);
  two.replace([], { sinceMs: 0 });
  await clock.advance(0);
  assert.ok(isTold && cache.hasSynced);
});

Deno.test("all that enters is trimmed and indexed", () => {
  const cache = createCache<KubeObject>({
    clock: new VirtualClock(),
    trim: ({ metadata }) => ({ metadata: { ...metadata, annotations: {} } }),
    indexes: { label: ({ metadata }) => Object.values(metadata?.labels ?? {}) },
  });
  const full = (name: string) =>
    version(1, { name, uid: name, labels: { l: "v" }, annotations: { big: "x" } });
  const sink = cache.sink();
  sink.replace([full("listed")], { sinceMs: 0 });
  sink.apply("ADDED", { metadata: { ...full("watched").metadata, resourceVersion: "2" } });
  cache.absorb({ metadata: { ...full("absorbed").metadata, resourceVersion: "3" } });
  const found = cache.by("label", "v");
  assert.deepEqual(found.map(({ metadata }) => metadata?.name), ["listed", "watched", "absorbed"]);
  for (const { metadata } of found) assert.deepEqual(metadata?.annotations, {});
});
