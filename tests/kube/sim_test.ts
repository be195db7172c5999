import assert from "node:assert/strict";
import { createCache } from "../../kube/cache.ts";
import { createKubeClient, type KubeClient } from "../../kube/client.ts";
import { isAlreadyExists, isConflict, isForbidden, isPatchTestFailed } from "../../kube/errors.ts";
import { runAsLeader } from "../../kube/leader.ts";
import { withFinalizer, withoutFinalizer } from "../../kube/meta.ts";
import { reflect } from "../../kube/reflector.ts";
import { CONFIG_MAPS, PODS, SECRETS } from "../../kube/resources.ts";
import { createTransport } from "../../kube/transport.ts";
import type { ConfigMap } from "../../kube/types.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { type KubeApi, startKubeApi } from "../../sim/kube/server.ts";
import { versionsOf } from "./model_server.ts";

/** Our client on the simulated API server, in memory. */
class Stage implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly api: KubeApi = startKubeApi({ clock: this.clock, random: seededRandom(1) });
  readonly client = this.clientWith(this.api.tokenFor("admin"));
  readonly abort = new AbortController();
  readonly tasks: Promise<void>[] = [];

  clientWith(token: string): KubeClient {
    return createKubeClient(createTransport({
      connection: {
        server: "http://kube.test",
        headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
        fetch: this.api.handle,
      },
      clock: this.clock,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort.abort();
    await Promise.all(this.tasks);
    this.api.stop();
    await this.clock.advance(0);
  }
}

function config(name: string, value = "1"): ConfigMap {
  return { metadata: { namespace: "default", name }, data: { value } };
}

const KEY = { namespace: "default", name: "a" };

Deno.test("the verbs do what they say on a server that behaves", async () => {
  await using stage = new Stage();
  const { client } = stage;
  const created = await client.create(CONFIG_MAPS, config("a"));
  await assert.rejects(client.create(CONFIG_MAPS, config("a")), isAlreadyExists);
  assert.deepEqual(await client.get(CONFIG_MAPS, KEY), created);
  assert.equal(await client.get(CONFIG_MAPS, { ...KEY, name: "none" }), undefined);

  const patched = await client.patch(CONFIG_MAPS, KEY, { data: { more: "2" } });
  assert.deepEqual(patched.data, { value: "1", more: "2" });
  await assert.rejects(client.update(CONFIG_MAPS, { ...created, data: {} }), isConflict);
  const replaced = await client.update(CONFIG_MAPS, { ...patched, data: { value: "3" } });
  assert.deepEqual(replaced.data, { value: "3" });
  const applied = await client.apply(CONFIG_MAPS, config("a", "4"), { fieldManager: "me" });
  assert.equal(applied.data?.value, "4");

  assert.equal(await client.delete(CONFIG_MAPS, KEY, { uid: "another" }), undefined);
  assert.ok(await client.get(CONFIG_MAPS, KEY), "another incarnation was meant");
  assert.equal(
    await client.delete(CONFIG_MAPS, KEY, { uid: created.metadata?.uid }),
    undefined,
  );
  assert.equal(await client.get(CONFIG_MAPS, KEY), undefined);
});

Deno.test("a finalizer holds an object until we drop ours, and nobody else's", async () => {
  await using stage = new Stage();
  const { client } = stage;
  const created = await client.create(CONFIG_MAPS, config("a"));
  const add = withFinalizer(created, "example.com/ours") ?? [];
  const ours = await client.jsonPatch(CONFIG_MAPS, KEY, add);
  assert.deepEqual(ours.metadata?.finalizers, ["example.com/ours"]);
  await assert.rejects(client.jsonPatch(CONFIG_MAPS, KEY, add), isPatchTestFailed);

  const both = await client.patch(CONFIG_MAPS, KEY, {
    metadata: { finalizers: ["example.com/theirs", "example.com/ours"] },
  });
  const stale = withoutFinalizer(ours, "example.com/ours") ?? [];
  await assert.rejects(client.jsonPatch(CONFIG_MAPS, KEY, stale), isPatchTestFailed);
  const held = await client.delete(CONFIG_MAPS, KEY);
  assert.deepEqual(held?.metadata?.finalizers, both.metadata?.finalizers);

  for (const finalizer of ["example.com/ours", "example.com/theirs"]) {
    const now = await client.get(CONFIG_MAPS, KEY) ?? assert.fail("gone too early");
    await client.jsonPatch(CONFIG_MAPS, KEY, withoutFinalizer(now, finalizer) ?? []);
  }
  assert.equal(await client.get(CONFIG_MAPS, KEY), undefined);
});

Deno.test("who may not is forbidden", async () => {
  await using stage = new Stage();
  const nobody = stage.clientWith(stage.api.tokenFor({ user: "nobody" }));
  await assert.rejects(nobody.get(SECRETS, KEY), isForbidden);
});

for (const how of ["close", "break", "expire"] as const) {
  Deno.test(`a reflector keeps its cache equal to the server when watches end (${how})`, async () => {
    await using stage = new Stage();
    const { api, client, clock } = stage;
    for (let i = 0; i < 600; i++) await client.create(CONFIG_MAPS, config(`first-${i}`));
    const cache = createCache<ConfigMap>({ clock });
    stage.tasks.push(reflect({
      client,
      type: CONFIG_MAPS,
      sink: cache.sink(),
      namespace: "default",
      clock,
      random: seededRandom(2),
      log: silentLogger,
    }, stage.abort.signal));
    await clock.advance(0);
    assert.ok(cache.hasSynced);

    await client.patch(CONFIG_MAPS, { ...KEY, name: "first-1" }, { data: { value: "2" } });
    await client.delete(CONFIG_MAPS, { ...KEY, name: "first-2" });
    api.endWatches(how);
    if (how === "expire") api.compact();
    await client.delete(CONFIG_MAPS, { ...KEY, name: "first-3" });
    await client.create(CONFIG_MAPS, config("last"));
    await clock.advance(5_000);
    const stored = await client.list(CONFIG_MAPS, { namespace: "default" });
    assert.deepEqual(versionsOf(cache.all()), versionsOf(stored));
    assert.equal(stored.length, 599);
  });
}

Deno.test("an absorbed write is shown at once, and the watch agrees with it", async () => {
  await using stage = new Stage();
  const { client, clock } = stage;
  const cache = createCache<ConfigMap>({ clock });
  stage.tasks.push(reflect({
    client,
    type: CONFIG_MAPS,
    sink: cache.sink(),
    clock,
    random: seededRandom(2),
    log: silentLogger,
  }, stage.abort.signal));
  await clock.advance(0);
  const written = await client.create(CONFIG_MAPS, config("a"));
  cache.absorb(written);
  assert.equal(cache.get(KEY)?.metadata?.resourceVersion, written.metadata?.resourceVersion);
  await clock.advance(60_000);
  assert.equal(cache.get(KEY)?.metadata?.resourceVersion, written.metadata?.resourceVersion);
});

Deno.test("leadership passes on through a real lease", async () => {
  await using stage = new Stage();
  const { client, clock } = stage;
  const order: string[] = [];
  const aborts = ["one", "two"].map((identity) => {
    const abort = new AbortController();
    stage.tasks.push(runAsLeader(
      {
        client,
        key: { namespace: "default", name: "lock" },
        identity,
        clock,
        random: seededRandom(3),
        log: silentLogger,
      },
      async (signal) => {
        order.push(identity);
        await clock.sleep(3_600_000, signal);
      },
      abort.signal,
    ));
    return abort;
  });
  await clock.advance(60_000);
  assert.deepEqual(order, ["one"]);
  aborts[0]?.abort();
  await clock.advance(5_000);
  assert.deepEqual(order, ["one", "two"]);
  aborts[1]?.abort();
  await clock.advance(5_000);
  assert.equal(await client.get(PODS, { namespace: "default", name: "none" }), undefined);
});
