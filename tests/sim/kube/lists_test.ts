import assert from "node:assert/strict";
import {
  aConfigMap,
  aDefinition,
  aKubeApi,
  aPod,
  aWidget,
  CONFIG_MAPS,
  MERGE,
  PODS,
  WIDGETS,
} from "./a_kube_api.ts";

function namesOf(list: { readonly items: readonly { readonly metadata: { name: string } }[] }) {
  return list.items.map((item) => item.metadata.name);
}

Deno.test("pages of a list are one snapshot, whatever happens in between", async () => {
  const { done } = aKubeApi();
  for (const name of ["c", "a", "b", "d", "e"]) {
    await done("POST", CONFIG_MAPS, { body: aConfigMap(name) });
  }
  const first = await done("GET", `${CONFIG_MAPS}?limit=2`);
  assert.deepEqual(namesOf(first), ["a", "b"]);
  assert.equal(first.metadata.remainingItemCount, 3);
  await done("DELETE", `${CONFIG_MAPS}/d`);
  await done("POST", CONFIG_MAPS, { body: aConfigMap("bb") });
  const token = encodeURIComponent(first.metadata.continue);
  const second = await done("GET", `${CONFIG_MAPS}?limit=2&continue=${token}`);
  assert.deepEqual(namesOf(second), ["c", "d"]);
  assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  const last = encodeURIComponent(second.metadata.continue);
  const third = await done("GET", `${CONFIG_MAPS}?limit=2&continue=${last}`);
  assert.deepEqual(namesOf(third), ["e"]);
  assert.equal(third.metadata.continue, undefined);
});

Deno.test("a continue token does not survive compaction", async () => {
  const { api, done, call } = aKubeApi();
  for (const name of ["a", "b"]) await done("POST", CONFIG_MAPS, { body: aConfigMap(name) });
  const first = await done("GET", `${CONFIG_MAPS}?limit=1`);
  api.compact();
  const token = encodeURIComponent(first.metadata.continue);
  const answer = await call("GET", `${CONFIG_MAPS}?limit=1&continue=${token}`);
  assert.equal(answer.code, 410);
  assert.equal(answer.body.reason, "Expired");
});

Deno.test("a version that does not exist yet is a timeout, one that is no number a mistake", async () => {
  const { api, call } = aKubeApi();
  const future = await call("GET", `${CONFIG_MAPS}?resourceVersion=${api.store.revision + 1}`);
  assert.equal(future.code, 504);
  assert.match(future.body.message, /^Timeout: Too large resource version: \d+, current: \d+$/);
  assert.equal((await call("GET", `${CONFIG_MAPS}?resourceVersion=x`)).code, 400);
});

Deno.test("lists select by label and by field", async () => {
  const { done, call } = aKubeApi();
  await done("POST", PODS, { body: aPod("a", { metadata: { name: "a", labels: { x: "1" } } }) });
  await done("POST", PODS, { body: aPod("b", { metadata: { name: "b", labels: { x: "2" } } }) });
  await done("PATCH", `${PODS}/b/status`, { body: { status: { phase: "Running" } }, type: MERGE });
  const select = async (query: string) => namesOf(await done("GET", `${PODS}?${query}`));
  assert.deepEqual(await select("labelSelector=x+in+(1,3)"), ["a"]);
  assert.deepEqual(await select("fieldSelector=status.phase%3DRunning"), ["b"]);
  assert.deepEqual(await select("fieldSelector=status.phase!%3DRunning,metadata.name%3Da"), ["a"]);
  const odd = await call("GET", `${PODS}?fieldSelector=spec.colour%3Dred`);
  assert.equal(odd.code, 400);
  assert.equal(odd.body.message, "field label not supported: spec.colour");
});

Deno.test("items of built-in kinds leave their kind to the list, custom ones name it", async () => {
  const { api, done } = aKubeApi();
  api.install([aDefinition({ type: "object" })]);
  await done("POST", CONFIG_MAPS, { body: aConfigMap("a") });
  await done("POST", WIDGETS, { body: aWidget("w") });
  const maps = await done("GET", CONFIG_MAPS);
  assert.equal(maps.kind, "ConfigMapList");
  assert.deepEqual(Object.keys(maps.items[0]), ["metadata"]);
  const widgets = await done("GET", WIDGETS);
  assert.equal(widgets.items[0].kind, "Widget");
});
