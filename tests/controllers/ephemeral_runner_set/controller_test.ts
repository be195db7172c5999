import assert from "node:assert/strict";
import { ephemeralRunnerSetReconciler } from "../../../controllers/ephemeral_runner_set/controller.ts";
import { Departures } from "../../../controllers/ephemeral_runner_set/departures.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { anEphemeralRunnerSet } from "../../builders.ts";
import { after } from "../../times.ts";
import { cachesWith, NEVER } from "../fakes.ts";
import { outline } from "../situations.ts";

Deno.test("a set in the cache is observed and planned for", async () => {
  const reconciler = ephemeralRunnerSetReconciler({
    caches: cachesWith([anEphemeralRunnerSet({ spec: { replicas: 1, patchID: 3 } })]),
    served: new Map(),
    departures: new Departures(),
    clock: new VirtualClock(),
    excludedLabelPrefixes: [],
  });
  const observed = await reconciler.observe({ namespace: "arc-runners", name: "linux" }, NEVER);
  assert.ok(observed);
  const steps = outline(reconciler.plan(observed, after(1)));
  assert.deepEqual(steps, ["create EphemeralRunner", "note-served"]);
});
