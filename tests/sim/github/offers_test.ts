import assert from "node:assert/strict";
import { bench } from "./raw_client.ts";

Deno.test("in pipelines the first that acquires a job has it, and a new session hears of what is left", async () => {
  const { sim, client } = bench({ backend: "pipelines" });
  const github = await client();
  const sets = [];
  for (const name of ["a", "b"]) sets.push((await github.createSet(name, [name, "linux"])).body);
  const a = await github.openSession(sets[0].id);
  const b = await github.openSession(sets[1].id);
  sim.control.queueJobs({ labels: ["linux"], count: 2 });
  const offered = await a.take();
  assert.deepEqual((await b.take()).length, 2);
  const ids = offered.map(({ runnerRequestId }) => runnerRequestId);
  assert.deepEqual((await a.acquire(ids.slice(0, 1))).body.value, ids.slice(0, 1));
  assert.deepEqual((await b.acquire(ids)).body.value, ids.slice(1));
  await a.take();
  await a.close();
  sim.control.queueJobs({ labels: ["linux"], count: 1 });
  await b.take();
  const later = await github.openSession(sets[0].id);
  assert.deepEqual(later.opened.body.statistics.totalAvailableJobs, 1);
  const [again] = await later.take();
  assert.equal(again?.messageType, "JobAvailable");
  await later.close();
  const last = await github.openSession(sets[0].id);
  assert.equal((await last.take())[0]?.jobId, again?.jobId, "offered again to each new session");
  await sim.stop();
});
