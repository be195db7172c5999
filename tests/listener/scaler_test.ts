import assert from "node:assert/strict";
import { KubeError } from "../../kube/errors.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { createScaler, type Order } from "../../listener/scaler.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { FakeCluster, SET } from "./fakes.ts";
import { started } from "./jobs.ts";

const PURE = { permissions: "none" } as const;
const never = () => new AbortController().signal;

function aScaler() {
  const clock = new VirtualClock();
  const cluster = new FakeCluster();
  const trouble: string[] = [];
  const scaler = createScaler({
    kube: cluster.kube(),
    runnerSet: SET,
    clock,
    random: seededRandom(1),
    log: silentLogger,
    onTrouble: (reason) => trouble.push(reason),
  });
  return { clock, cluster, scaler, trouble };
}

function anOrder(rest: Partial<Order>): Order {
  return { started: [], target: 0, patchId: 0, write: false, ...rest };
}

function unavailable(): never {
  throw new KubeError("Cannot patch: HTTP 503", { code: "kube_unavailable", httpStatus: 503 });
}

function refused(): never {
  throw new KubeError("Cannot patch: not valid", {
    code: "kube_invalid",
    httpStatus: 422,
    disposition: { kind: "stop" },
  });
}

Deno.test("says how many runners there should be, none as null", PURE, async () => {
  const { cluster, scaler } = aScaler();
  await scaler.apply(anOrder({ target: 3, patchId: 7, write: true }), never());
  await scaler.apply(anOrder({ target: 0, patchId: 8, write: true }), never());
  assert.deepEqual(cluster.patches, [
    { path: "ephemeralrunnersets", body: { spec: { patchID: 7, replicas: 3 } } },
    { path: "ephemeralrunnersets", body: { spec: { patchID: 8, replicas: null } } },
  ]);
});

Deno.test("writes nothing when nothing is to be written", PURE, async () => {
  const { cluster, scaler } = aScaler();
  assert.equal(await scaler.apply(anOrder({ target: 3, patchId: 7 }), never()), undefined);
  assert.deepEqual(cluster.patches, []);
});

Deno.test(
  "§20.60: marks a runner as busy with the facts of its job, empty ones left out",
  PURE,
  async () => {
    const { cluster, scaler } = aScaler();
    cluster.addRunner("a");
    const job = started("a", {
      jobId: "guid",
      requestId: 0,
      workflowRef: "",
      displayName: "build",
    });
    await scaler.apply(anOrder({ started: [job], target: 1, patchId: 1, write: true }), never());
    assert.deepEqual(cluster.patches[0], {
      path: "ephemeralrunners/status",
      body: {
        status: {
          jobDisplayName: "build",
          jobId: "guid",
          jobRepositoryName: "octo/widgets",
          workflowRunId: 555,
        },
      },
    });
    assert.equal(cluster.patches[1]?.path, "ephemeralrunnersets", "facts before numbers");
  },
);

Deno.test(
  "§20.60: a runner that is gone, or that refuses, does not hold up the rest",
  PURE,
  async () => {
    const { cluster, scaler } = aScaler();
    cluster.addRunner("odd");
    cluster.addRunner("good");
    cluster.faults = (_call, name) => name === "odd" ? refused() : undefined;
    await scaler.apply(
      anOrder({
        started: [started("gone"), started("odd"), started("good")],
        target: 1,
        patchId: 1,
        write: true,
      }),
      never(),
    );
    assert.equal(cluster.runners.get("good")?.status?.jobId, "job-of-good");
    assert.equal(cluster.runnerSet.spec?.replicas, 1);
  },
);

Deno.test("patches at most 16 runners at a time, those of one runner in order", PURE, async () => {
  const { cluster, scaler } = aScaler();
  const jobs = Array.from({ length: 50 }, (_, i) => started(`r${i}`));
  for (const { runnerName } of jobs) cluster.addRunner(runnerName);
  const later = started("r0", { jobId: "later" });
  await scaler.apply(anOrder({ started: [...jobs, later] }), never());
  assert.equal(cluster.patches.length, 51);
  assert.equal(cluster.parallel.most, 16);
  assert.equal(cluster.runners.get("r0")?.status?.jobId, "later");
});

Deno.test(
  "insists through failures, with growing waits, and says what is the matter",
  PURE,
  async () => {
    const { clock, cluster, scaler, trouble } = aScaler();
    let failures = 0;
    cluster.faults = () => failures++ < 5 ? unavailable() : undefined;
    const applied = scaler.apply(anOrder({ target: 2, patchId: 1, write: true }), never());
    await clock.advance(20_000);
    assert.deepEqual(cluster.orders, []);
    await clock.advance(60_000);
    await applied;
    assert.deepEqual(cluster.orders, [[2, 1]]);
    assert.match(trouble[0] ?? "", /503/);
  },
);

Deno.test("a set that refuses is asked again, more and more rarely", PURE, async () => {
  const { clock, cluster, scaler } = aScaler();
  let asked = 0;
  cluster.faults = () => {
    asked++;
    refused();
  };
  const stop = new AbortController();
  const applied = scaler.apply(anOrder({ target: 2, patchId: 1, write: true }), stop.signal);
  const outcome = applied.then(() => "applied", (reason) => reason.message);
  await clock.advance(3_600_000);
  assert.ok(asked > 10 && asked < 40, `${asked} times in an hour`);
  stop.abort(new Error("enough"));
  assert.equal(await outcome, "enough");
});

Deno.test("leaves a word for the controller and takes it away", PURE, async () => {
  const { cluster, scaler } = aScaler();
  assert.ok(await scaler.report("no-scale-set:7", never()));
  assert.equal(cluster.runnerSet.spec?.listenerReport, "no-scale-set:7");
  assert.ok(await scaler.report(undefined, never()));
  assert.equal(cluster.runnerSet.spec?.listenerReport, undefined);
  cluster.faults = unavailable;
  assert.ok(!await scaler.report("no-scale-set:7", never()));
});
