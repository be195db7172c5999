import assert from "node:assert/strict";
import { scene } from "./raw_client.ts";

Deno.test("a JIT configuration is good for one runner", async () => {
  const { clock, jit, runner, sim, github } = await scene();
  const config = await jit("r1");
  const stop = new AbortController();
  const first = runner(config, { signal: stop.signal });
  await clock.advance(0);
  assert.equal(await runner(config), 1);
  stop.abort();
  assert.equal(await first, 0);
  assert.equal(sim.control.state().runners[0]?.state, "offline");
  assert.equal(await runner(config), 1, "not after the first has gone either");
  assert.equal((await github.removeRunner(1)).status, 204);
  assert.equal(await runner(config), 1, "nor after its agent was removed");
});

Deno.test("a runner that dies in its job leaves it running until the service gives it up", async () => {
  const { clock, jit, job, runner, sim, github } = await scene({ runnerLostMs: 60_000 });
  const id = await job({ durationMs: 20_000 });
  const exit = runner(await jit("r1"), { script: "crash" });
  await clock.advance(10_000);
  assert.equal(await exit, 137);
  await clock.advance(59_999);
  assert.equal(sim.control.job(id)?.state, "running");
  assert.equal((await github.removeRunner(1)).status, 400);
  await clock.advance(1);
  assert.equal(sim.control.job(id)?.result, "failed");
  assert.equal(sim.control.state().runners.length, 0);
  assert.equal((await github.removeRunner(1)).status, 204);
  await sim.stop();
});

Deno.test("only the runner of an agent may speak for it", async () => {
  const { jit, github, sim } = await scene();
  await jit("r1");
  const url = "http://github.test/_runner/1/connect";
  const refused = await github.send("POST", url, { headers: { authorization: "Bearer guess" } });
  assert.equal(refused.status, 401);
  assert.equal(sim.control.state().runners[0]?.state, "registered");
});

Deno.test("an idle runner that stays away is offline after its time and gets no job", async () => {
  const { jit, github, sim, clock, job } = await scene({ runnerLostMs: 20_000 });
  const files = JSON.parse(atob(await jit("r1")));
  const { Data: { clientId } } = JSON.parse(atob(files[".credentials"]));
  const headers = { authorization: `Bearer ${clientId}` };
  const { status } = await github.send("POST", "http://github.test/_runner/1/connect", { headers });
  assert.equal(status, 200);
  assert.equal(sim.control.state().scaleSets[0]?.statistics.totalIdleRunners, 1);
  await clock.advance(20_000);
  assert.equal(sim.control.state().runners[0]?.state, "offline");
  assert.equal(sim.control.state().scaleSets[0]?.statistics.totalRegisteredRunners, 0);
  const id = await job();
  assert.equal(sim.control.job(id)?.state, "assigned");
  await sim.stop();
});
