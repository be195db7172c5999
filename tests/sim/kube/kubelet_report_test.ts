import assert from "node:assert/strict";
import { PODS } from "../../../kube/resources.ts";
import { hasPhase, lasting, NAMESPACE, openTheatre } from "./pod_theatre.ts";

Deno.test("a life takes five writes: bound, creating, running, ended, gone", async () => {
  await using theatre = await openTheatre({ main: lasting(() => theatre, 5_000) });
  await theatre.play("p");
  await theatre.until("p", hasPhase("Succeeded"));
  await theatre.kube.delete(PODS, { namespace: NAMESPACE, name: "p" });
  await theatre.clock.advance(1_000);
  assert.deepEqual(
    theatre.podWrites.map(({ verb, resource }) => `${verb} ${resource}`).slice(0, 4),
    ["create pods/binding", "patch pods/status", "patch pods/status", "patch pods/status"],
  );
  assert.ok(theatre.podWrites.length <= 5);
  assert.equal(await theatre.pod("p"), undefined);
});

Deno.test("a successor of the same name is not taken for the pod before it", async () => {
  await using theatre = await openTheatre({ main: lasting(() => theatre, 5_000, 3) });
  await theatre.play("p");
  await theatre.until("p", hasPhase("Running"));
  await theatre.kube.delete(PODS, { namespace: NAMESPACE, name: "p" }, { gracePeriodSeconds: 0 });
  const second = await theatre.play("p");
  await theatre.clock.advance(3_000);
  const now = await theatre.pod("p");
  assert.equal(now?.metadata?.uid, second.metadata?.uid);
  assert.equal(now?.status?.phase, "Running");
});
