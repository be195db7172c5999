import assert from "node:assert/strict";
import { autoscalingRunnerSetKind } from "../../crds/autoscaling_runner_set.ts";
import { conforming, unfitFields } from "../../crds/conforming.ts";
import { ephemeralRunnerKind } from "../../crds/ephemeral_runner.ts";
import type { KubeObject } from "../../kube/types.ts";
import { aListener, anEphemeralRunnerSet, aRunner, aRunnerSet } from "../builders.ts";
import { KINDS } from "../../crds/kinds.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

function withSpec(spec: unknown): KubeObject {
  return conforming(autoscalingRunnerSetKind, { ...aRunnerSet(), spec } as KubeObject);
}

function specOf(object: KubeObject): unknown {
  return (object as { spec?: unknown }).spec;
}

pure("an object that fits is the very same one", () => {
  for (const object of [aRunnerSet(), aListener(), anEphemeralRunnerSet(), aRunner()]) {
    const kind = KINDS.find(({ type }) => type.kind === object.kind);
    assert.ok(kind);
    assert.equal(conforming(kind, object), object);
  }
});

const ROWS: readonly (readonly [claim: string, spec: unknown, left: unknown, problem: RegExp])[] = [
  [
    "a text where a number should be",
    { maxRunners: "5" },
    {},
    /^spec.maxRunners is "5": it must be a whole number$/,
  ],
  ["a fraction", { minRunners: 0.5 }, {}, /^spec.minRunners is 0.5/],
  ["a negative number", { minRunners: -1 }, {}, /^spec.minRunners is -1: it must be at least 0$/],
  [
    "a number where a text should be",
    { githubConfigUrl: 7 },
    {},
    /^spec.githubConfigUrl is 7: it must be a text$/,
  ],
  ["a list instead of an object", { proxy: [] }, {}, /^spec.proxy is \[\]: it must be an object$/],
  [
    "one wrong item of a list",
    { runnerScaleSetLabels: ["a", 1] },
    { runnerScaleSetLabels: ["a"] },
    /^spec.runnerScaleSetLabels\[1\] is 1/,
  ],
  ["a wrong value of a map", { listenerRoleMetadata: { labels: { a: "1", b: 2 } } }, {
    listenerRoleMetadata: { labels: { a: "1" } },
  }, /^spec.listenerRoleMetadata.labels.b is 2/],
  ["a part that lacks what it needs", { listenerMetrics: { counters: { x: {} } } }, {
    listenerMetrics: { counters: {} },
  }, /^spec.listenerMetrics.counters.x.labels is absent/],
  ["containers that are none", { template: { spec: { containers: [7] } } }, {
    template: { spec: { containers: [] } },
  }, /^spec.template.spec.containers\[0\] is 7: it must be a container with a name$/],
  [
    "an environment that is none",
    { template: { spec: { containers: [{ name: "runner", env: "x" }] } } },
    { template: { spec: { containers: [{ name: "runner" }] } } },
    /containers\[0\].env is "x"/,
  ],
  ["labels that are no texts", { template: { metadata: { labels: { a: 1 } } } }, {
    template: { metadata: { labels: {} } },
  }, /template.metadata.labels.a is 1/],
  ["no object at all", "spec", undefined, /^spec is "spec": it must be an object$/],
];

for (const [claim, spec, left, problem] of ROWS) {
  pure(`past the schema: ${claim} is left out and named`, () => {
    const object = withSpec(spec);
    assert.deepEqual(specOf(object), left);
    assert.match(unfitFields(object).join("\n"), problem);
  });
}

pure("past the schema: unknown members, and what a template holds besides, stay", () => {
  const spec = { future: { a: [1] }, template: { spec: { containers: [], future: 1 } } };
  assert.deepEqual(specOf(withSpec({ ...spec, minRunners: "x" })), spec);
});

pure("past the schema: a null is absent, and no problem", () => {
  const object = withSpec({ minRunners: null, maxRunners: 1 });
  assert.deepEqual([specOf(object), unfitFields(object)], [{ maxRunners: 1 }, []]);
});

pure("past the schema: a runner's own template is held to the same", () => {
  const runner = aRunner();
  const broken = { ...runner, spec: { ...runner.spec, spec: { containers: "none" } } } as never;
  const object = conforming(ephemeralRunnerKind, broken as KubeObject);
  assert.match(unfitFields(object).join(), /^spec.spec.containers is "none": it must be a list$/);
});

pure("a status that is broken is left out, and is nobody's fault", () => {
  const object = conforming(autoscalingRunnerSetKind, { ...aRunnerSet(), status: 7 } as KubeObject);
  assert.deepEqual([(object as { status?: unknown }).status, unfitFields(object)], [undefined, []]);
});

const SECRETS: readonly (readonly [claim: string, spec: object, said: string])[] = [
  [
    "credentials in place of the name of their Secret",
    { githubConfigSecret: { github_token: "hunter2" } },
    "spec.githubConfigSecret is an object: it must be a text",
  ],
  [
    "a token in place of a number",
    { maxRunners: "ghp_hunter2hunter2hunter2" },
    'spec.maxRunners is "[redacted]": it must be a whole number',
  ],
  [
    "variables as a list of texts",
    { template: { spec: { containers: [{ name: "runner", env: ["PASSWORD=hunter2"] }] } } },
    'spec.template.spec.containers[0].env[0] is "PASSWORD=…": it must be an object',
  ],
];

for (const [claim, spec, said] of SECRETS) {
  pure(`past the schema: ${claim}: what may be a secret is not shown`, () => {
    const object = conforming(autoscalingRunnerSetKind, { spec } as KubeObject);
    assert.deepEqual(unfitFields(object), [said]);
  });
}

pure("what is shown of a value is short", () => {
  const [problem = ""] = unfitFields(withSpec({ maxRunners: "x".repeat(10_000) }));
  assert.ok(problem.length < 200);
});
