import assert from "node:assert/strict";
import { bench, RawClient } from "./raw_client.ts";

const BASE = "http://github.test/_sim";

Deno.test("the control API does what it is asked, and says what is wrong", async () => {
  const { sim, client, clock } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const rows = [
    ["POST", "/jobs", { scaleSet: "linux", count: 2, durationMs: { fromMs: 1, toMs: 2 } }, 201],
    ["POST", "/jobs", { labels: ["linux"], scope: "octo/widgets" }, 201],
    ["POST", "/jobs", { count: 1 }, 400],
    ["POST", "/jobs", { scaleSet: "linux", count: 0 }, 400],
    ["POST", "/jobs", { scaleSet: 99, count: 1 }, 400],
    ["POST", "/jobs", { scaleSet: "linux", count: 1, result: "skipped" }, 400],
    ["POST", "/jobs", { labels: [1] }, 400],
    ["POST", "/jobs", { labels: "linux" }, 400],
    ["POST", "/jobs", { scaleSet: true }, 400],
    ["POST", "/jobs", { scaleSet: "linux", scope: 1 }, 400],
    ["POST", "/jobs", { scaleSet: "linux", displayName: {} }, 400],
    ["GET", "/jobs/none", undefined, 404],
    ["DELETE", "/jobs/none", undefined, 404],
    ["PUT", "/settings", { pollHoldMs: 10 }, 204],
    ["PUT", "/settings", { pollHold: 10 }, 400],
    ["PUT", "/settings", { adminTokenLifetimeMs: 1e300 }, 400],
    ["PUT", "/faults", [{ operation: "ack", effect: { do: "drop" } }], 204],
    ["PUT", "/faults", [{ operation: "nothing", effect: { do: "drop" } }], 400],
    ["POST", "/groups", { scope: "octo", name: "prod" }, 201],
    ["POST", "/runners", {}, 400],
    ["POST", "/runners", { jitConfig: "x", script: "dance" }, 400],
    ["POST", "/runners/1/forget", undefined, 404],
    ["POST", `/scalesets/${set.id}/lose-session`, undefined, 404],
    ["POST", `/scalesets/${set.id}/forget`, undefined, 204],
    ["GET", "/nothing", undefined, 404],
  ] as const;
  for (const [method, path, body, status] of rows) {
    const answer = await github.send(method, `${BASE}${path}`, { body });
    assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(answer.body)}`);
  }
  const { body: state } = await github.send("GET", `${BASE}/state`);
  assert.equal(state.jobs.length, 3);
  assert.deepEqual(state.scaleSets, []);
  assert.equal(state.calls.createscaleset, 1);
  const [{ jobId }] = state.jobs;
  assert.equal((await github.send("GET", `${BASE}/jobs/${jobId}`)).body.state, "queued");
  assert.equal((await github.send("DELETE", `${BASE}/jobs/${jobId}`)).status, 204);
  assert.equal(sim.control.job(jobId)?.result, "canceled");
  await clock.advance(0);
  await sim.stop();
});

Deno.test("the state names every session, with its set and its owner", async () => {
  const github = await bench().client();
  const { body: set } = await github.createSet("linux");
  const { opened } = await github.openSession(set.id, "somebody");
  const { body: { sessions } } = await github.send("GET", `${BASE}/state`);
  assert.deepEqual(sessions, [
    { id: opened.body.sessionId, scaleSetId: set.id, ownerName: "somebody" },
  ]);
});

Deno.test("a client of the control API needs no credentials and is not counted", async () => {
  const { sim } = bench();
  const github = new RawClient(sim.handle, { rest: "http://x", configUrl: "http://x/octo" });
  sim.control.setFaults([{ operation: "*", effect: { do: "drop" } }]);
  assert.equal((await github.send("GET", `${BASE}/state`)).status, 200);
  assert.ok(Object.values(sim.calls).every((count) => count === 0));
});
