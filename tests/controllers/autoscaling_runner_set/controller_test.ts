import assert from "node:assert/strict";
import { runnerSetReconciler } from "../../../controllers/autoscaling_runner_set/controller.ts";
import { GitHubError } from "../../../github/errors.ts";
import { aRunnerSet } from "../../builders.ts";
import { after } from "../../times.ts";
import { cachesWith, fakeGitHub, NEVER } from "../fakes.ts";
import { outline, SETTINGS } from "../situations.ts";

const reconciler = runnerSetReconciler({
  caches: cachesWith([aRunnerSet()]),
  services: fakeGitHub().services,
  settings: SETTINGS,
});

Deno.test("a runner set in the cache is observed and planned for, and its failures are told", async () => {
  const observed = await reconciler.observe({ namespace: "arc-runners", name: "linux" }, NEVER);
  assert.ok(observed);
  assert.deepEqual(outline(reconciler.plan(observed, after(1))), [
    "create EphemeralRunnerSet",
    "create AutoscalingListener",
    "check-pod-template",
  ]);
  const failure = new GitHubError("github_unauthorized", "no");
  assert.match(
    JSON.stringify(reconciler.afterFailure?.(observed, failure, after(1))?.patch),
    /CredentialsInvalid/,
  );
  assert.equal(reconciler.afterFailure?.(observed, new TypeError("bug"), after(1)), undefined);
});
