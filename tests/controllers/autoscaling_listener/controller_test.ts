import assert from "node:assert/strict";
import { listenerReconciler } from "../../../controllers/autoscaling_listener/controller.ts";
import { aListener, STORY } from "../../builders.ts";
import { after } from "../../times.ts";
import { cachesWith, fakeGitHub, NEVER } from "../fakes.ts";
import { LISTENER_SETTINGS, outline } from "../situations.ts";

Deno.test("a listener in the cache is observed and planned for", async () => {
  const reconciler = listenerReconciler({
    caches: cachesWith([aListener()]),
    services: fakeGitHub().services,
    settings: LISTENER_SETTINGS,
  });
  const key = { namespace: STORY.controllerNamespace, name: STORY.listener };
  const observed = await reconciler.observe(key, NEVER);
  assert.ok(observed);
  assert.deepEqual(outline(reconciler.plan(observed, after(1))), [
    `delete AutoscalingListener ${STORY.listener}`,
  ]);
});
