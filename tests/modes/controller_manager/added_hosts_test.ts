import assert from "node:assert/strict";
import type { AutoscalingRunnerSet } from "../../../crds/autoscaling_runner_set.ts";
import { namersOf } from "../../../modes/controller_manager/added_hosts.ts";

type Spec = NonNullable<AutoscalingRunnerSet["spec"]>;

function aSet(name: string, spec: Spec, metadata: object = {}): AutoscalingRunnerSet {
  return {
    apiVersion: "actions.github.com/v1alpha1",
    kind: "AutoscalingRunnerSet",
    metadata: { name, namespace: "arc-runners", ...metadata },
    spec,
  };
}

const ADDED = ["ghes.example.com:443", "proxy.example.com:3128", "v.vault.azure.net:443"];

const ROWS: readonly {
  readonly claim: string;
  readonly set: AutoscalingRunnerSet;
  readonly hosts: readonly string[] | undefined;
}[] = [
  {
    claim: "a set is told of the host of its config URL",
    set: aSet("a", { githubConfigUrl: "https://ghes.example.com/org" }),
    hosts: ["ghes.example.com:443"],
  },
  {
    claim: "a set is told of its proxy and its vault",
    set: aSet("b", {
      githubConfigUrl: "https://github.com/org",
      proxy: { https: { url: "http://proxy.example.com:3128" } },
      vaultConfig: { azureKeyVault: { url: "https://v.vault.azure.net" } },
    } as Spec),
    hosts: ["proxy.example.com:3128", "v.vault.azure.net:443"],
  },
  {
    claim: "a set that names none of them is told nothing",
    set: aSet("c", { githubConfigUrl: "https://github.com/org" }),
    hosts: undefined,
  },
  {
    claim: "a set with a config URL that is none is told nothing",
    set: aSet("d", { githubConfigUrl: "ftp://ghes.example.com" }),
    hosts: undefined,
  },
  {
    claim: "a set that is being deleted is told nothing",
    set: aSet("e", { githubConfigUrl: "https://ghes.example.com/org" }, {
      deletionTimestamp: "2026-01-01T12:00:00Z",
    }),
    hosts: undefined,
  },
];

for (const { claim, set, hosts } of ROWS) {
  Deno.test({
    name: claim,
    permissions: "none",
    fn: () => assert.deepEqual(namersOf(ADDED, [set], { forceGhes: undefined })[0]?.hosts, hosts),
  });
}
