import assert from "node:assert/strict";
import { NODES } from "../../../sim/kube/kubelet_nodes.ts";
import { hasPhase, lasting, openTheatre } from "./pod_theatre.ts";

Deno.test("nodes are ready from the start", async () => {
  await using theatre = await openTheatre();
  const nodes = await theatre.kube.list(NODES);
  assert.deepEqual(nodes.map(({ metadata }) => metadata?.name), ["node-1", "node-2", "node-3"]);
});

Deno.test("a dead node is unreachable after 40 s, and its pods are deleted but stay", async () => {
  await using theatre = await openTheatre({ main: lasting(() => theatre, 3_600_000) });
  await theatre.play("p");
  const pod = await theatre.until("p", hasPhase("Running"));
  theatre.world.kubelet.killNode(pod?.spec?.nodeName ?? "");
  await theatre.clock.advance(39_000);
  assert.equal(ready(await theatre.pod("p")), "True");
  await theatre.clock.advance(2_000);
  assert.equal(ready(await theatre.pod("p")), "False");
  await theatre.clock.advance(301_000);
  const doomed = await theatre.pod("p");
  assert.ok(doomed?.metadata?.deletionTimestamp);
  assert.equal(doomed.status?.phase, "Running");
});

Deno.test("removing a node removes its pods; new ones go elsewhere", async () => {
  await using theatre = await openTheatre({ main: lasting(() => theatre, 3_600_000) });
  await theatre.play("p");
  const lost = (await theatre.until("p", hasPhase("Running")))?.spec?.nodeName ?? "";
  await theatre.world.kubelet.removeNode(lost);
  assert.equal(await theatre.pod("p"), undefined);
  await theatre.play("q");
  const moved = await theatre.until("q", hasPhase("Running"));
  assert.notEqual(moved?.spec?.nodeName, lost);
});

function ready(pod: Awaited<ReturnType<Awaited<ReturnType<typeof openTheatre>>["pod"]>>) {
  return pod?.status?.conditions?.find(({ type }) => type === "Ready")?.status;
}
