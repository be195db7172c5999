import assert from "node:assert/strict";
import type { Effect } from "../../../sim/faults.ts";
import { settle } from "../../../sim/clock.ts";
import { bench, RawClient, USER_AGENT } from "./raw_client.ts";

Deno.test("a forced answer comes as often as was said, with its headers, and nothing is done", async () => {
  const { sim, client } = bench();
  const github = await client();
  sim.control.setFaults([{
    operation: "createscaleset",
    effect: { do: "answer", status: 503, retryAfterSeconds: 7 },
    times: 2,
  }]);
  for (let i = 0; i < 2; i++) {
    const { status, headers } = await github.createSet("linux");
    assert.deepEqual([status, headers.get("retry-after")], [503, "7"]);
  }
  assert.equal(sim.control.state().scaleSets.length, 0);
  assert.equal((await github.createSet("linux")).status, 200);
  assert.equal(sim.calls.createscaleset, 3);
});

Deno.test("an answer of one's own replaces body and headers", async () => {
  const { sim } = bench();
  const github = new RawClient(sim.handle, {
    rest: "http://github.test",
    configUrl: "https://github.com/octo",
  });
  sim.control.setFaults([{
    operation: "registrationtoken",
    effect: {
      do: "answer",
      status: 401,
      headers: { "content-type": "text/plain" },
      body: '"Unicorn"',
    },
  }]);
  const { body, headers } = await github.registrationToken();
  assert.equal(body, "Unicorn");
  assert.equal(headers.get("content-type"), "text/plain");
});

Deno.test("a dropped call does nothing, a dropped answer does all", async () => {
  const { sim, client } = bench();
  const github = await client();
  sim.control.setFaults([{ operation: "createscaleset", effect: { do: "drop" }, times: 1 }]);
  await assert.rejects(github.createSet("a"), TypeError);
  assert.equal(sim.control.state().scaleSets.length, 0);
  sim.control.setFaults([{ operation: "createscaleset", effect: { do: "drop-answer" }, times: 1 }]);
  await assert.rejects(github.createSet("a"), TypeError);
  assert.equal(sim.control.state().scaleSets.length, 1);
});

Deno.test("a call that hangs ends when its caller gives up", async () => {
  const { sim } = bench();
  sim.control.setFaults([{ operation: "*", effect: { do: "hang" } }]);
  const caller = new AbortController();
  const call = sim.handle(
    new Request("http://github.test/actions/runner-registration", {
      method: "POST",
      headers: { "user-agent": USER_AGENT },
      signal: caller.signal,
    }),
  );
  await settle();
  caller.abort(new Error("enough"));
  await assert.rejects(call, /enough/);
});

Deno.test("a delayed call waits on the clock, and latency comes before every call", async () => {
  const { clock, sim, client } = bench();
  const github = await client();
  sim.control.change({ latencyMs: 100 });
  sim.control.setFaults([{ operation: "createscaleset", effect: { do: "delay", ms: 900 } }]);
  let isDone = false;
  const call = github.createSet("linux").finally(() => isDone = true);
  await clock.advance(999);
  assert.ok(!isDone);
  await clock.advance(1);
  assert.equal((await call).status, 200);
});

Deno.test("answers are rewritten and spoilt", async () => {
  const { sim, client } = bench();
  const github = await client();
  const textWith = async (effect: Effect) => {
    sim.control.setFaults([{ operation: "findrunnergroup", effect, times: 1 }]);
    const url = `${github.service}_apis/runtime/runnergroups?groupName=x&api-version=6.0-preview`;
    const response = await sim.handle(
      new Request(url, {
        headers: {
          authorization: `Bearer ${github.admin}`,
          "content-type": "application/json",
          "user-agent": USER_AGENT,
        },
      }),
    );
    return Array.from(
      new Uint8Array(await response.arrayBuffer()),
      (byte) => String.fromCharCode(byte),
    ).join("");
  };
  assert.equal(
    await textWith({ do: "rewrite", mergePatch: { count: 2 } }),
    '{"count":2,"value":[]}',
  );
  assert.equal(await textWith({ do: "spoil", how: "empty" }), "");
  assert.equal(await textWith({ do: "spoil", how: "cut" }), '{"count":0,');
  const bom = "\u00ef\u00bb\u00bf";
  assert.equal(
    await textWith({ do: "spoil", how: "byte-order-mark" }),
    `${bom}{"count":0,"value":[]}`,
  );
});

Deno.test("what a message tells comes in the opposite order, and an answer without one as it is", async () => {
  const { sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  sim.control.setFaults([{ operation: "*", effect: { do: "reorder" } }]);
  const [first, second] = sim.control.queueJobs({ scaleSet: set.id, count: 2 });
  const told = await session.take();
  assert.deepEqual(told.map(({ jobId }) => jobId), [second, first]);
  assert.equal((await session.refresh()).status, 200);
  await sim.stop();
});

Deno.test("a message is delivered twice, a session lost, a set forgotten", async () => {
  const { sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  sim.control.setFaults([{ operation: "poll", effect: { do: "repeat" }, times: 1 }]);
  sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  const first = await session.take();
  assert.equal(session.lastMessageId, 100_000_001);
  assert.deepEqual(await session.take(), first);
  assert.equal(session.lastMessageId, 100_000_002);

  sim.control.setFaults([{ operation: "ack", effect: { do: "lose-session" }, times: 1 }]);
  assert.equal((await session.acknowledge(1)).status, 401);
  assert.equal((await session.refresh()).status, 404);
  const next = await github.openSession(set.id);
  sim.control.setFaults([{ operation: "poll", effect: { do: "forget-scale-set" }, times: 1 }]);
  assert.equal((await next.poll()).status, 401);
  assert.equal((await next.refresh()).status, 404);
  assert.equal((await github.openSession(set.id)).opened.status, 404);
  await sim.stop();
});

Deno.test("whoever intercepts a call answers it in place of the simulation", async () => {
  const seen: string[] = [];
  const { sim, client } = bench({}, {
    intercept: ({ operation }) => {
      seen.push(operation);
      const answer = operation === "createscaleset" ? Response.json({ id: 1 }) : undefined;
      return Promise.resolve(answer);
    },
  });
  const github = await client();
  assert.deepEqual((await github.createSet("linux")).body, { id: 1 });
  assert.deepEqual(seen, ["registrationtoken", "runnerregistration", "createscaleset"]);
  assert.equal(sim.control.state().scaleSets.length, 0);
});
