import assert from "node:assert/strict";
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

Deno.test("an image that cannot be pulled is tried again until it can", async () => {
  await using theatre = await openTheatre({ main: () => Promise.resolve(0) });
  theatre.world.kubelet.failImage("main:1", "no such tag");
  await theatre.play("p");
  const failing = await theatre.until("p", (pod) => waitingReason(pod) === "ErrImagePull");
  assert.match(
    failing?.status?.containerStatuses?.[0]?.state?.waiting?.message ?? "",
    /no such tag/,
  );
  await theatre.until("p", (pod) => waitingReason(pod) === "ImagePullBackOff");
  assert.equal((await theatre.pod("p"))?.status?.phase, "Pending");
  theatre.world.kubelet.healImage("main:1");
  await theatre.until("p", hasPhase("Succeeded"));
});

Deno.test("a container waits for a Secret that is not there yet", async () => {
  await using theatre = await openTheatre({
    main: ({ env }) => Promise.resolve(env["WORD"] === "hello" ? 0 : 1),
  });
  const secretKeyRef = { name: "late", key: "word" };
  await theatre.play("p", {
    containers: [aContainer("main", { env: [{ name: "WORD", valueFrom: { secretKeyRef } }] })],
  });
  const waiting = await theatre.until(
    "p",
    (pod) => waitingReason(pod) === "CreateContainerConfigError",
  );
  assert.equal(
    waiting?.status?.containerStatuses?.[0]?.state?.waiting?.message,
    'secret "late" not found',
  );
  await theatre.world.apply([{
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: NAMESPACE, name: "late" },
    stringData: { word: "hello" },
  } as object]);
  await theatre.until("p", hasPhase("Succeeded"));
});

Deno.test("OnFailure starts a failed container again, ever later, and counts", async () => {
  let runs = 0;
  await using theatre = await openTheatre({ main: () => Promise.resolve(++runs < 3 ? 1 : 0) });
  await theatre.play("p", { restartPolicy: "OnFailure" });
  const crashed = await theatre.until("p", (pod) => waitingReason(pod) === "CrashLoopBackOff");
  assert.equal(crashed?.status?.phase, "Running");
  assert.equal(crashed.status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 1);
  const over = await theatre.until("p", hasPhase("Succeeded"));
  assert.equal(over?.status?.containerStatuses?.[0]?.restartCount, 2);
});

Deno.test("Always starts a container again also when it ended well", async () => {
  let runs = 0;
  await using theatre = await openTheatre({
    main: () => {
      runs++;
      return Promise.resolve(0);
    },
  });
  await theatre.play("p", { restartPolicy: "Always" });
  await theatre.clock.advance(120_000);
  assert.ok(runs >= 2);
  assert.equal((await theatre.pod("p"))?.status?.phase, "Running");
});

Deno.test("a container that takes too much memory is killed with its own reason", async () => {
  await using theatre = await openTheatre({ main: lasting(() => theatre, 60_000) });
  await theatre.play("p");
  await theatre.until("p", hasPhase("Running"));
  assert.ok(theatre.world.kubelet.oomKill(KEY, "main"));
  const over = await theatre.until("p", hasPhase("Failed"));
  assert.deepEqual(ending(over), { exitCode: 137, reason: "OOMKilled" });
  assert.ok(!theatre.world.kubelet.oomKill(KEY, "main"));
});
