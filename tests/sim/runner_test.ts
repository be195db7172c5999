import assert from "node:assert/strict";
import { settle } from "../../sim/clock.ts";
import { runRunner } from "../../sim/runner.ts";
import { scene } from "./github/raw_client.ts";

Deno.test("§20.63 a finished job ends in exit 0, whatever its result", async () => {
  for (const result of ["succeeded", "failed"] as const) {
    const { clock, sim, jit, job, runner } = await scene();
    const id = await job({ durationMs: 120_000, result });
    const exit = runner(await jit("r1"));
    await clock.advance(119_999);
    assert.equal(sim.control.job(id)?.state, "running");
    await clock.advance(1);
    assert.equal(await exit, 0);
    assert.equal(sim.control.job(id)?.result, result);
    await sim.stop();
  }
});

Deno.test("§20.63 a JIT configuration that cannot be read ends in exit 1", async () => {
  const { clock, jit, runner, sim } = await scene();
  const good = await jit("r1");
  const files = JSON.parse(atob(good));
  const bad = [
    "",
    "not base64!",
    good.slice(0, good.length / 2),
    btoa("[]"),
    btoa(JSON.stringify({ ...files, ".runner": "%%%" })),
    btoa(JSON.stringify({ ...files, ".credentials": btoa("{}") })),
  ];
  for (const text of bad) assert.equal(await runner(text), 1);
  assert.equal(sim.calls.runnerconnect, 0);
  const missing = await runRunner({
    env: {},
    fetch: sim.handle,
    clock,
    random: () => 0,
    signal: new AbortController().signal,
  });
  assert.equal(missing, 1);
});

Deno.test("§20.63 a refused version ends in exit 7, without the environment's wish for it in exit 1", async () => {
  const { clock, jit, sim } = await scene({ runnerVersion: "refused" });
  const run = async (env: Readonly<Record<string, string>>) =>
    await runRunner({
      env: { actions_runner_input_jitconfig: ` ${await jit(`r${Object.keys(env)}`)}\n`, ...env },
      fetch: sim.handle,
      clock,
      random: () => 0,
      signal: new AbortController().signal,
    });
  assert.equal(await run({ ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE: "1" }), 7);
  assert.equal(await run({}), 1);
});

Deno.test("SIGTERM while a job runs reports it as canceled and exits 0", async () => {
  const { clock, jit, job, runner, sim } = await scene();
  const id = await job();
  const stop = new AbortController();
  const exit = runner(await jit("r1"), { signal: stop.signal });
  await clock.advance(1_000);
  stop.abort();
  assert.equal(await exit, 0);
  assert.equal(sim.control.job(id)?.result, "canceled");
  assert.equal(sim.control.state().runners.length, 0);
  await sim.stop();
});

Deno.test("a canceled workflow stops a running job at once", async () => {
  const { clock, jit, job, runner, sim, session } = await scene();
  const id = await job();
  const exit = runner(await jit("r1"));
  await session.take();
  await clock.advance(1_000);
  sim.control.cancelJob(id);
  await settle();
  assert.equal(await exit, 0);
  const [completed] = await session.take();
  assert.equal(completed?.result, "canceled");
  assert.equal(completed?.runnerName, "r1");
  await sim.stop();
});

Deno.test("SIGKILL ends a runner with 137 wherever it is", async () => {
  const { clock, jit, job, runner, sim } = await scene();
  const killed = new AbortController();
  const idle = runner(await jit("idle"), { killed: killed.signal });
  const hanging = runner(await jit("hanging"), {
    script: "never-register",
    killed: killed.signal,
  });
  await clock.advance(0);
  killed.abort();
  assert.deepEqual(await Promise.all([idle, hanging]), [137, 137]);
  assert.equal(sim.control.state().runners[0]?.state, "offline");
  const working = new AbortController();
  const id = await job();
  const busy = runner(await jit("busy"), { killed: working.signal });
  await clock.advance(1_000);
  working.abort();
  assert.equal(await busy, 137);
  assert.equal(sim.control.job(id)?.state, "running", "nobody has told the service");
  await sim.stop();
});

Deno.test("scripts end as they say", async (t) => {
  for (const [script, code] of [["fail-early", 1], ["outdated", 7]] as const) {
    await t.step(script, async () => {
      const { jit, runner, sim } = await scene();
      assert.equal(await runner(await jit("r1"), { script }), code);
      assert.equal(sim.control.state().runners[0]?.state, "registered");
    });
  }
  await t.step("fail-after-job", async () => {
    const { clock, jit, job, runner, sim } = await scene();
    const id = await job({ durationMs: 1_000 });
    const exit = runner(await jit("r1"), { script: "fail-after-job" });
    await clock.advance(1_000);
    assert.equal(await exit, 1);
    assert.equal(sim.control.job(id)?.result, "succeeded");
    await sim.stop();
  });
  for (const script of ["never-register", "hang-after-job"] as const) {
    await t.step(script, async () => {
      const { clock, jit, job, runner, sim } = await scene();
      const id = await job({ durationMs: 1_000 });
      const stop = new AbortController();
      let code: number | undefined;
      const exit = runner(await jit("r1"), { script, signal: stop.signal })
        .then((ended) => code = ended);
      await clock.advance(3_600_000);
      assert.equal(code, undefined);
      const state = sim.control.job(id)?.state;
      assert.equal(state, script === "never-register" ? "assigned" : "completed");
      stop.abort();
      assert.equal(await exit, 143);
      await sim.stop();
    });
  }
});

Deno.test("a runner outlives a service that fails for a while", async () => {
  const { clock, jit, job, runner, sim } = await scene();
  sim.control.setFaults([
    { operation: "runnerconnect", effect: { do: "answer", status: 503 }, times: 2 },
    { operation: "runnerpoll", effect: { do: "drop" }, times: 2 },
    { operation: "runnercomplete", effect: { do: "drop-answer" }, times: 1 },
  ]);
  const exit = runner(await jit("r1"));
  await clock.advance(30_000);
  const id = await job({ durationMs: 1_000 });
  await clock.advance(30_000);
  assert.equal(await exit, 0);
  assert.equal(sim.control.job(id)?.result, "succeeded");
  await sim.stop();
});

Deno.test("a runner asks again when it cannot read what it is told, and gives up where it is refused", async () => {
  const { clock, jit, job, runner, sim } = await scene();
  sim.control.setFaults([
    { operation: "runnerpoll", effect: { do: "spoil", how: "cut" }, times: 2 },
  ]);
  const exit = runner(await jit("r1"));
  const id = await job({ durationMs: 1_000 });
  await clock.advance(30_000);
  assert.equal(await exit, 0);
  assert.equal(sim.control.job(id)?.result, "succeeded");
  sim.control.setFaults([
    { operation: "runnerconnect", effect: { do: "answer", status: 403, body: "<html>" } },
  ]);
  assert.equal(await runner(await jit("r2")), 1);
  await sim.stop();
});
