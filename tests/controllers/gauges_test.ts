import assert from "node:assert/strict";
import { recordGauges } from "../../controllers/gauges.ts";
import { CONTROLLER_METRICS } from "../../controllers/metrics.ts";
import { declareMetrics } from "../../lib/metrics.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { aListener, anEphemeralRunnerSet, ownedBy } from "../builders.ts";
import { CREATED } from "../times.ts";
import { cachesWith, put } from "./fakes.ts";

const counted = {
  pendingEphemeralRunners: 1,
  runningEphemeralRunners: 2,
  failedEphemeralRunners: 3,
};
const set = anEphemeralRunnerSet({ status: counted });
const ready = {
  type: "Ready",
  status: "True",
  reason: "Running",
  message: "",
  lastTransitionTime: CREATED,
} as const;

function world(objects: Parameters<typeof cachesWith>[0]) {
  const caches = cachesWith(objects);
  const metrics = declareMetrics(CONTROLLER_METRICS);
  recordGauges(caches, { metrics, forceGhes: false });
  const lines = async () =>
    (await metrics.render()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return { caches, lines };
}

const LABELS =
  'name="linux",namespace="arc-runners",repository="",organization="acme",enterprise=""';

Deno.test("what is there at the start is counted, by ARC's names and labels", async () => {
  const { lines } = world([set, aListener({ status: { conditions: [ready] } })]);
  assert.deepEqual(await lines(), [
    `gha_controller_pending_ephemeral_runners{${LABELS}} 1`,
    `gha_controller_running_ephemeral_runners{${LABELS}} 2`,
    `gha_controller_failed_ephemeral_runners{${LABELS}} 3`,
    `gha_controller_running_listeners{name="${aListener().metadata?.name}",namespace="arc-systems",` +
    `repository="",organization="acme",enterprise=""} 1`,
  ]);
});

Deno.test("a listener that is not ready is there, and does not run", async () => {
  const { lines } = world([aListener()]);
  assert.match((await lines()).join(), / 0$/);
});

Deno.test("a change is followed", async () => {
  const { caches, lines } = world([set]);
  const next = anEphemeralRunnerSet({
    metadata: { resourceVersion: "2" },
    status: { ...counted, runningEphemeralRunners: 5 },
  });
  put(caches, next, "MODIFIED");
  assert.equal((await lines())[1], `gha_controller_running_ephemeral_runners{${LABELS}} 5`);
});

Deno.test("series go with their object", async () => {
  const { caches, lines } = world([set, aListener()]);
  put(caches, set, "DELETED");
  put(caches, aListener(), "DELETED");
  assert.deepEqual(await lines(), []);
});

Deno.test("two generations of a set's runners are one series, and what one leaves the other keeps", async () => {
  const owner = ownedBy(AUTOSCALING_RUNNER_SETS, { namespace: "arc-runners", name: "linux" });
  const former = anEphemeralRunnerSet({
    name: "linux-x7k2p",
    metadata: { ownerReferences: [owner] },
    status: { ...counted, runningEphemeralRunners: 4 },
  });
  const { caches, lines } = world([set, former]);
  const running = `gha_controller_running_ephemeral_runners{${LABELS}}`;
  assert.equal((await lines())[1], `${running} 6`);
  put(caches, former, "DELETED");
  assert.deepEqual([(await lines()).length, (await lines())[1]], [3, `${running} 2`]);
});

Deno.test("series of a former URL go when the URL changes", async () => {
  const { caches, lines } = world([set]);
  const moved = anEphemeralRunnerSet({
    metadata: { resourceVersion: "2" },
    spec: { ephemeralRunnerSpec: { githubConfigUrl: "https://github.com/other" } },
  });
  put(caches, moved, "MODIFIED");
  assert.deepEqual((await lines()).filter((line) => line.includes("acme")), []);
});

Deno.test("an object whose URL cannot be read has no series and harms nobody", async () => {
  const { lines } = world([aListener({ spec: { githubConfigUrl: "nonsense" } }), set]);
  assert.equal((await lines()).length, 3);
});
