import assert from "node:assert/strict";
import { desiredRunner } from "../../../controllers/ephemeral_runner_set/children.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS, FINALIZERS } from "../../../crds/group.ts";
import { anEphemeralRunnerSet, ownedBy, STORY } from "../../builders.ts";
import { pure } from "../situations.ts";

pure("RB-01: a runner has its set's labels but for the component, and the user's wishes", () => {
  const set = anEphemeralRunnerSet({
    metadata: { labels: { team: "blue" }, annotations: { own: "wins", note: "n" } },
    spec: {
      patchID: 12,
      ephemeralRunnerMetadata: {
        labels: { wish: "l", team: "loses", "example.com/label": "no" },
        annotations: { wish: "a", own: "loses" },
      },
    },
  });
  const { metadata } = desiredRunner(set, ["example.com/"]);
  assert.deepEqual(metadata?.labels, {
    ...set.metadata?.labels,
    "app.kubernetes.io/component": "runner",
    wish: "l",
  });
  assert.deepEqual(metadata?.annotations, {
    ...set.metadata?.annotations,
    [ANNOTATIONS.patchId]: "12",
    wish: "a",
  });
});

pure("RB-05: a runner is controlled by its set and named by the server", () => {
  const { metadata } = desiredRunner(anEphemeralRunnerSet(), []);
  const owner = { namespace: STORY.namespace, name: STORY.runnerSet };
  assert.deepEqual(metadata?.ownerReferences, [ownedBy(EPHEMERAL_RUNNER_SETS, owner)]);
  assert.equal(metadata?.generateName, "linux-runner-");
  assert.equal(metadata?.namespace, STORY.namespace);
});

pure("B5: a runner is held by what may exist at GitHub, and by nothing else", () => {
  const { metadata } = desiredRunner(anEphemeralRunnerSet(), []);
  assert.deepEqual(metadata?.finalizers, [FINALIZERS.runnerRegistration]);
});

pure("X11: wishes with labels alone, or annotations alone, are taken", () => {
  const wishes = [{ labels: { a: "1" } }, { annotations: { a: "1" } }];
  for (const ephemeralRunnerMetadata of wishes) {
    const { metadata } = desiredRunner(
      anEphemeralRunnerSet({ spec: { ephemeralRunnerMetadata } }),
      [],
    );
    assert.equal(metadata?.labels?.["a"] ?? metadata?.annotations?.["a"], "1");
  }
});

pure("the spec is the set's, with the name of the proxy's Secret when there is one", () => {
  const set = anEphemeralRunnerSet();
  assert.deepEqual(desiredRunner(set, []).spec, set.spec?.ephemeralRunnerSpec);
  const proxied = anEphemeralRunnerSet({
    spec: { ephemeralRunnerSpec: { proxy: { http: { url: "http://proxy" } } } },
  });
  assert.equal(
    desiredRunner(proxied, []).spec?.proxySecretRef,
    "linux-754b578d-runner-proxy",
  );
});
