import assert from "node:assert/strict";
import { observeListener } from "../../../controllers/autoscaling_listener/observe.ts";
import { desiredRole } from "../../../controllers/autoscaling_listener/children.ts";
import { aListener, aListenerPod, aRunnerSet, STORY } from "../../builders.ts";
import { cachesWith, fakeGitHub, NEVER } from "../fakes.ts";
import { LISTENER_SETTINGS } from "../situations.ts";

const KEY = { namespace: STORY.controllerNamespace, name: STORY.listener };
const look = (objects: Parameters<typeof cachesWith>[0]) =>
  observeListener(
    { caches: cachesWith(objects), services: fakeGitHub().services, settings: LISTENER_SETTINGS },
    KEY,
    NEVER,
  );
const role = desiredRole({
  listener: aListener(),
  runnerSet: aRunnerSet(),
  settings: LISTENER_SETTINGS,
});

Deno.test("a listener that is gone, and left nothing, is not observed", async () => {
  assert.equal(await look([]), undefined);
});

Deno.test("a listener that is gone is observed for as long as its rights are there", async () => {
  const observed = await look([role]);
  assert.deepEqual([observed?.listener, observed?.roles.length], [undefined, 1]);
});

Deno.test("a listener is seen with its runner set, its pod and its rights in other namespaces", async () => {
  const observed = await look([aListener(), aRunnerSet(), aListenerPod(), role]);
  assert.equal(observed?.runnerSet?.metadata?.name, "linux");
  assert.equal(observed?.pod?.metadata?.name, STORY.listener);
  assert.deepEqual(observed?.roles.map(({ metadata }) => metadata?.namespace), [STORY.namespace]);
  assert.equal(observed?.serviceAccount, undefined);
});
