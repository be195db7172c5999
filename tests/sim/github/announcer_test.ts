import assert from "node:assert/strict";
import { bench, messagesIn } from "./raw_client.ts";

Deno.test("statistics alone may be a message", async () => {
  const { clock, sim, client, runner } = bench({ statisticsMessages: "when-runners-change" });
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const polled = session.poll();
  const stop = new AbortController();
  const exit = runner((await github.jit(set.id, "r1")).body.encodedJITConfig, {
    signal: stop.signal,
  });
  await clock.advance(0);
  const { body } = await polled;
  assert.deepEqual(messagesIn(body), []);
  assert.equal(body.statistics.totalIdleRunners, 1);
  stop.abort();
  assert.equal(await exit, 0);
  await sim.stop();
});

Deno.test("what happens in one turn is told in one envelope", async () => {
  const { sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const polled = session.poll();
  await Promise.resolve();
  sim.control.queueJobs({ scaleSet: set.id, count: 3 });
  sim.control.queueJobs({ scaleSet: set.id, count: 2 });
  assert.equal(messagesIn((await polled).body).length, 5);
  await sim.stop();
});
