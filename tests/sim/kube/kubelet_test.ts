import assert from "node:assert/strict";
import { PODS } from "../../../kube/resources.ts";
import type { Program } from "../../../sim/programs.ts";
import {
  aContainer,
  ending,
  hasPhase,
  NAMESPACE,
  openTheatre,
  type Theatre,
} from "./pod_theatre.ts";

Deno.test("a pod goes from Pending through Running to Succeeded, with times and an address", async () => {
  await using theatre = await openTheatre({ main: waits(() => theatre, 5_000, 0) });
  await theatre.play("life");
  const bound = await theatre.until("life", (pod) => pod?.status?.startTime !== undefined);
  assert.equal(bound?.status?.phase, "Pending");
  assert.equal(bound.status.containerStatuses?.[0]?.state?.waiting?.reason, "ContainerCreating");
  assert.match(bound.spec?.nodeName ?? "", /^node-\d$/);
  const running = await theatre.until("life", hasPhase("Running"));
  assert.match(running?.status?.podIP ?? "", /^10\.244\./);
  assert.equal(conditions(running)["Ready"], "True");
  const over = await theatre.until("life", hasPhase("Succeeded"));
  assert.deepEqual(ending(over), { exitCode: 0, reason: "Completed" });
  assert.equal(conditions(over)["Ready"], "False");
  const times = over?.status?.containerStatuses?.[0]?.state?.terminated;
  assert.equal(Date.parse(times?.finishedAt ?? "") - Date.parse(times?.startedAt ?? ""), 5_000);
});

Deno.test("a container that ends badly fails its pod, and whoever asked is told", async () => {
  await using theatre = await openTheatre({ main: () => Promise.resolve(3) });
  await theatre.play("bad");
  const over = await theatre.until("bad", hasPhase("Failed"));
  assert.deepEqual(ending(over), { exitCode: 3, reason: "Error" });
  assert.deepEqual(theatre.exits.map(({ container, ended }) => [container, ended.exitCode]), [
    ["main", 3],
  ]);
});

Deno.test("a program that throws has exit code 1", async () => {
  await using theatre = await openTheatre({ main: () => Promise.reject(new Error("broken")) });
  await theatre.play("throws");
  assert.equal(ending(await theatre.until("throws", hasPhase("Failed")))?.exitCode, 1);
});

Deno.test("pods are spread over the nodes", async () => {
  await using theatre = await openTheatre();
  for (const name of ["a", "b", "c"]) await theatre.play(name);
  await theatre.clock.advance(2_000);
  const nodes = await Promise.all(["a", "b", "c"].map((name) => theatre.pod(name)));
  assert.equal(new Set(nodes.map((pod) => pod?.spec?.nodeName)).size, 3);
});

Deno.test("a thousand pods live and end together", async () => {
  await using theatre = await openTheatre({ main: waits(() => theatre, 10_000, 0) });
  const names = Array.from({ length: 1_000 }, (_, at) => `crowd-${at}`);
  await Promise.all(names.map((name) => theatre.play(name)));
  await theatre.clock.advance(12_000);
  const pods = await theatre.kube.list(PODS, { namespace: NAMESPACE });
  assert.equal(pods.filter(hasPhase("Succeeded")).length, 1_000);
});

Deno.test("stop ends programs at once and leaves the API as it is", async () => {
  let ended = "";
  await using theatre = await openTheatre({
    main: ({ killed }) =>
      new Promise((resolve) =>
        killed.addEventListener("abort", () => {
          ended = "killed";
          resolve(137);
        }, { once: true })
      ),
  });
  await theatre.play("kept");
  await theatre.until("kept", hasPhase("Running"));
  await theatre.world.kubelet.stop();
  assert.equal(ended, "killed");
  assert.equal((await theatre.pod("kept"))?.status?.phase, "Running");
});

Deno.test("an evicted pod fails with its reason, and its container was killed", async () => {
  await using theatre = await openTheatre();
  await theatre.play("heavy", { containers: [aContainer("idle")] });
  await theatre.until("heavy", hasPhase("Running"));
  assert.ok(theatre.world.kubelet.evict({ namespace: NAMESPACE, name: "heavy" }));
  const over = await theatre.until("heavy", hasPhase("Failed"));
  assert.equal(over?.status?.reason, "Evicted");
  assert.equal(ending(over, "idle")?.exitCode, 137);
  assert.ok(!theatre.world.kubelet.evict({ namespace: NAMESPACE, name: "nobody" }));
});

function conditions(pod: Awaited<ReturnType<Theatre["pod"]>>) {
  return Object.fromEntries(
    (pod?.status?.conditions ?? []).map(({ type, status }) => [type, status]),
  );
}

function waits(theatre: () => Theatre, ms: number, code: number): Program {
  return async ({ signal }) => {
    await theatre().clock.sleep(ms, signal);
    return code;
  };
}

Deno.test("a pod of another scheduler gets no node", async () => {
  await using theatre = await openTheatre();
  await theatre.play("foreign", { schedulerName: "somebody-else" });
  await theatre.clock.advance(10_000);
  const pod = await theatre.pod("foreign");
  assert.equal(pod?.spec?.nodeName, undefined);
  assert.equal(pod?.status?.phase, "Pending");
});
