import assert from "node:assert/strict";
import { InvalidInput } from "../../../lib/errors.ts";
import type { KubeObject } from "../../../kube/types.ts";
import type { Manifest } from "../../../modes/dev/manifests.ts";
import { runnerSetsOf } from "../../../modes/dev/runner_sets.ts";

function aSet(spec: object = {}): Manifest {
  const object = {
    kind: "AutoscalingRunnerSet",
    metadata: { namespace: "n", name: "set" },
    spec: { githubConfigUrl: "https://github.com/org", githubConfigSecret: "s", ...spec },
  };
  return { at: "f.yaml:1", object: object as KubeObject };
}

function aSecret(more: object = { stringData: { github_token: "ghp_x" } }): Manifest {
  const object = { kind: "Secret", metadata: { namespace: "n", name: "s" }, ...more };
  return { at: "f.yaml:9", object: object as KubeObject };
}

Deno.test({
  name: "a set without numbers has no minimum and no limit; its name is what jobs ask for",
  permissions: "none",
  fn: () => {
    const [set] = runnerSetsOf([aSecret(), aSet()]);
    assert.deepEqual([set?.minRunners, set?.maxRunners, set?.scaleSetName], [0, undefined, "set"]);
    assert.equal(set?.configUrl.organization, "org");
  },
});

Deno.test({
  name: "a set may have another name at GitHub, and labels",
  permissions: "none",
  fn: () => {
    const spec = { runnerScaleSetName: "big", runnerScaleSetLabels: ["linux", "big"] };
    const [set] = runnerSetsOf([aSecret(), aSet(spec)]);
    assert.deepEqual(set?.labels, ["big", "linux"]);
  },
});

Deno.test({
  name: "of two Secrets of a name the last counts, as applying them would have it",
  permissions: "none",
  fn: () => assert.equal(runnerSetsOf([aSecret({ data: {} }), aSecret(), aSet()]).length, 1),
});

const WRONG:
  readonly (readonly [claim: string, manifests: readonly Manifest[], message: RegExp])[] = [
    ["no set at all", [aSecret()], /^The manifests hold no AutoscalingRunnerSet/],
    [
      "a minimum above the maximum",
      [aSecret(), aSet({ minRunners: 5, maxRunners: 2 })],
      /^f\.yaml:1: AutoscalingRunnerSet "set": spec\.minRunners is 5, expected at most spec\.maxRunners, which is 2$/,
    ],
    [
      "a negative number",
      [aSecret(), aSet({ maxRunners: -1 })],
      /spec\.maxRunners is -1, expected/,
    ],
    [
      "a number as text",
      [aSecret(), aSet({ minRunners: "3" })],
      /spec\.minRunners is "3", expected/,
    ],
    ["no URL", [aSecret(), aSet({ githubConfigUrl: "" })], /spec\.githubConfigUrl is "", expected/],
    [
      "a URL without a scheme",
      [aSecret(), aSet({ githubConfigUrl: "github.com/org" })],
      /^f\.yaml:1: AutoscalingRunnerSet "set": githubConfigUrl "github\.com\/org"/,
    ],
    [
      "a URL of nothing",
      [aSecret(), aSet({ githubConfigUrl: "https://github.com" })],
      /githubConfigUrl "https:\/\/github\.com" is not accepted/,
    ],
    [
      "a missing Secret",
      [aSet()],
      /spec\.githubConfigSecret is "s", expected a Secret of that name in namespace "n"/,
    ],
    [
      "an incomplete Secret",
      [aSecret({ data: { github_app_id: btoa("1") } }), aSet()],
      /^f\.yaml:9: Secret "s": .*github_app_private_key/,
    ],
    [
      "a vault",
      [aSecret(), aSet({ vaultConfig: { type: "azure_key_vault" } })],
      /spec\.vaultConfig\.type is "azure_key_vault", but no vault is simulated/,
    ],
  ];

for (const [claim, manifests, message] of WRONG) {
  Deno.test({
    name: `runner sets: ${claim} is refused`,
    permissions: "none",
    fn: () =>
      assert.throws(
        () => runnerSetsOf(manifests),
        (thrown) => thrown instanceof InvalidInput && message.test(thrown.message),
      ),
  });
}
