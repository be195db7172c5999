import assert from "node:assert/strict";
import type { Write } from "../../../sim/kube/engine.ts";
import type { SeenRequest } from "../../../sim/kube/router.ts";
import { aConfigMap, aKubeApi, CONFIG_MAPS, MERGE, PODS, watching } from "./a_kube_api.ts";

Deno.test("requests are counted by user, verb and resource", async () => {
  const { api, call } = aKubeApi();
  const token = api.tokenFor({ user: "eve", groups: ["system:masters"] });
  await call("GET", PODS, { token });
  await call("GET", `${PODS}/a`, { token });
  await call("PATCH", `${PODS}/a/status`, { token, body: {}, type: MERGE });
  await call("POST", CONFIG_MAPS, { body: aConfigMap("c") });
  assert.deepEqual(
    api.requests.rows().map((row) => `${row.user} ${row.verb} ${row.resource} ${row.count}`),
    [
      "eve list pods 1",
      "eve get pods 1",
      "eve patch pods/status 1",
      "kubernetes-admin create configmaps 1",
    ],
  );
  assert.equal(api.requests.count({ user: "eve" }), 3);
  assert.equal(api.requests.writes(), 2);
  api.requests.reset();
  assert.equal(api.requests.count(), 0);
});

Deno.test("a fault can answer, delay or break any request", async () => {
  const seen: SeenRequest[] = [];
  const talk = aKubeApi({
    intercept: async (request) => {
      seen.push(request);
      if (request.verb === "create") return new Response("slow down", { status: 429 });
      if (request.name === "slow") await talk.clock.sleep(10_000);
      if (request.name === "broken") throw new TypeError("connection reset");
      return undefined;
    },
  });
  assert.equal((await talk.call("POST", CONFIG_MAPS, { body: aConfigMap("c") })).code, 429);
  assert.equal((await talk.call("GET", `${CONFIG_MAPS}/c`)).code, 404);
  await assert.rejects(talk.call("GET", `${CONFIG_MAPS}/broken`), TypeError);
  let isDone = false;
  const slow = talk.call("GET", `${CONFIG_MAPS}/slow`).then(() => isDone = true);
  await talk.clock.advance(9_999);
  assert.ok(!isDone);
  await talk.clock.advance(1);
  await slow;
  const { user, verb, resource, namespace, name } = seen[1] as SeenRequest;
  assert.deepEqual({ user, verb, resource, namespace, name }, {
    user: "kubernetes-admin",
    verb: "get",
    resource: "configmaps",
    namespace: "default",
    name: "c",
  });
});

Deno.test("each completed write is told, also the control plane's", async () => {
  const writes: Write[] = [];
  const talk = aKubeApi({ onWrite: (write) => writes.push(write) });
  writes.length = 0;
  const owner = await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("a") });
  const { name, uid } = owner.metadata;
  const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name, uid }];
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("b", { ownerReferences }) });
  await talk.done("PATCH", `${CONFIG_MAPS}/a`, { body: {}, type: MERGE });
  await talk.done("DELETE", `${CONFIG_MAPS}/a`);
  await talk.clock.advance(1000);
  assert.deepEqual(
    writes.map((write) =>
      `${write.verb} ${write.object.metadata.name}${write.removed ? " removed" : ""}`
    ),
    ["create a", "create b", "delete a removed", "delete b removed"],
  );
  assert.equal(writes[3]?.user, "system:serviceaccount:kube-system:generic-garbage-collector");
  assert.equal(writes[2]?.before?.metadata.uid, uid);
});

Deno.test("install creates and replaces without a client", () => {
  const { api } = aKubeApi();
  api.install([{ ...aConfigMap("c"), data: { a: "1" } }]);
  api.install([{ ...aConfigMap("c"), data: { a: "2" } }]);
  const stored = api.store.get({ group: "", plural: "configmaps" }, {
    namespace: "default",
    name: "c",
  });
  assert.deepEqual(stored?.data, { a: "2" });
  assert.throws(() => api.install([{ kind: "Riddle", metadata: { name: "r" } }]), /no such kind/);
});

Deno.test("what is served by nobody is not found, what is not allowed says so", async () => {
  const { call } = aKubeApi();
  assert.equal((await call("GET", "/apis/nowhere.dev/v1/things")).body, "404 page not found\n");
  assert.equal((await call("GET", "/api/v1/namespaces/default/things")).code, 404);
  assert.equal((await call("POST", "/api/v1/pods", { body: {} })).code, 405);
  const odd = await call("PATCH", `${PODS}/a`, { body: {}, type: "text/plain" });
  assert.ok([404, 415].includes(odd.code));
  const broken = await call("POST", PODS, { body: "{" });
  assert.equal(broken.code, 400);
  assert.equal(broken.body.reason, "BadRequest");
});

Deno.test("after stop no watch and no timer is left", async () => {
  const talk = aKubeApi();
  const log = await watching(talk, `${PODS}?watch=1&allowWatchBookmarks=true`);
  talk.api.stop();
  await log.over;
  assert.equal(talk.api.watchCount, 0);
});

Deno.test("over real HTTP a client watches, goes away, and is let go", async () => {
  const talk = aKubeApi();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    talk.api.handle,
  );
  const headers = { authorization: `Bearer ${talk.api.tokenFor("admin")}` };
  const base = `http://127.0.0.1:${server.addr.port}`;
  const caller = new AbortController();
  const response = await fetch(`${base}${CONFIG_MAPS}?watch=1`, { headers, signal: caller.signal });
  const reader = response.body?.getReader();
  const made = await fetch(`${base}${CONFIG_MAPS}`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(aConfigMap("c")),
  });
  assert.equal(made.status, 201);
  await made.body?.cancel();
  const first = await reader?.read();
  assert.match(
    new TextDecoder().decode(first?.value),
    /^{"type":"ADDED","object":{"apiVersion":"v1"/,
  );
  assert.equal(talk.api.watchCount, 1);
  caller.abort();
  await assert.rejects(reader?.read() ?? Promise.resolve());
  await server.shutdown();
  assert.equal(talk.api.watchCount, 0);
  talk.api.stop();
});
