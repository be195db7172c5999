import assert from "node:assert/strict";
import { bench } from "./raw_client.ts";

Deno.test("a job that no runner takes in time is withdrawn and assigned anew, three times at most", async () => {
  const { clock, sim, client } = bench({ pickupTimeoutMs: 10_000 });
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const [id = ""] = sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  const told: string[] = [];
  for (let i = 0; i < 4; i++) {
    const messages = await session.take();
    told.push(...messages.map(({ messageType, result }) => `${messageType} ${result ?? ""}`));
    await clock.advance(10_000);
  }
  assert.deepEqual(told, [
    "JobAssigned ",
    "JobCompleted canceled",
    "JobAssigned ",
    "JobCompleted canceled",
    "JobAssigned ",
    "JobCompleted canceled",
  ]);
  assert.equal(sim.control.job(id)?.result, "canceled");
  await sim.stop();
});

Deno.test("jobs go to the sets whose labels they ask for, in their scope", async () => {
  const { sim, client } = bench();
  const octo = await client("octo");
  const other = await client("other");
  const { body: gpu } = await octo.createSet("octo-gpu", ["octo-gpu", "gpu", "linux"]);
  const { body: foreign } = await other.createSet("gpu");
  const first = await octo.openSession(gpu.id);
  const second = await other.openSession(foreign.id);
  const queue = (labels: readonly string[], scope: string) =>
    sim.control.queueJobs({ labels, scope, count: 1 });
  queue(["GPU", "Linux"], "octo/widgets");
  queue(["gpu", "arm64"], "octo/widgets");
  queue(["gpu"], "other");
  queue(["gpu"], "nobody");
  assert.equal((await first.take()).length, 1);
  assert.equal((await second.take()).length, 1);
  const states = sim.control.state().jobs.map(({ state, scaleSetName }) => [state, scaleSetName]);
  assert.deepEqual(states, [
    ["assigned", "octo-gpu"],
    ["queued", undefined],
    ["assigned", "gpu"],
    ["queued", undefined],
  ]);
  await octo.service_("PATCH", `runtime/runnerscalesets/${gpu.id}`, {
    body: { labels: ["gpu", "arm64"].map((name) => ({ type: "System", name })) },
  });
  assert.equal((await first.take()).length, 1);
  await sim.stop();
});

Deno.test("a job that is queued before its set exists waits for it", async () => {
  const { sim, client } = bench();
  const github = await client();
  sim.control.queueJobs({ scaleSet: "later", count: 2 });
  const { body: set } = await github.createSet("later");
  const session = await github.openSession(set.id);
  assert.equal((await session.take()).length, 2);
  await sim.stop();
});

Deno.test("a set that is forgotten gives its waiting jobs to the next of its name; a running job goes on", async () => {
  const { clock, sim, client, runner } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const [running = "", waiting = ""] = sim.control.queueJobs({
    scaleSet: "linux",
    count: 2,
    durationMs: 30_000,
  });
  const exit = runner((await github.jit(set.id, "r1")).body.encodedJITConfig);
  await clock.advance(0);
  assert.equal((await session.take()).length, 3);
  const held = session.poll();
  await clock.advance(1);
  assert.ok(sim.control.forgetScaleSet(set.id));
  assert.equal((await held).status, 401);
  assert.equal((await session.refresh()).status, 404);
  assert.equal((await github.openSession(set.id)).opened.status, 404);
  const { body: next } = await github.createSet("linux");
  const again = await github.openSession(next.id);
  assert.equal((await again.take())[0]?.jobId, waiting);
  await clock.advance(30_000);
  assert.equal(await exit, 0);
  assert.equal(sim.control.job(running)?.result, "succeeded");
  await sim.stop();
});

Deno.test("a canceled job that was waiting is told of without a runner", async () => {
  const { sim, client } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const [id = ""] = sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  await session.take();
  assert.ok(sim.control.cancelJob(id));
  const [completed] = await session.take();
  assert.deepEqual([completed?.result, completed?.runnerId, completed?.runnerName], [
    "canceled",
    0,
    "",
  ]);
  assert.ok(!sim.control.cancelJob(id));
  await sim.stop();
});

Deno.test("random races between jobs and removals never remove a runner that has a job", async () => {
  const { clock, sim, client, runner } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  for (let round = 0; round < 50; round++) {
    const { body } = await github.jit(set.id, `r${round}`);
    const exit = runner(body.encodedJITConfig);
    await clock.advance(0);
    const taken = session.take();
    const [removed, [id = ""]] = await Promise.all(
      round % 2 === 0
        ? [
          github.removeRunner(body.runner.id),
          sim.control.queueJobs({ scaleSet: set.id, count: 1, durationMs: 1_000 }),
        ]
        : [
          Promise.resolve().then(() => github.removeRunner(body.runner.id)),
          sim.control.queueJobs({ scaleSet: set.id, count: 1, durationMs: 1_000 }),
        ],
    );
    await taken;
    await clock.advance(1_000);
    assert.equal(await exit, 0);
    if (removed.status === 204) sim.control.cancelJob(id);
    else assert.equal(sim.control.job(id)?.result, "succeeded");
  }
  const results = sim.control.state().jobs.map(({ result }) => result);
  assert.ok(!results.includes("failed"));
  await sim.stop();
});

Deno.test("thousands of jobs on hundreds of runners are done in little time", async () => {
  const { clock, sim, client, runner } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  sim.control.queueJobs({
    scaleSet: set.id,
    count: 2_000,
    durationMs: { fromMs: 1_000, toMs: 90_000 },
  });
  const started = new Set<Promise<number>>();
  for (let i = 0; i < 2_000; i++) {
    const exit = runner((await github.jit(set.id, `r${i}`)).body.encodedJITConfig);
    started.add(exit);
  }
  const listening = (async () => {
    let completed = 0;
    while (completed < 2_000) {
      const messages = await session.take(500);
      completed += messages.filter(({ messageType }) => messageType === "JobCompleted").length;
    }
  })();
  await clock.advance(600_000);
  await listening;
  const codes = await Promise.all(started);
  assert.ok(codes.every((code) => code === 0));
  const { statistics } = sim.control.state().scaleSets[0] ?? {};
  assert.deepEqual(Object.values(statistics ?? {}), [0, 0, 0, 0, 0, 0, 0]);
  await sim.stop();
});
