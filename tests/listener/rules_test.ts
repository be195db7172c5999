import assert from "node:assert/strict";
import { listenerRules, watchRules } from "../../listener/rules.ts";

const PURE = { permissions: "none" } as const;

Deno.test("a listener may patch its own set and the runners, and nothing else", PURE, () => {
  assert.deepEqual(listenerRules({ ephemeralRunnerSetName: "linux" }), [
    {
      apiGroups: ["actions.github.com"],
      resources: ["ephemeralrunnersets"],
      resourceNames: ["linux"],
      verbs: ["patch"],
    },
    {
      apiGroups: ["actions.github.com"],
      resources: ["ephemeralrunners", "ephemeralrunners/status"],
      verbs: ["patch"],
    },
  ]);
});

Deno.test("B3: a listener may read its own AutoscalingListener only", PURE, () => {
  const [rule, ...rest] = watchRules({ name: "linux-1234-listener" });
  assert.deepEqual([rule?.resourceNames, rule?.verbs, rest], [
    ["linux-1234-listener"],
    ["get", "list", "watch"],
    [],
  ]);
});
