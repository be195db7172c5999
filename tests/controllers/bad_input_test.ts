/**
 * Every field of every kind, with values of every wrong sort: the schema refuses what has the wrong type, and what was
 * stored past a schema neither throws in any plan nor goes untold. The fields come from the tables.
 */
import assert from "node:assert/strict";
import { planListener } from "../../controllers/autoscaling_listener/plan.ts";
import { planRunnerSet } from "../../controllers/autoscaling_runner_set/plan.ts";
import { planEphemeralRunnerSet } from "../../controllers/ephemeral_runner_set/plan.ts";
import { planRunner } from "../../controllers/ephemeral_runner/plan.ts";
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { conforming } from "../../crds/conforming.ts";
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { KINDS } from "../../crds/kinds.ts";
import type { Schema } from "../../crds/schema.ts";
import { conditionOf } from "../../kube/meta.ts";
import type { KubeObject } from "../../kube/types.ts";
import { aListener, anEphemeralRunnerSet, aRunner, aRunnerSet } from "../builders.ts";
import { problems } from "../crds/structure.ts";
import { after as later } from "../times.ts";
import { namesakeOf } from "../../controllers/autoscaling_runner_set/namesakes.ts";
import { targetText } from "../../controllers/github_target.ts";
import { neededTargets } from "../../controllers/wiring.ts";
import { cachesWith, put } from "./fakes.ts";
import {
  after,
  observedListener,
  observedRunner,
  observedRunnerSet,
  observedSet,
  pure,
} from "./situations.ts";

const NOW = later(100);

/** A field's place, `[]` and `*` standing for any item, and its schema. */
interface FieldAt {
  readonly path: readonly string[];
  readonly schema: Schema;
}

function fieldsOf(schema: Schema, path: readonly string[]): readonly FieldAt[] {
  const known = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const inner = [
    ...Object.entries(known).flatMap(([name, one]) => fieldsOf(one, [...path, name])),
    ...(schema["items"] ? fieldsOf(schema["items"] as Schema, [...path, "[]"]) : []),
    ...(schema["additionalProperties"]
      ? fieldsOf(schema["additionalProperties"] as Schema, [...path, "*"])
      : []),
  ];
  return [{ path, schema }, ...inner];
}

/** `object` with `value` at the place; what is on the way there is made. */
function withValue(object: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (step === "[]") return [withValue(undefined, rest, value)];
  const name = step === "*" ? "any" : step;
  const members = typeof object === "object" && object !== null && !Array.isArray(object)
    ? object as Readonly<Record<string, unknown>>
    : {};
  return { ...members, [name]: withValue(members[name], rest, value) };
}

const VALUES: readonly unknown[] = [
  "",
  "x",
  "x".repeat(5_000),
  -1,
  0,
  1.5,
  1e30,
  true,
  [],
  [null],
  ["x"],
  [[]],
  {},
  { a: null },
  { any: 7 },
  null,
];

const EXAMPLES: Readonly<Record<string, KubeObject>> = {
  AutoscalingRunnerSet: aRunnerSet(),
  AutoscalingListener: aListener(),
  EphemeralRunnerSet: anEphemeralRunnerSet(),
  EphemeralRunner: aRunner(),
};

/** Carries out everything that reads such an object without asking anybody. */
function planFor(object: KubeObject): ReturnType<typeof planRunnerSet> {
  switch (object.kind) {
    case "AutoscalingRunnerSet": {
      const set = object as AutoscalingRunnerSet;
      namesakeOf(aRunnerSet({ name: "other", metadata: { uid: "other" } }), [set]);
      return planRunnerSet(observedRunnerSet({ set }), NOW);
    }
    case "AutoscalingListener":
      planRunnerSet(observedRunnerSet({ listeners: [object as AutoscalingListener] }), NOW);
      return planListener(observedListener({ listener: object as AutoscalingListener }), NOW);
    case "EphemeralRunnerSet":
      planRunnerSet(observedRunnerSet({ runnerSets: [object as EphemeralRunnerSet] }), NOW);
      return planEphemeralRunnerSet(observedSet({ set: object as EphemeralRunnerSet }), NOW);
    default: {
      const runner = object as EphemeralRunner;
      planEphemeralRunnerSet(observedSet({ runners: [runner] }), NOW);
      return planRunner(observedRunner({ runner }), NOW);
    }
  }
}

for (const kind of KINDS) {
  const { kind: name } = kind.type;
  const example = EXAMPLES[name] as KubeObject;
  const fields = [
    ...fieldsOf(kind.spec.schema, ["spec"]),
    ...fieldsOf(kind.status.schema, ["status"]),
  ];

  pure(`${name}: each of its ${fields.length} fields refuses values of another type`, () => {
    for (const { path, schema } of fields) {
      if (path.length === 1) continue;
      const wrong = schema["type"] === "string" ? 7 : "text";
      assert.ok(problems(wrong, schema, path.join(".")).length > 0, path.join("."));
    }
  });

  pure(`${name}: no value of any field, stored past a schema, stops a plan`, () => {
    for (const { path } of fields) {
      for (const value of VALUES) {
        const object = conforming(kind, withValue(example, path, value) as KubeObject);
        try {
          planFor(object);
        } catch (thrown) {
          assert.fail(`${path.join(".")} = ${JSON.stringify(value).slice(0, 40)}: ${thrown}`);
        }
      }
    }
  });
}

pure(
  "AutoscalingRunnerSet: a value of the wrong type is answered by a condition that names the field",
  () => {
    const kind = KINDS.find(({ type }) => type.kind === "AutoscalingRunnerSet");
    assert.ok(kind);
    for (const { path, schema } of fieldsOf(kind.spec.schema, ["spec"]).slice(1)) {
      const wrong = schema["type"] === "string" ? 7 : "text";
      const set = conforming(kind, withValue(aRunnerSet(), path, wrong) as AutoscalingRunnerSet);
      const plan = planFor(set);
      const { status } = after(plan, set);
      const ready = conditionOf(status?.conditions, "Ready");
      const named = path.slice(0, 2).join(".");
      assert.equal(ready?.reason, "InvalidField", path.join("."));
      assert.ok(ready?.message.startsWith(named), `${path.join(".")}: ${ready?.message}`);
      assert.deepEqual(plan.steps, [], "what runs is left alone");
    }
  },
);

Deno.test("objects past the schema stop neither a cache nor what follows it, and other sets are served", () => {
  const caches = cachesWith([aRunnerSet({ name: "good", metadata: { uid: "good" } })]);
  let seen = 0;
  caches.runnerSets.onChange(() => seen++);
  let version = 1_000;
  for (const kind of KINDS) {
    for (const { path } of fieldsOf(kind.spec.schema, ["spec"])) {
      const stored = withValue(EXAMPLES[kind.type.kind], path, 7) as KubeObject;
      const metadata = { ...stored.metadata, resourceVersion: String(version++) };
      put(caches, { ...stored, metadata }, "MODIFIED");
      for (const target of neededTargets(caches)) targetText(target);
    }
  }
  assert.ok(seen > 10);
  assert.ok(caches.runnerSets.all().some(({ metadata }) => metadata?.name === "good"));
});
