import assert from "node:assert/strict";
import { ephemeralRunnerSetReconciler } from "../../../controllers/ephemeral_runner_set/controller.ts";
import { Departures } from "../../../controllers/ephemeral_runner_set/departures.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { anEphemeralRunnerSet, aRunner } from "../../builders.ts";
import { after } from "../../times.ts";
import { cachesWith, NEVER } from "../fakes.ts";
import { outline } from "../situations.ts";

function reconcilerOf(objects: Parameters<typeof cachesWith>[0]) {
  return ephemeralRunnerSetReconciler({
    caches: cachesWith(objects),
    served: new Map(),
    departures: new Departures(),
    clock: new VirtualClock(),
    excludedLabelPrefixes: [],
  });
}

Deno.test("a set in the cache is observed and planned for", async () => {
  const reconciler = reconcilerOf([
    anEphemeralRunnerSet({ spec: { replicas: 1, patchID: 3, completedRunners: [] } }),
  ]);
  const observed = await reconciler.observe({ namespace: "arc-runners", name: "linux" }, NEVER);
  assert.ok(observed);
  const steps = outline(reconciler.plan(observed, after(1)));
  assert.deepEqual(steps, ["create EphemeralRunner", "note-served"]);
});

Deno.test("F25, F36: counters and conditions are told though GitHub lets no runner go", async () => {
  const reconciler = reconcilerOf([
    anEphemeralRunnerSet({ spec: { replicas: 0 } }),
    aRunner({ status: { runnerId: 1 } }),
  ]);
  const observed = await reconciler.observe({ namespace: "arc-runners", name: "linux" }, NEVER);
  assert.ok(observed);
  const write = reconciler.afterFailure?.(observed, new Error("no"), after(1));
  const patch = write?.patch as Readonly<Record<string, unknown>>;
  assert.equal(patch.runningEphemeralRunners, 1);
  assert.equal(patch.servedPatchID, undefined, "what was carried out is not known");
});
