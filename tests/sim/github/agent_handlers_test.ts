import assert from "node:assert/strict";
import { bench } from "./raw_client.ts";

Deno.test("§20.43 a live name is refused; after removal of its agent it is free", async () => {
  const { client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const first = await github.jit(set.id, "r1");
  assert.equal((await github.jit(set.id, "r1")).status, 409);
  assert.equal((await github.removeRunner(first.body.runner.id)).status, 204);
  const second = await github.jit(set.id, "r1");
  assert.equal(second.status, 200);
  assert.notEqual(second.body.runner.id, first.body.runner.id);
  assert.equal(second.body.runner.runnerScaleSetId, set.id);
});

Deno.test("§20.45 removing an unknown agent, a removed one, or id 0 succeeds", async () => {
  const { client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const { body: { runner } } = await github.jit(set.id, "r1");
  for (const id of [999, runner.id, runner.id, 0]) {
    assert.equal((await github.removeRunner(id)).status, 204);
  }
});

Deno.test("§20.46 a busy agent is not removed; an idle one is, and gets no job any more", async () => {
  const { clock, sim, client, runner } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const jits = [await github.jit(set.id, "r1"), await github.jit(set.id, "r2")];
  const exits = jits.map(({ body }) => runner(body.encodedJITConfig));
  await clock.advance(0);
  sim.control.queueJobs({ scaleSet: set.id, count: 1, durationMs: 5_000 });
  await session.take();
  const [busy, idle] = jits.map(({ body }) => body.runner.id);
  const refused = await github.removeRunner(busy);
  assert.equal(refused.status, 400);
  assert.ok(refused.body.typeName.includes("JobStillRunningException"));
  assert.equal((await github.removeRunner(idle)).status, 204);
  await clock.advance(0);
  assert.equal(await exits[1], 0, "an idle runner that is deleted ends");

  sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  await session.take();
  assert.equal(sim.control.state().scaleSets[0]?.statistics.totalRunningJobs, 1);
  await clock.advance(5_000);
  assert.equal(await exits[0], 0);
  await sim.stop();
});

Deno.test("another organization neither sees nor removes an agent", async () => {
  const { client, sim } = bench();
  const octo = await client("octo");
  const other = await client("other");
  const { body: set } = await octo.createSet("linux");
  const { body: { runner } } = await octo.jit(set.id, "r1");
  assert.equal((await other.removeRunner(runner.id)).status, 204);
  assert.equal(sim.control.state().runners.length, 1);
  const found = await other.service_("GET", "distributedtask/pools/0/agents", {
    query: { agentName: "r1" },
  });
  assert.equal(found.body.count, 0);
});

Deno.test("a JIT configuration for a set that is gone is refused as such", async () => {
  const { client, sim } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  sim.control.forgetScaleSet(set.id);
  const refused = await github.jit(set.id, "r1");
  assert.equal(refused.status, 404);
  assert.ok(refused.body.typeName.includes("RunnerScaleSetNotFoundException"));
});
