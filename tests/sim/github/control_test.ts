import assert from "node:assert/strict";
import { bench } from "./raw_client.ts";

const BASE = "http://github.test/_sim";

Deno.test("jobs tell of every state that they come into", async () => {
  const { clock, sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const seen: string[] = [];
  const silence = sim.onJobChange(({ state, runnerName }) =>
    seen.push(`${state} ${runnerName ?? "-"}`)
  );
  sim.control.queueJobs({ scaleSet: set.id, count: 1, durationMs: 5 });
  const { body } = await github.jit(set.id, "r1");
  await github.send("POST", `${BASE}/runners`, { body: { jitConfig: body.encodedJITConfig } });
  await session.take();
  await clock.advance(5);
  silence();
  sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  assert.deepEqual(seen, ["queued -", "assigned -", "running r1", "completed r1"]);
  await sim.stop();
});

Deno.test("a forgotten runner ends; a job that it had fails", async () => {
  const { clock, sim, client, runner } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const [idle, busy] = [await github.jit(set.id, "idle"), await github.jit(set.id, "busy")];
  const busyExit = runner(busy.body.encodedJITConfig);
  await clock.advance(0);
  const [id = ""] = sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  await session.take();
  const idleExit = runner(idle.body.encodedJITConfig);
  await clock.advance(0);
  for (const { body } of [idle, busy]) {
    assert.ok(sim.control.forgetRunner(body.runner.id));
  }
  await clock.advance(0);
  assert.deepEqual(await Promise.all([idleExit, busyExit]), [0, 0]);
  assert.equal(sim.control.job(id)?.result, "failed");
  await sim.stop();
});
