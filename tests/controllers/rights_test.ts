import assert from "node:assert/strict";
import { type ControllerConfig, controllerFlags } from "../../controllers/config.ts";
import { lackingRights, neededRights, servedNamespaces } from "../../controllers/rights.ts";
import { clusterRules, singleNamespaceWatchedRules } from "../../controllers/rules.ts";
import type { PolicyRule } from "../../kube/types.ts";
import { parseFlags } from "../../lib/flags.ts";
import { pure } from "./situations.ts";

function config(...args: string[]): ControllerConfig {
  return parseFlags(controllerFlags, {
    args: ["--namespace=own", "--image=i", "--kube-host=h", ...args],
  }).config;
}

pure("the whole cluster is served, or the named namespace and our own", () => {
  assert.deepEqual(servedNamespaces(config()), []);
  assert.deepEqual(servedNamespaces(config("--watch-single-namespace=a")), ["a", "own"]);
  assert.deepEqual(servedNamespaces(config("--watch-namespace=a")), ["a", "own"]);
  assert.deepEqual(
    servedNamespaces(config("--watch-namespace=a", "--watch-single-namespace=b")),
    ["b", "own"],
  );
  assert.deepEqual(servedNamespaces(config("--watch-single-namespace=own")), ["own"]);
});

pure("where all is served, the cluster's rules are needed, and the lease with an election", () => {
  const [needed, ...more] = neededRights(config("--enable-leader-election"));
  assert.deepEqual(more, []);
  assert.equal(needed?.namespace, "own");
  for (const rule of clusterRules) assert.ok(needed?.rules.includes(rule));
  assert.ok(needed?.rules.some(({ resources }) => resources?.includes("leases")));
  assert.ok(
    !neededRights(config())[0]?.rules.some(({ resources }) => resources?.includes("leases")),
  );
});

pure("where one namespace is served, each place needs what its Role in ARC's chart has", () => {
  const needed = neededRights(config("--watch-single-namespace=a"));
  assert.deepEqual(needed.map(({ namespace, where }) => [namespace, where]), [
    ["a", 'namespace "a"'],
    ["own", 'namespace "own"'],
  ]);
  assert.deepEqual(needed[0]?.rules, singleNamespaceWatchedRules);
  assert.ok(needed[1]?.rules.some(({ resources }) => resources?.includes("secrets")));
});

const NEEDED: readonly PolicyRule[] = [
  { apiGroups: ["g"], resources: ["things", "things/status"], verbs: ["get", "patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
];
const PODS: PolicyRule = { apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] };

const rows: Readonly<Record<string, readonly [granted: readonly PolicyRule[], readonly string[]]>> =
  {
    "the same rules": [NEEDED, []],
    "everything by stars": [[{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }], []],
    "a status by a star before the slash": [
      [PODS, { apiGroups: ["g"], resources: ["things", "*/status"], verbs: ["*"] }],
      [],
    ],
    "a verb less": [
      [PODS, { apiGroups: ["g"], resources: ["things", "things/status"], verbs: ["get"] }],
      ["patch things.g", "patch things/status.g"],
    ],
    "another group": [[{ ...PODS, apiGroups: ["g"] }, NEEDED[0] as PolicyRule], ["list pods"]],
    "single names only": [
      [{ ...PODS, resourceNames: ["one"] }, NEEDED[0] as PolicyRule],
      ["list pods"],
    ],
    "nothing": [[], ["get, patch things.g", "get, patch things/status.g", "list pods"]],
  };
for (const [what, [granted, lacking]] of Object.entries(rows)) {
  pure(`lacking when granted: ${what}`, () => {
    assert.deepEqual(lackingRights(NEEDED, granted), lacking);
  });
}
