import assert from "node:assert/strict";
import { PODS } from "../../../kube/resources.ts";
import type { Container } from "../../../kube/types.ts";
import type { Program } from "../../../sim/programs.ts";
import {
  aContainer,
  ending,
  hasPhase,
  lasting,
  NAMESPACE,
  openTheatre,
  waitingReason,
} from "./pod_theatre.ts";

const KEY = { namespace: NAMESPACE, name: "p" };

Deno.test("init containers run one after the other before the others start", async () => {
  const order: string[] = [];
  const noted = (name: string): Program => () => {
    order.push(name);
    return Promise.resolve(0);
  };
  await using theatre = await openTheatre({
    first: noted("first"),
    second: noted("second"),
    main: noted("main"),
  });
  await theatre.play("p", { initContainers: [aContainer("first"), aContainer("second")] });
  const over = await theatre.until("p", hasPhase("Succeeded"));
  assert.deepEqual(order, ["first", "second", "main"]);
  assert.equal(over?.status?.initContainerStatuses?.length, 2);
});

Deno.test("an init container that fails keeps the others from starting", async () => {
  await using theatre = await openTheatre({ first: () => Promise.resolve(9) });
  await theatre.play("p", { initContainers: [aContainer("first")] });
  const over = await theatre.until("p", hasPhase("Failed"));
  assert.equal(waitingReason(over), "PodInitializing");
  assert.equal(over?.status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 9);
});

Deno.test("a side-car runs beside the others and ends after them", async () => {
  const order: string[] = [];
  await using theatre = await openTheatre({
    dind: ({ signal }) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => {
          order.push("dind");
          resolve(0);
        }, { once: true })
      ),
    main: async () => {
      await theatre.clock.sleep(1_000);
      order.push("main");
      return 0;
    },
  });
  const sidecar = { ...aContainer("dind"), restartPolicy: "Always" } as Container;
  await theatre.play("p", { initContainers: [sidecar] });
  const running = await theatre.until("p", hasPhase("Running"));
  assert.ok(running?.status?.initContainerStatuses?.[0]?.state?.running);
  await theatre.until("p", hasPhase("Succeeded"));
  assert.deepEqual(order, ["main", "dind"]);
});

Deno.test("a pod whose main container has ended stays Running while one beside it goes on", async () => {
  await using theatre = await openTheatre({ main: lasting(() => theatre, 1_000) });
  await theatre.play("p", { containers: [aContainer("main"), aContainer("beside")] });
  await theatre.clock.advance(5_000);
  const pod = await theatre.pod("p");
  assert.equal(ending(pod)?.exitCode, 0);
  assert.equal(pod?.status?.phase, "Running");
});

Deno.test("a deleted pod is asked to end and goes when it has", async () => {
  await using theatre = await openTheatre({
    main: async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await theatre.clock.sleep(4_000);
      return 0;
    },
  });
  await theatre.play("p");
  await theatre.until("p", hasPhase("Running"));
  await theatre.kube.delete(PODS, KEY);
  await theatre.clock.advance(3_000);
  assert.ok((await theatre.pod("p"))?.metadata?.deletionTimestamp);
  await theatre.clock.advance(2_000);
  assert.equal(await theatre.pod("p"), undefined);
  assert.deepEqual(theatre.exits.map(({ ended }) => ended.exitCode), [0]);
});

Deno.test("a pod that does not listen is killed after its grace", async () => {
  await using theatre = await openTheatre({
    main: ({ killed }) =>
      new Promise((resolve) => killed.addEventListener("abort", () => resolve(0), { once: true })),
  });
  await theatre.play("p", { terminationGracePeriodSeconds: 10 });
  await theatre.until("p", hasPhase("Running"));
  await theatre.kube.delete(PODS, KEY);
  await theatre.clock.advance(9_000);
  assert.ok(await theatre.pod("p"));
  await theatre.clock.advance(2_000);
  assert.equal(await theatre.pod("p"), undefined);
  assert.deepEqual(theatre.exits.map(({ ended }) => ended.exitCode), [137]);
});

Deno.test("a pod removed without grace ends its program, and nothing is reported", async () => {
  await using theatre = await openTheatre({ main: lasting(() => theatre, 60_000) });
  await theatre.play("p");
  await theatre.until("p", hasPhase("Running"));
  const writes = theatre.podWrites.length;
  await theatre.kube.delete(PODS, KEY, { gracePeriodSeconds: 0 });
  await theatre.clock.advance(1_000);
  assert.equal(theatre.podWrites.length, writes);
});

Deno.test("a pod deleted before it started is gone without having run", async () => {
  await using theatre = await openTheatre({ main: lasting(() => theatre, 60_000) });
  theatre.world.kubelet.failImage("main:1");
  await theatre.play("p");
  await theatre.until("p", (pod) => waitingReason(pod) === "ErrImagePull");
  await theatre.kube.delete(PODS, KEY);
  await theatre.clock.advance(1_000);
  assert.equal(await theatre.pod("p"), undefined);
  assert.deepEqual(theatre.exits, []);
});

Deno.test("mounted Secrets follow their changes", async () => {
  const seen: string[] = [];
  await using theatre = await openTheatre({
    main: async ({ files, signal }) => {
      const read = () => new TextDecoder().decode(files.get("/etc/settings/word"));
      seen.push(read());
      await theatre.clock.sleep(120_000, signal);
      seen.push(read());
      return 0;
    },
  });
  const secret = (word: string) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: NAMESPACE, name: "settings" },
    stringData: { word },
  });
  await theatre.world.apply([secret("old")]);
  await theatre.play("p", {
    volumes: [{ name: "v", secret: { secretName: "settings" } }],
    containers: [aContainer("main", { volumeMounts: [{ name: "v", mountPath: "/etc/settings" }] })],
  });
  await theatre.until("p", hasPhase("Running"));
  await theatre.world.apply([secret("new")]);
  await theatre.until("p", hasPhase("Succeeded"));
  assert.deepEqual(seen, ["old", "new"]);
});
