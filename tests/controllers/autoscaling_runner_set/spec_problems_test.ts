import assert from "node:assert/strict";
import { checkSpec } from "../../../controllers/autoscaling_runner_set/spec_problems.ts";
import type { AutoscalingRunnerSet } from "../../../crds/autoscaling_runner_set.ts";
import { aRunnerSet } from "../../builders.ts";
import { pure } from "../situations.ts";

type SpecChanges = NonNullable<NonNullable<Parameters<typeof aRunnerSet>[0]>["spec"]>;

const ROWS: readonly {
  readonly claim: string;
  readonly spec: SpecChanges;
  readonly reason?: string;
  readonly message?: RegExp;
}[] = [
  { claim: "nothing is wrong with an ordinary spec", spec: {} },
  { claim: "nothing when there are no limits", spec: { minRunners: null, maxRunners: null } },
  { claim: "nothing when minimum and maximum are equal", spec: { minRunners: 3, maxRunners: 3 } },
  { claim: "nothing when the maximum is 0", spec: { minRunners: 0, maxRunners: 0 } },
  { claim: "no URL", spec: { githubConfigUrl: null }, reason: "InvalidConfigUrl" },
  {
    claim: "a URL with too many parts",
    spec: { githubConfigUrl: "https://github.com/a/b/c" },
    reason: "InvalidConfigUrl",
  },
  { claim: "no URL at all", spec: { githubConfigUrl: "acme" }, reason: "InvalidConfigUrl" },
  {
    claim: "no Secret",
    spec: { githubConfigSecret: null },
    reason: "InvalidSecretName",
    message: /github_token/,
  },
  {
    claim: "a minimum above the maximum",
    spec: { minRunners: 6, maxRunners: 5 },
    reason: "InvalidRunnerCounts",
    message: /minRunners is 6.*maxRunners, which is 5/,
  },
  {
    claim: "a negative minimum, stored past the schema",
    spec: { minRunners: -1 },
    reason: "InvalidRunnerCounts",
    message: /minRunners is -1/,
  },
  {
    claim: "a fraction as maximum, stored past the schema",
    spec: { maxRunners: 1.5 },
    reason: "InvalidRunnerCounts",
    message: /maxRunners is 1.5/,
  },
  { claim: "no template", spec: { template: null }, reason: "InvalidTemplate" },
  {
    claim: "no container",
    spec: { template: { spec: { containers: [] } } },
    reason: "InvalidTemplate",
    message: /has no container/,
  },
  {
    claim: "X20: no container named runner",
    spec: { template: { spec: { containers: [{ name: "main" }, { name: "side" }] } } },
    reason: "InvalidTemplate",
    message: /has main, side: one must be named runner/,
  },
];

for (const { claim, spec, reason, message } of ROWS) {
  pure(`a spec with a problem: ${claim}`, () => {
    const { problem, url } = checkSpec(aRunnerSet({ spec }), { forceGhes: false });
    assert.equal(problem?.reason, reason);
    if (message) assert.match(problem?.message ?? "", message);
    assert.equal(url === undefined, reason === "InvalidConfigUrl");
  });
}

pure("templates that are not even an object of containers are a problem, not a crash", () => {
  for (const containers of [null, "runner", { name: "runner" }, [null]]) {
    const set = {
      ...aRunnerSet(),
      spec: { ...aRunnerSet().spec, template: { spec: { containers } } },
    } as unknown as AutoscalingRunnerSet;
    assert.equal(checkSpec(set, { forceGhes: false }).problem?.reason, "InvalidTemplate");
  }
  assert.equal(checkSpec({}, { forceGhes: false }).problem?.reason, "InvalidConfigUrl");
});
