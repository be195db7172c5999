import assert from "node:assert/strict";
import { bench } from "./raw_client.ts";

Deno.test("a session without a poll in progress gives way after its time, one with a poll does not", async () => {
  const { clock, client } = bench({ sessionIdleMs: 60_000, pollHoldMs: 50_000 });
  const github = await client();
  const { body: set } = await github.createSet("linux");
  const first = await github.openSession(set.id, "first");
  for (let i = 0; i < 3; i++) {
    const polled = first.poll();
    await clock.advance(50_000);
    assert.equal((await polled).status, 202);
  }
  await clock.advance(59_999);
  assert.equal((await github.openSession(set.id, "second")).opened.status, 409);
  await clock.advance(1);
  assert.equal((await github.openSession(set.id, "second")).opened.status, 200);
  assert.equal((await first.poll()).status, 401);
  const refreshed = await first.refresh();
  assert.equal(refreshed.status, 404);
  assert.ok(refreshed.body.typeName.includes("RunnerAdminException"));
});
