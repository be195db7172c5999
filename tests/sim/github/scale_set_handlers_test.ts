import assert from "node:assert/strict";
import { bench } from "./raw_client.ts";

Deno.test("§20.34 every refusal that a client must tell apart is a 4xx with the documented exception name", async () => {
  const { clock, sim, client, runner } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const jit = await github.jit(set.id, "r1");
  const taken = await github.jit(set.id, "r1");
  const missing = await github.service_("GET", "distributedtask/pools/0/agents/999");
  sim.control.queueJobs({ scaleSet: set.id, count: 1 });
  const exit = runner(jit.body.encodedJITConfig);
  await session.take();
  const busy = await github.removeRunner(jit.body.runner.id);
  const cases = [
    { answer: taken, status: 409, name: "AgentExistsException" },
    { answer: missing, status: 404, name: "AgentNotFoundException" },
    { answer: busy, status: 400, name: "JobStillRunningException" },
  ];
  for (const { answer, status, name } of cases) {
    assert.equal(answer.status, status);
    assert.ok(answer.body.typeName.includes(name), answer.body.typeName);
    assert.ok(answer.body.message.length > 0);
    assert.ok(answer.headers.get("x-github-request-id"));
  }
  await clock.advance(60_000);
  assert.equal(await exit, 0);
  await sim.stop();
});

Deno.test("§20.38 an update changes the members that it names and no others", async () => {
  const { client, sim } = bench();
  const github = await client();
  const { id: groupId } = sim.control.addRunnerGroup("octo", "prod");
  const { body: set } = await github.createSet("linux", ["linux", "gpu"]);
  const moved = await github.service_("PATCH", `runtime/runnerscalesets/${set.id}`, {
    body: { runnerGroupId: groupId, RunnerSetting: {}, createdOn: "0001-01-01T00:00:00Z" },
  });
  assert.equal(moved.status, 200);
  assert.equal(moved.body.runnerGroupName, "prod");
  const renamed = await github.service_("PATCH", `runtime/runnerscalesets/${set.id}`, {
    body: { name: "linux-medium", RunnerSetting: {} },
  });
  assert.equal(renamed.body.name, "linux-medium");
  assert.equal(renamed.body.runnerGroupId, groupId);
  assert.deepEqual(renamed.body.labels.map(({ name }: { name: string }) => name), ["linux", "gpu"]);
  assert.ok(renamed.body.runnerSetting.disableUpdate);
  const find = (name: string, runnerGroupId: number) =>
    github.service_("GET", "runtime/runnerscalesets", {
      query: { name, runnerGroupId: `${runnerGroupId}` },
    });
  assert.equal((await find("linux", 1)).body.count, 0);
  assert.equal((await find("linux-medium", groupId)).body.value[0].id, set.id);
});

Deno.test("§20.40 a set is not deleted while one of its runners is busy", async () => {
  const { clock, sim, client, runner } = bench();
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  sim.control.queueJobs({ scaleSet: set.id, count: 2, durationMs: 1_000 });
  const busy = runner((await github.jit(set.id, "busy")).body.encodedJITConfig);
  await session.take();
  const remove = () => github.service_("DELETE", `runtime/runnerscalesets/${set.id}`);
  const refused = await remove();
  assert.equal(refused.status, 400);
  assert.ok(refused.body.typeName.includes("JobStillRunning"));
  await clock.advance(1_000);
  assert.equal(await busy, 0);
  assert.equal((await remove()).status, 204);
  assert.equal((await remove()).status, 404);
  const waiting = sim.control.state().jobs.filter(({ state }) => state === "queued");
  assert.equal(waiting.length, 1, "a job that had not started waits for the next set of that name");
  assert.equal((await session.poll()).status, 401);
  await sim.stop();
});

Deno.test("§20.41 a second set of the same name in the same group is refused; in another organization it is not", async () => {
  const { client, sim } = bench();
  const octo = await client("octo");
  const other = await client("other");
  sim.control.addRunnerGroup("octo", "prod");
  const { body: first } = await octo.createSet("linux");
  const again = await octo.createSet("Linux");
  assert.equal(again.status, 400);
  assert.ok(again.body.typeName.length > 0);
  const { status, body: second } = await other.createSet("linux");
  assert.equal(status, 200);
  assert.notEqual(second.id, first.id);
  const seen = await other.service_("GET", `runtime/runnerscalesets/${first.id}`);
  assert.equal(seen.status, 404);
});

Deno.test("runner groups are found by name, with and without a slash before the query", async () => {
  const { client, sim } = bench();
  const github = await client("enterprises/acme");
  const { id } = sim.control.addRunnerGroup("enterprises/acme", "GPU pool");
  for (const path of ["runtime/runnergroups", "runtime/runnergroups/"]) {
    const found = await github.service_("GET", path, { query: { groupName: "gpu pool" } });
    assert.deepEqual(found.body, {
      count: 1,
      value: [{ id, name: "GPU pool", isDefaultGroup: false, size: 0 }],
    });
  }
  const none = await github.service_("GET", "runtime/runnergroups/", { query: { groupName: "x" } });
  assert.deepEqual(none.body, { count: 0, value: [] });
});
