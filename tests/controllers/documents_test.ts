import assert from "node:assert/strict";
import { type DocumentKey, Documents } from "../../controllers/documents.ts";
import { createKubeClient } from "../../kube/client.ts";
import { SECRETS } from "../../kube/resources.ts";
import { createTransport } from "../../kube/transport.ts";
import type { PolicyRule } from "../../kube/types.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { startWorld } from "../../sim/world.ts";
import { grant } from "../../sim/world_objects.ts";

const ACCOUNT = { namespace: "arc-systems", name: "arc-gha-rs-controller" };
const KEY: DocumentKey = { kind: "Secret", namespace: "a", name: "s" };
const PLACE = { namespace: "a", name: "s" };

/** Documents of a controller that may do this to Secrets, over a simulated cluster with one Secret. */
async function open(verbs: readonly string[]) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const world = await startWorld({
    clock,
    random,
    at: "memory",
    controllerRights: { cluster: [], ownNamespace: [] },
  });
  const rules: PolicyRule[] = [{ apiGroups: [""], resources: ["secrets"], verbs: [...verbs] }];
  const secret = (value: string) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: PLACE,
    data: { v: btoa(value) },
  });
  const rights = verbs.length === 0 ? [] : grant(ACCOUNT, { name: "r", rules, namespace: "a" });
  await world.apply([...rights, secret("one")]);
  const token = world.api.tokenFor({ serviceAccount: ACCOUNT });
  const kube = createKubeClient(
    createTransport({ connection: world.connection(token), clock, userAgent: "test" }),
  );
  const documents = new Documents({ kube, clock, random, log: silentLogger });
  const changes: string[] = [];
  documents.onChange(({ name }) => changes.push(name));
  const stopping = new AbortController();
  const running = documents.run(stopping.signal);
  const gets = () =>
    world.api.requests.rows().filter(({ user, verb }) =>
      user.endsWith(ACCOUNT.name) && verb === "get"
    ).reduce((sum, { count }) => sum + count, 0);
  return {
    clock,
    documents,
    changes,
    gets,
    rotate: (value: string) => world.admin.patch(SECRETS, PLACE, { data: { v: btoa(value) } }),
    allow: async (verb: string) => {
      const more = [{ apiGroups: [""], resources: ["secrets"], verbs: [verb] }];
      await world.apply(grant(ACCOUNT, { name: verb, rules: more, namespace: "a" }));
    },
    remove: () => world.admin.delete(SECRETS, PLACE, {}),
    read: async (maxAgeMs = 600_000) => {
      const { signal } = stopping;
      const reading = await documents.read(KEY, { maxAgeMs, signal });
      return reading.found === "data" ? atob(reading.data["v"] ?? "") : reading.found;
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new DOMException("over", "AbortError"));
      await running;
      await world.stop();
      await clock.advance(0);
    },
  };
}

Deno.test("F30: where it may be watched, a change is seen at once and nothing is asked again", async () => {
  await using story = await open(["get", "list", "watch"]);
  assert.equal(await story.read(), "one");
  await story.clock.advance(1_000);
  const before = story.gets();
  for (const value of ["two", "three"]) {
    await story.rotate(value);
    await story.clock.advance(1_000);
    assert.equal(await story.read(0), value);
  }
  await story.remove();
  await story.clock.advance(1_000);
  assert.equal(await story.read(0), "nothing");
  assert.equal(story.gets(), before);
  assert.deepEqual(story.changes, ["s", "s", "s"]);
});

Deno.test("where it may not, it is read again when it is too old or not trusted any more", async () => {
  await using story = await open(["get", "list"]);
  await story.read();
  await story.clock.advance(1_000);
  const before = story.gets();
  await story.rotate("two");
  assert.equal(await story.read(), "one");
  assert.equal(story.gets(), before);
  story.documents.distrust(KEY);
  assert.equal(await story.read(), "two");
  assert.deepEqual(story.changes, ["s"]);
  await story.rotate("three");
  await story.clock.advance(600_000);
  assert.equal(await story.read(), "three");
});

Deno.test("rights that come later are found within an hour", async () => {
  await using story = await open(["get", "list"]);
  await story.read();
  await story.clock.advance(1_000);
  await story.allow("watch");
  await story.clock.advance(3_600_000);
  await story.rotate("two");
  await story.clock.advance(1_000);
  assert.deepEqual(story.changes, ["s"]);
});

Deno.test("what may not be read at all is a reading too", async () => {
  await using story = await open([]);
  assert.equal(await story.read(), "refusal");
});

Deno.test("what nobody needs is not followed any more, and read anew when somebody does", async () => {
  await using story = await open(["get", "list", "watch"]);
  await story.read();
  await story.clock.advance(1_000);
  story.documents.retain([KEY]);
  assert.equal(story.gets(), 1);
  story.documents.retain([]);
  await story.rotate("two");
  await story.clock.advance(1_000);
  assert.deepEqual(story.changes, []);
  assert.equal(await story.read(), "two");
  assert.equal(story.gets(), 2);
});
