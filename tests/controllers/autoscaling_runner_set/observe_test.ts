import assert from "node:assert/strict";
import { observeRunnerSet } from "../../../controllers/autoscaling_runner_set/observe.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import {
  aListener,
  aListenerPod,
  anEphemeralRunnerSet,
  aPod,
  aRunner,
  aRunnerSet,
  ownedBy,
} from "../../builders.ts";
import { cachesWith, fakeGitHub, NEVER } from "../fakes.ts";
import { GOOD_CREDENTIALS, SETTINGS } from "../situations.ts";

const KEY = { namespace: "arc-runners", name: "linux" };
const look = (objects: Parameters<typeof cachesWith>[0]) =>
  observeRunnerSet(
    { caches: cachesWith(objects), services: fakeGitHub().services, settings: SETTINGS },
    KEY,
    NEVER,
  );

Deno.test("the proxies' Secret that is known is that of the set of runners, whatever it is called", async () => {
  const drawn = anEphemeralRunnerSet({
    name: "linux-abc12",
    metadata: { ownerReferences: [ownedBy(AUTOSCALING_RUNNER_SETS, KEY)] },
  });
  const observed = await observeRunnerSet(
    {
      caches: cachesWith([aRunnerSet(), drawn]),
      services: fakeGitHub().services,
      proxySecrets: new Map([["arc-runners/linux-abc12-754b578d-runner-proxy", "f1"]]),
      settings: SETTINGS,
    },
    KEY,
    NEVER,
  );
  assert.equal(observed?.proxySecret, "f1");
});

Deno.test("a runner set that is gone is not observed", async () => {
  assert.equal(await look([aListener()]), undefined);
});

Deno.test("a runner set is seen with all that is its own, and nothing else", async () => {
  const generated = anEphemeralRunnerSet({
    name: "linux-abc12",
    metadata: { ownerReferences: [ownedBy(AUTOSCALING_RUNNER_SETS, KEY)] },
  });
  const former = anEphemeralRunnerSet({
    name: "linux-old",
    metadata: { ownerReferences: [{ ...ownedBy(AUTOSCALING_RUNNER_SETS, KEY), uid: "former" }] },
  });
  const observed = await look([
    aRunnerSet(),
    anEphemeralRunnerSet(),
    generated,
    former,
    aListener(),
    aListener({ name: "other", spec: { autoscalingRunnerSetName: "other" } }),
    aListenerPod(),
    aPod(),
    aRunner(),
    aRunner({ name: "r-2" }),
    aRunner({
      name: "r-3",
      metadata: { labels: { "actions.github.com/scale-set-name": "other" } },
    }),
  ]);
  const names = (list: readonly { metadata?: { name?: string } }[] = []) =>
    list.map(({ metadata }) => metadata?.name);
  assert.deepEqual(names(observed?.runnerSets), ["linux", "linux-abc12"]);
  assert.deepEqual(names(observed?.listeners), [aListener().metadata?.name]);
  assert.deepEqual(names(observed?.listenerPods), [aListenerPod().metadata?.name]);
  assert.equal(observed?.runnerCount, 2);
  assert.deepEqual(observed?.credentials, GOOD_CREDENTIALS);
});
