import assert from "node:assert/strict";
import { settle } from "../../../sim/clock.ts";
import { bench, messagesIn } from "./raw_client.ts";

Deno.test("§20.48 a second session is refused while one is live", async () => {
  const { client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const first = await github.openSession(set.id, "first");
  const second = await github.openSession(set.id, "second");
  assert.equal(second.opened.status, 409);
  assert.ok(second.opened.body.typeName.includes("SessionConflict"));
  assert.match(second.opened.body.message, /first/);
  assert.equal((await first.close()).status, 204);
  assert.equal((await first.close()).status, 400);
  assert.equal((await github.openSession(set.id, "second")).opened.status, 200);
});

Deno.test("§20.53 the capacity header is found whatever its letter case", async () => {
  const { clock, sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  sim.control.queueJobs({ scaleSet: set.id, count: 3 });
  for (const name of ["x-scalesetmaxcapacity", "X-SCALESETMAXCAPACITY", "X-ScaleSetMaxCapacity"]) {
    const { messageQueueUrl, messageQueueAccessToken } = session.opened.body;
    const polled = github.send("GET", messageQueueUrl, {
      headers: {
        accept: "application/json; api-version=6.0-preview",
        authorization: `Bearer ${messageQueueAccessToken}`,
        [name]: "0",
      },
    });
    await clock.advance(50_000);
    assert.equal((await polled).status, 202);
  }
  await sim.stop();
});

Deno.test("§20.58 a held poll ends with 202 after its time, and at once when there is news", async () => {
  const { clock, sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const began = clock.now().getTime();
  const idle = session.poll().then((answer) => ({ answer, at: clock.now().getTime() - began }));
  await clock.advance(60_000);
  assert.equal((await idle).at, 50_000);
  assert.equal((await idle).answer.status, 202);
  const polled = session.poll();
  await clock.advance(10_000);
  sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  assert.equal((await polled).status, 200);
  await sim.stop();
});

Deno.test("§20.58 an envelope has at most 50 inner messages, and what was not deleted comes again without cursor", async () => {
  const { sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const first = await github.openSession(set.id);
  sim.control.queueJobs({ scaleSet: set.id, count: 120 });
  const sizes = [];
  for (let i = 0; i < 3; i++) {
    const { body } = await first.poll({ capacity: 1_000 });
    first.lastMessageId = body.messageId;
    sizes.push(messagesIn(body).length);
    assert.equal(body.statistics.totalAssignedJobs, 120);
    if (i === 0) assert.equal((await first.acknowledge(body.messageId)).status, 204);
  }
  assert.deepEqual(sizes, [50, 50, 20]);
  await first.close();
  const second = await github.openSession(set.id);
  const again = await second.take();
  assert.equal(again.length, 50);
  assert.equal(second.lastMessageId, 100_000_002);
  assert.equal((await second.take()).length, 20);
  assert.equal((await second.acknowledge(100_000_003)).status, 204, "twice does no harm");
  await sim.stop();
});

Deno.test("§20.59 with capacity 0 nothing is assigned, with N at most N unfinished jobs", async () => {
  const { clock, sim, client } = bench({ pollHoldMs: 1_000 });
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  sim.control.queueJobs({ scaleSet: set.id, count: 5 });
  const nothing = session.poll({ capacity: 0 });
  await clock.advance(1_000);
  assert.equal((await nothing).status, 202);
  assert.equal((await session.take(2)).length, 2);
  const none = session.poll({ capacity: 2 });
  await clock.advance(500);
  const running = sim.control.state().jobs.find(({ state }) => state === "assigned");
  sim.control.cancelJob(running?.jobId ?? "");
  const told = messagesIn((await none).body).map(({ messageType }) => messageType);
  assert.deepEqual(told, ["JobCompleted", "JobAssigned"]);
  assert.equal(sim.control.state().scaleSets[0]?.statistics.totalAssignedJobs, 2);
  await sim.stop();
});

Deno.test("without a poll in progress nothing is assigned", async () => {
  const { sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const given = new AbortController();
  const polled = session.poll({ signal: given.signal });
  await settle();
  given.abort(new Error("the listener went away"));
  await assert.rejects(polled, /went away/);
  sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  assert.equal(sim.control.state().jobs[0]?.state, "queued");
  assert.equal((await session.take())[0]?.messageType, "JobAssigned");
  await sim.stop();
});

Deno.test("a queue token ends with its time and with a refresh; an admin token is none", async () => {
  const { clock, sim, client } = bench({ queueTokenLifetimeMs: 20_000 });
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const old = session.opened.body.messageQueueAccessToken;
  await clock.advance(20_000);
  const expired = await session.poll();
  assert.equal(expired.status, 401);
  assert.ok(expired.body.typeName.includes("InvalidTokenException"));
  const { status, body } = await session.refresh();
  assert.equal(status, 200);
  assert.notEqual(body.messageQueueAccessToken, old);
  sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  assert.equal((await session.take()).length, 1);
  session.opened = {
    ...session.opened,
    body: { ...session.opened.body, messageQueueAccessToken: github.admin },
  };
  assert.equal((await session.poll()).status, 401);
  await sim.stop();
});

Deno.test("in the broker back end there is nothing to acquire; in pipelines only with the queue token", async () => {
  const broker = await bench().client();
  const { body: set } = await broker.createSet("linux");
  assert.equal((await (await broker.openSession(set.id)).acquire([1])).status, 404);
  const pipelines = await bench({ backend: "pipelines" }).client();
  const { body: other } = await pipelines.createSet("linux");
  const session = await pipelines.openSession(other.id);
  assert.deepEqual((await session.acquire([1])).body, { count: 0, value: [] });
  const path = `runtime/runnerscalesets/${other.id}/acquirejobs`;
  assert.equal((await pipelines.service_("POST", path, { body: [1] })).status, 401);
});

Deno.test("in pipelines a poll that lost the queue URL's own query is refused", async () => {
  const github = await bench({ backend: "pipelines" }).client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const { body } = session.opened;
  session.opened = {
    ...session.opened,
    body: { ...body, messageQueueUrl: body.messageQueueUrl.replace(/\?.*/, "") },
  };
  assert.equal((await session.poll()).status, 401);
});

Deno.test("a cursor from another queue hides what has a lower id", async () => {
  const { clock, sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  session.lastMessageId = 200_000_000;
  sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  const polled = session.poll();
  await clock.advance(50_000);
  assert.equal((await polled).status, 202);
  session.lastMessageId = 0;
  assert.equal((await session.take()).length, 1);
  await sim.stop();
});
