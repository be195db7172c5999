import assert from "node:assert/strict";
import { LeadershipLost, Tenure } from "../../kube/tenure.ts";
import { VirtualClock } from "../../sim/clock.ts";

function guarded(clock: VirtualClock) {
  const sent: string[] = [];
  const tenure = new Tenure(clock);
  const fetch = tenure.guards((request) => {
    sent.push(request.method);
    return Promise.resolve(new Response());
  });
  return { sent, tenure, send: (method: string) => fetch(new Request("http://a/b", { method })) };
}

Deno.test("who was never elected may write", async () => {
  const { sent, send } = guarded(new VirtualClock());
  await send("POST");
  assert.deepEqual(sent, ["POST"]);
});

Deno.test("a leader writes until its lease has run out, and again when it is renewed", async () => {
  const clock = new VirtualClock();
  const { sent, tenure, send } = guarded(clock);
  tenure.lasts(clock.now().getTime() + 15_000);
  await clock.advance(14_999);
  await send("PATCH");
  await clock.advance(1);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    await assert.rejects(send(method), LeadershipLost);
  }
  assert.deepEqual(sent, ["PATCH"]);
  tenure.lasts(clock.now().getTime() + 15_000);
  await send("PATCH");
  assert.deepEqual(sent, ["PATCH", "PATCH"]);
});

Deno.test("who no longer leads may still look", async () => {
  const clock = new VirtualClock();
  const { sent, tenure, send } = guarded(clock);
  tenure.lasts(clock.now().getTime());
  await send("GET");
  assert.deepEqual(sent, ["GET"]);
});
