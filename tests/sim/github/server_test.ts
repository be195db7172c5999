import assert from "node:assert/strict";
import { systemClock } from "../../../lib/clock.ts";
import { seededRandom } from "../../../lib/random.ts";
import { startGitHubSim } from "../../../sim/github/server.ts";
import { overSockets } from "../../../sim/github/serving.ts";
import { runRunner } from "../../../sim/runner.ts";
import { settle } from "../../../sim/clock.ts";
import { bench, messagesIn, RawClient } from "./raw_client.ts";

Deno.test("§20.64 a full cycle in the broker back end tells, in order, what happened, and ends at zero", async () => {
  const { clock, sim, client, runner } = bench();
  const github = await client();
  const { status, body: set } = await github.createSet("linux");
  assert.equal(status, 200);
  const session = await github.openSession(set.id);
  assert.equal(session.opened.status, 200);
  const [jobId] = sim.control.queueJobs({ scaleSet: "linux", count: 1, durationMs: 30_000 });

  const assigned = await session.poll();
  assert.equal(assigned.body.messageId, 100_000_001);
  assert.equal(assigned.body.statistics.totalAssignedJobs, 1);
  session.lastMessageId = assigned.body.messageId;
  assert.equal((await session.acknowledge(session.lastMessageId)).status, 204);
  const [first] = messagesIn(assigned.body);
  assert.equal(first?.messageType, "JobAssigned");
  assert.equal(first?.jobId, jobId);
  assert.equal(first?.runnerRequestId, 0);

  const jit = await github.jit(set.id, "linux-runner-1");
  assert.equal(jit.status, 200);
  const exit = runner(jit.body.encodedJITConfig);
  const [started] = await session.take();
  assert.equal(started?.messageType, "JobStarted");
  assert.equal(started?.runnerName, "linux-runner-1");
  assert.equal(started?.runnerId, jit.body.runner.id);
  assert.equal(sim.control.state().scaleSets[0]?.statistics.totalBusyRunners, 1);

  const taken = session.take();
  await clock.advance(30_000);
  const [completed] = await taken;
  assert.equal(completed?.messageType, "JobCompleted");
  assert.equal(completed?.result, "succeeded");
  assert.equal(completed?.runnerId, jit.body.runner.id);
  assert.equal(await exit, 0);
  const found = await github.service_("GET", "distributedtask/pools/0/agents", {
    query: { agentName: "linux-runner-1" },
  });
  assert.equal(found.body.count, 0);
  assert.equal((await github.removeRunner(jit.body.runner.id)).status, 204);
  assert.deepEqual(
    Object.values(sim.control.state().scaleSets[0]?.statistics ?? {}),
    [0, 0, 0, 0, 0, 0, 0],
  );
  const job = sim.control.job(jobId ?? "");
  assert.equal(job?.state, "completed");
  assert.equal(job?.startedAt, "2026-01-01T12:00:00.000Z");
  assert.equal(job?.finishedAt, "2026-01-01T12:00:30.000Z");
  await sim.stop();
});

Deno.test("§20.64 a full cycle in the pipelines back end goes through acquisition", async () => {
  const { clock, sim, client, runner } = bench({ backend: "pipelines" });
  const github = await client("octo/widgets");
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  assert.match(session.opened.body.messageQueueUrl, /\?sessionId=/);
  sim.control.queueJobs({ scaleSet: set.id, count: 1, durationMs: 1_000, result: "failed" });

  const [available] = await session.take();
  assert.equal(available?.messageType, "JobAvailable");
  assert.ok(available?.acquireJobUrl?.startsWith(github.service));
  const requestId = available?.runnerRequestId ?? 0;
  assert.ok(requestId > 0);
  assert.equal(sim.control.state().scaleSets[0]?.statistics.totalAvailableJobs, 1);
  const acquired = await session.acquire([requestId, 1]);
  assert.deepEqual(acquired.body, { count: 1, value: [requestId] });
  assert.deepEqual((await session.acquire([requestId])).body, { count: 0, value: [] });
  assert.equal((await session.take())[0]?.messageType, "JobAssigned");

  const exit = runner((await github.jit(set.id, "r1")).body.encodedJITConfig);
  assert.equal((await session.take())[0]?.messageType, "JobStarted");
  const taken = session.take();
  await clock.advance(1_000);
  assert.equal((await taken)[0]?.result, "failed");
  assert.equal(await exit, 0);
  await sim.stop();
});

Deno.test("the same cycle runs over sockets, below a path, with the control API and a runner of its own", async () => {
  await using stack = new AsyncDisposableStack();
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => serve(request),
  );
  const baseUrl = `http://127.0.0.1:${listener.addr.port}/below/here`;
  const sim = startGitHubSim({ clock: systemClock, random: seededRandom(1), baseUrl });
  const serve = overSockets(sim.handle);
  stack.defer(() => listener.shutdown());
  stack.defer(() => sim.stop());
  const github = new RawClient(fetch, {
    rest: `${baseUrl}/api/v3`,
    configUrl: `http://127.0.0.1:${listener.addr.port}/octo`,
  });
  await github.bootstrap();
  assert.ok(github.service.startsWith(`${baseUrl}/`));
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const polled = session.take();
  const asked = await github.send("POST", `${baseUrl}/_sim/jobs`, {
    body: { scaleSet: "linux", count: 1, durationMs: 1 },
  });
  assert.equal(asked.status, 201);
  assert.equal((await polled)[0]?.messageType, "JobAssigned");
  const jit = await github.jit(set.id, "r1");
  const started = await github.send("POST", `${baseUrl}/_sim/runners`, {
    body: { jitConfig: jit.body.encodedJITConfig },
  });
  assert.equal(started.status, 202);
  const told = [];
  while (told.at(-1) !== "JobCompleted") {
    told.push(...(await session.take()).map(({ messageType }) => messageType));
  }
  assert.deepEqual(told, ["JobStarted", "JobCompleted"]);
  const state = await github.send("GET", `${baseUrl}/_sim/state`);
  assert.equal(state.body.jobs[0].state, "completed");

  const idle = new AbortController();
  const exit = runRunner({
    env: {
      ACTIONS_RUNNER_INPUT_JITCONFIG: (await github.jit(set.id, "r2")).body.encodedJITConfig,
    },
    fetch,
    clock: systemClock,
    random: seededRandom(2),
    signal: idle.signal,
  });
  while (sim.control.state().runners[0]?.state !== "online") await settle();
  idle.abort();
  assert.equal(await exit, 0);

  const killed = new AbortController();
  const polls = sim.calls.runnerpoll;
  const dead = runRunner({
    env: {
      ACTIONS_RUNNER_INPUT_JITCONFIG: (await github.jit(set.id, "r3")).body.encodedJITConfig,
    },
    fetch,
    clock: systemClock,
    random: seededRandom(3),
    signal: new AbortController().signal,
    killed: killed.signal,
  });
  while (sim.calls.runnerpoll === polls) await settle();
  killed.abort();
  assert.equal(await dead, 137);
  while (sim.control.state().runners[1]?.state !== "offline") await settle();
});
