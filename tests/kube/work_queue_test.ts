import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createWorkQueue,
  type Lane,
  type WorkLease,
  type WorkQueue,
} from "../../kube/work_queue.ts";
import { type Metrics, silentMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";

const forever = new AbortController().signal;

function stage(metrics: Metrics = silentMetrics): { clock: VirtualClock; queue: WorkQueue } {
  const clock = new VirtualClock();
  return {
    clock,
    queue: createWorkQueue({ name: "test", clock, random: seededRandom(1), metrics }),
  };
}

/** The next key if there is one now. */
async function next({ clock, queue }: ReturnType<typeof stage>): Promise<WorkLease | undefined> {
  const abort = new AbortController();
  let lease: WorkLease | undefined;
  const taken = queue.take(abort.signal).then((one) => lease = one, () => {});
  await clock.advance(0);
  abort.abort();
  await taken;
  return lease;
}

async function keysOf(one: ReturnType<typeof stage>): Promise<string[]> {
  const keys: string[] = [];
  for (let lease = await next(one); lease !== undefined; lease = await next(one)) {
    keys.push(lease.key);
    lease.succeed();
  }
  return keys;
}

/** How many ms until `key` can be taken again. */
async function waitFor(one: ReturnType<typeof stage>): Promise<number> {
  const startMs = one.clock.now().getTime();
  const taken = one.queue.take(forever);
  let lease: WorkLease | undefined;
  taken.then((got) => lease = got);
  await one.clock.runUntil(() => lease !== undefined, { limitMs: 3_600_000 });
  lease?.succeed();
  return one.clock.now().getTime() - startMs;
}

Deno.test("a key is queued once, and keys come in the order in which they were added", async () => {
  const one = stage();
  for (const key of ["a", "b", "a", "c", "b"]) one.queue.add(key);
  assert.equal(one.queue.depth, 3);
  assert.deepEqual(await keysOf(one), ["a", "b", "c"]);
});

Deno.test("a key that is held is not lent again, and comes once more when it changed", async () => {
  const one = stage();
  one.queue.add("a");
  const lease = await next(one);
  one.queue.add("a");
  one.queue.add("a");
  assert.equal(await next(one), undefined);
  lease?.succeed();
  assert.deepEqual(await keysOf(one), ["a"]);
});

Deno.test("who waits gets the next key, first come first served", async () => {
  const { clock, queue } = stage();
  const got: string[] = [];
  for (const worker of ["one", "two"]) {
    queue.take(forever).then((lease) => got.push(`${worker} ${lease.key}`));
  }
  await clock.advance(0);
  queue.add("a");
  queue.add("b");
  await clock.advance(0);
  assert.deepEqual(got, ["one a", "two b"]);
});

Deno.test("who stops waiting takes no key along", async () => {
  const one = stage();
  const abort = new AbortController();
  const reason = new Error("stop");
  const given = one.queue.take(abort.signal);
  abort.abort(reason);
  await assert.rejects(given, reason);
  await assert.rejects(one.queue.take(abort.signal), reason);
  one.queue.add("a");
  assert.deepEqual(await keysOf(one), ["a"]);
});

Deno.test("a delayed key comes when it is due, and of several times the earliest counts", async () => {
  const one = stage();
  one.queue.addAfter("a", 5_000);
  one.queue.addAfter("a", 2_000);
  one.queue.addAfter("a", 9_000);
  assert.equal(await waitFor(one), 2_000);
  await one.clock.advance(60_000);
  assert.deepEqual(await keysOf(one), []);
});

Deno.test("a change makes a delayed key due", async () => {
  const one = stage();
  one.queue.addAfter("a", 60_000);
  one.queue.add("a");
  assert.deepEqual(await keysOf(one), ["a"]);
});

Deno.test("a key that comes due while it is held comes after", async () => {
  const one = stage();
  one.queue.add("a");
  const lease = await next(one);
  one.queue.addAfter("a", 1_000);
  await one.clock.advance(2_000);
  assert.equal(await next(one), undefined);
  lease?.succeed();
  assert.deepEqual(await keysOf(one), ["a"]);
});

Deno.test("done for now comes again in its time", async () => {
  const one = stage();
  one.queue.add("a");
  (await next(one))?.addAfter(30_000);
  assert.equal(await waitFor(one), 30_000);
});

Deno.test("failures in a row wait longer and longer, up to 5 minutes; success forgets", async () => {
  const one = stage();
  one.queue.add("a");
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 14; attempt++) {
    const startMs = one.clock.now().getTime();
    const lease = await take(one);
    assert.equal(lease.attempt, attempt);
    waits.push(one.clock.now().getTime() - startMs);
    lease.retry();
  }
  const [, first = 0] = waits;
  assert.ok(first >= 100 && first <= 200, String(first));
  for (const wait of waits.slice(-2)) assert.ok(wait >= 150_000 && wait <= 300_000, String(wait));
  (await take(one)).succeed();
  one.queue.add("a");
  assert.equal((await next(one))?.attempt, 1);
});

async function take({ clock, queue }: ReturnType<typeof stage>): Promise<WorkLease> {
  let lease: WorkLease | undefined;
  queue.take(forever).then((got) => lease = got);
  await clock.runUntil(() => lease !== undefined, { limitMs: 3_600_000 });
  return lease ?? assert.fail("no key");
}

Deno.test("a change lets a failed key try again within a second, not at once", async () => {
  const one = stage();
  one.queue.add("a");
  (await next(one))?.retry(300_000);
  one.queue.add("a");
  assert.equal(await next(one), undefined);
  assert.equal(await waitFor(one), 1_000);
});

Deno.test("a key that failed while it changed does not spin", async () => {
  const one = stage();
  one.queue.add("a");
  const lease = await next(one);
  one.queue.add("a");
  lease?.retry(300_000);
  assert.equal(await waitFor(one), 1_000);
});

Deno.test("a time that a server told is kept whatever changes", async () => {
  const one = stage();
  one.queue.add("a");
  const lease = await next(one);
  one.queue.add("a");
  lease?.retryAfter(10_000);
  one.queue.add("a");
  one.queue.addAfter("a", 500);
  assert.equal(await waitFor(one), 10_000);
});

Deno.test("a lease that is only disposed is a failure", async () => {
  const one = stage();
  one.queue.add("a");
  {
    using lease = await next(one) ?? assert.fail("no key");
    assert.equal(lease.attempt, 1);
  }
  assert.equal((await take(one)).attempt, 2);
});

Deno.test("a lease ends once", async () => {
  const one = stage();
  one.queue.add("a");
  const lease = await next(one) ?? assert.fail("no key");
  lease.succeed();
  lease.retry();
  lease.addAfter(1);
  lease[Symbol.dispose]();
  await one.clock.advance(600_000);
  assert.equal(await next(one), undefined);
});

Deno.test("later gives way to soon but is not starved, and can be made soon", async () => {
  const one = stage();
  const lane: Lane = "later";
  one.queue.add("resync-1", lane);
  one.queue.add("resync-2", lane);
  one.queue.add("resync-2");
  for (let i = 0; i < 9; i++) one.queue.add(`k${i}`);
  const keys = await keysOf(one);
  assert.equal(keys[0], "resync-2");
  assert.equal(keys.indexOf("resync-1"), 7);
});

Deno.test("the queue counts adds, retries and depth", async () => {
  const seen: string[] = [];
  const one = stage({
    ...silentMetrics,
    increment: (name, labels) => void seen.push(`${name} ${labels?.name}`),
    set: (name, value) => void seen.push(`${name} ${value}`),
  });
  one.queue.add("a");
  one.queue.add("a");
  (await next(one))?.retry();
  assert.deepEqual(seen, [
    "workqueue_adds_total test",
    "workqueue_depth 1",
    "workqueue_depth 0",
    "workqueue_retries_total test",
  ]);
});

Deno.test("no key is held twice, and every added key is taken after it was added", async () => {
  const key = fc.constantFrom("a", "b", "c", "d");
  const action = fc.oneof(
    fc.record({ do: fc.constantFrom("add", "add later", "succeed", "retry", "told"), key }),
    fc.record({ do: fc.constantFrom("take", "wait"), key }),
    fc.record({ do: fc.constant("delay"), key }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { size: "max", maxLength: 80 }), async (actions) => {
      const one = stage();
      const held = new Map<string, WorkLease>();
      const owed = new Set<string>();
      const taken = (lease: WorkLease | undefined) => {
        if (lease === undefined) return;
        assert.ok(!held.has(lease.key), `${lease.key} is held twice`);
        held.set(lease.key, lease);
        owed.delete(lease.key);
      };
      for (const { do: what, key } of actions) {
        if (what === "add" || what === "add later") {
          one.queue.add(key, what === "add" ? "soon" : "later");
          owed.add(key);
        } else if (what === "delay") {
          one.queue.addAfter(key, 3_000);
          owed.add(key);
        } else if (what === "take") taken(await next(one));
        else if (what === "wait") await one.clock.advance(500);
        else {
          const lease = held.get(key);
          if (lease === undefined || !held.delete(key)) continue;
          if (what === "succeed") {
            lease.succeed();
            continue;
          }
          owed.add(key);
          if (what === "retry") lease.retry();
          else lease.retryAfter(2_000);
        }
      }
      for (const lease of held.values()) lease.succeed();
      held.clear();
      await one.clock.advance(300_000);
      for (const key of await keysOf(one)) owed.delete(key);
      assert.deepEqual([...owed], []);
    }),
    { numRuns: 200 },
  );
});

function stageOfKinds(limits: Readonly<Record<string, number>>) {
  const clock = new VirtualClock();
  const kindOf = new Map<string, string>();
  const queue = createWorkQueue({
    name: "test",
    clock,
    random: seededRandom(1),
    kinds: { limits, of: (key) => ({ kind: kindOf.get(key) ?? "" }) },
  });
  const add = (key: string, kind: string) => {
    kindOf.set(key, kind);
    queue.add(key);
  };
  return { clock, queue, add };
}

Deno.test("a kind of work that goes first overtakes what was added before", async () => {
  const one = stageOfKinds({ first: 9, second: 9 });
  one.add("b", "second");
  one.add("a", "first");
  assert.deepEqual(await keysOf(one), ["a", "b"]);
});

Deno.test("no more keys of a kind are held than it may have, and the others go on", async () => {
  const one = stageOfKinds({ first: 1, second: 2 });
  for (const key of ["a1", "a2"]) one.add(key, "first");
  for (const key of ["b1", "b2", "b3"]) one.add(key, "second");
  const held = [];
  for (let lease = await next(one); lease !== undefined; lease = await next(one)) held.push(lease);
  assert.deepEqual(held.map(({ key }) => key), ["a1", "b1", "b2"]);
  const waiting = one.queue.take(forever);
  held[1]?.succeed();
  assert.equal((await waiting).key, "b3");
});

Deno.test("a queued key whose work has become another goes with its new kind", async () => {
  const one = stageOfKinds({ first: 9, second: 9 });
  one.add("a", "second");
  one.add("b", "second");
  one.add("b", "first");
  assert.deepEqual(await keysOf(one), ["b", "a"]);
});

Deno.test("a key of a kind that nobody declared comes all the same", async () => {
  const one = stageOfKinds({ first: 1 });
  one.add("x", "unheard-of");
  assert.deepEqual(await keysOf(one), ["x"]);
});
