import assert from "node:assert/strict";
import { aConfigMap, aKubeApi, CONFIG_MAPS, MERGE, watching } from "./a_kube_api.ts";

function label(value: string) {
  return { body: { metadata: { labels: { x: value } } }, type: MERGE };
}

Deno.test("a watch from a list's version misses nothing and repeats nothing", async () => {
  const talk = aKubeApi();
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("a") });
  const list = await talk.done("GET", CONFIG_MAPS);
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("b") });
  const log = await watching(
    talk,
    `${CONFIG_MAPS}?watch=1&resourceVersion=${list.metadata.resourceVersion}`,
  );
  await talk.done("PATCH", `${CONFIG_MAPS}/a`, label("1"));
  const gone = await talk.done("DELETE", `${CONFIG_MAPS}/b`);
  assert.equal(gone.status, "Success");
  await talk.clock.advance(0);
  assert.deepEqual(log.lines(), ["ADDED b", "MODIFIED a", "DELETED b"]);
  const versions = log.events.map((event) => Number(event.object.metadata.resourceVersion));
  assert.deepEqual(
    versions,
    [...versions].sort((a, b) => a - b),
    "also a deletion has its version",
  );
  assert.equal(versions.at(-1), talk.api.store.revision);
  await log.cancel();
  assert.equal(talk.api.watchCount, 0);
});

Deno.test("a watch without a version starts with what is stored", async () => {
  const talk = aKubeApi();
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("a") });
  for (const from of ["", "&resourceVersion=0"]) {
    const log = await watching(talk, `${CONFIG_MAPS}?watch=1${from}`);
    await talk.clock.advance(0);
    assert.deepEqual(log.lines(), ["ADDED a"]);
    await log.cancel();
  }
});

Deno.test("objects come and go as a selector sees them", async () => {
  const talk = aKubeApi();
  const log = await watching(talk, `${CONFIG_MAPS}?watch=1&labelSelector=x%3D1`);
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("a") });
  await talk.done("PATCH", `${CONFIG_MAPS}/a`, label("1"));
  await talk.done("PATCH", `${CONFIG_MAPS}/a`, { body: { data: { k: "v" } }, type: MERGE });
  await talk.done("PATCH", `${CONFIG_MAPS}/a`, label("2"));
  await talk.done("DELETE", `${CONFIG_MAPS}/a`);
  await talk.clock.advance(0);
  assert.deepEqual(log.lines(), ["ADDED a", "MODIFIED a", "DELETED a"]);
  assert.deepEqual(log.events[2]?.object.metadata.labels, { x: "1" }, "as it last matched");
  await log.cancel();
});

Deno.test("a watch of one namespace hears nothing of another", async () => {
  const talk = aKubeApi();
  const here = await watching(talk, `${CONFIG_MAPS}?watch=1`);
  const all = await watching(talk, "/api/v1/configmaps?watch=1");
  await talk.done("POST", "/api/v1/namespaces/kube-system/configmaps", { body: aConfigMap("a") });
  await talk.clock.advance(0);
  assert.deepEqual(here.lines(), []);
  assert.deepEqual(all.lines(), ["ADDED a"]);
  await here.cancel();
  await all.cancel();
});

Deno.test("a watch ends after timeoutSeconds, with bookmarks on the way where they are asked for", async () => {
  const talk = aKubeApi();
  const plain = await watching(talk, `${CONFIG_MAPS}?watch=1&timeoutSeconds=90`);
  const marked = await watching(
    talk,
    `${CONFIG_MAPS}?watch=1&timeoutSeconds=90&allowWatchBookmarks=true`,
  );
  await talk.clock.advance(89_000);
  assert.deepEqual(marked.lines(), ["BOOKMARK"]);
  assert.equal(
    marked.events[0]?.object.metadata.resourceVersion,
    String(talk.api.store.revision),
  );
  assert.equal(marked.events[0]?.object.kind, "ConfigMap");
  assert.equal(talk.api.watchCount, 2);
  await talk.clock.advance(1000);
  await plain.over;
  await marked.over;
  assert.deepEqual(plain.lines(), []);
  assert.equal(talk.api.watchCount, 0);
});

Deno.test("sendInitialEvents ends what is stored with a marked bookmark", async () => {
  const talk = aKubeApi();
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("a") });
  const log = await watching(
    talk,
    `${CONFIG_MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan` +
      "&allowWatchBookmarks=true",
  );
  await talk.clock.advance(0);
  assert.deepEqual(log.lines(), ["ADDED a", "BOOKMARK"]);
  assert.deepEqual(log.events[1]?.object.metadata.annotations, {
    "k8s.io/initial-events-end": "true",
  });
  await log.cancel();
});

Deno.test("after compaction an old version is gone, by event or by status", async () => {
  const talk = aKubeApi();
  const { revision } = talk.api.store;
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("a") });
  const path = `${CONFIG_MAPS}?watch=1&resourceVersion=${revision}`;
  const before = await watching(talk, path);
  talk.api.compact();
  const inside = await watching(talk, path);
  await inside.over;
  assert.equal(inside.events.length, 1);
  assert.equal(inside.events[0]?.type, "ERROR");
  assert.equal(inside.events[0]?.object.code, 410);
  assert.equal(inside.events[0]?.object.reason, "Expired");
  assert.match(inside.events[0]?.object.message, /^too old resource version: \d+ \(\d+\)$/);
  talk.api.compact({ answer: "status" });
  assert.equal((await talk.call("GET", path)).code, 410);
  await talk.clock.advance(0);
  assert.deepEqual(before.lines(), ["ADDED a"], "a watch under way goes on");
  await before.cancel();
});

Deno.test("the history of a resource is bounded", async () => {
  const talk = aKubeApi({ historyLength: 4 });
  const { revision } = talk.api.store;
  for (let i = 0; i < 20; i++) await talk.done("POST", CONFIG_MAPS, { body: aConfigMap(`c${i}`) });
  const old = await watching(talk, `${CONFIG_MAPS}?watch=1&resourceVersion=${revision}`);
  await old.over;
  assert.equal(old.events[0]?.object.code, 410);
  const recent = await watching(talk, `${CONFIG_MAPS}?watch=1&resourceVersion=${revision + 17}`);
  await talk.clock.advance(0);
  assert.deepEqual(recent.lines(), ["ADDED c17", "ADDED c18", "ADDED c19"]);
  await recent.cancel();
});

Deno.test("watches can be closed, broken or expired from outside", async () => {
  const talk = aKubeApi();
  const closed = await watching(talk, `${CONFIG_MAPS}?watch=1`);
  talk.api.endWatches("close");
  await closed.over;
  const broken = await watching(talk, `${CONFIG_MAPS}?watch=1`);
  talk.api.endWatches("break");
  await assert.rejects(broken.over, TypeError);
  const expired = await watching(talk, `${CONFIG_MAPS}?watch=1`);
  talk.api.endWatches("expire");
  await expired.over;
  assert.equal(expired.events[0]?.object.code, 410);
});

Deno.test("a caller that aborts gets its reason and leaves nothing behind", async () => {
  const talk = aKubeApi();
  const caller = new AbortController();
  const response = await talk.raw(`${CONFIG_MAPS}?watch=1&timeoutSeconds=60`, caller.signal);
  const reading = response.body?.getReader().read();
  const reason = new Error("enough");
  caller.abort(reason);
  await assert.rejects(reading ?? Promise.resolve(), reason);
  assert.equal(talk.api.watchCount, 0);
});
