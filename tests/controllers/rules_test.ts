import assert from "node:assert/strict";
import {
  clusterRules,
  eventRules,
  leaderElectionRules,
  lettingGoOwnRules,
  lettingGoRules,
  ownNamespaceRules,
  runnerNamespaceRules,
} from "../../controllers/rules.ts";
import { KINDS } from "../../crds/kinds.ts";
import type { PolicyRule } from "../../kube/types.ts";
import { listenerRules } from "../../listener/rules.ts";
import { pure } from "./situations.ts";

const SETS = {
  clusterRules,
  ownNamespaceRules,
  runnerNamespaceRules,
  leaderElectionRules,
  eventRules,
};

pure("nobody may do everything, to anything", () => {
  for (const [name, rules] of Object.entries({ ...SETS, lettingGoRules, lettingGoOwnRules })) {
    const wide = rules.filter(({ apiGroups, resources, verbs }) =>
      [apiGroups, resources, verbs].flat().includes("*")
    );
    assert.deepEqual(wide, [], name);
  }
});

pure("every kind of ours may be written, with its status and its finalizers", () => {
  const resources = clusterRules.flatMap(({ apiGroups, resources = [] }) =>
    apiGroups?.includes("actions.github.com") ? resources : []
  );
  const expected = KINDS.flatMap((
    { type: { plural } },
  ) => [plural, `${plural}/status`, `${plural}/finalizers`]);
  assert.deepEqual([...resources].sort(), expected.sort());
});

pure("Secrets are read and written in two kinds of namespaces, never in the whole cluster", () => {
  const secrets = (rules: readonly PolicyRule[]) =>
    rules.filter(({ resources }) => resources?.includes("secrets")).length;
  assert.deepEqual(
    [secrets(clusterRules), secrets(ownNamespaceRules), secrets(runnerNamespaceRules)],
    [0, 1, 1],
  );
});

pure("what the listener is granted, the controller has: nobody can grant more", () => {
  const has = ({ apiGroups, resources, verbs }: PolicyRule) =>
    resources?.every((resource) =>
      verbs.every((verb) =>
        clusterRules.some((rule) =>
          rule.apiGroups?.includes(apiGroups?.[0] ?? "") && rule.resources?.includes(resource) &&
          rule.verbs.includes(verb)
        )
      )
    );
  assert.ok(listenerRules({ ephemeralRunnerSetName: "linux" }).every(has));
});

pure("ARC's lists keep their count", () => {
  assert.deepEqual(
    Object.values(SETS).map((rules) => rules.length),
    [16, 4, 6, 2, 1],
  );
});
