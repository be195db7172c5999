import assert from "node:assert/strict";
import { lackingFields, NEEDED_FIELDS } from "../../controllers/needed_fields.ts";
import { customResourceDefinition } from "../../crds/kind.ts";
import { KINDS } from "../../crds/kinds.ts";
import type { ServedSchema } from "../../kube/discovery.ts";
import type { KubeObject } from "../../kube/types.ts";
import { arcDocuments, arcIsAbsent, NEEDS_ARC } from "../crds/arc_fixtures.ts";

interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: ServedSchema } }[];
  };
}

function schemasOf(definitions: readonly unknown[]): ReadonlyMap<string, ServedSchema> {
  return new Map((definitions as readonly Definition[]).map(({ spec }) => [
    spec.names.kind,
    spec.versions[0]?.schema.openAPIV3Schema ?? {},
  ]));
}

const ours = schemasOf(KINDS.map((kind): KubeObject => customResourceDefinition(kind)));

/** The schemas without one field. */
function without(kind: string, path: string): ReadonlyMap<string, ServedSchema> {
  const copy = new Map<string, ServedSchema>(JSON.parse(JSON.stringify([...ours])));
  const names = path.split(".");
  const last = names.pop() ?? "";
  let at = copy.get(kind);
  for (const name of names) at = at?.properties?.[name];
  delete (at?.properties as Record<string, ServedSchema>)[last];
  return copy;
}

Deno.test("our own definitions lack nothing", () => {
  assert.deepEqual(lackingFields(ours), { needed: [], useful: [] });
});

Deno.test("every field that is needed is one of ours, and missed by name", () => {
  for (const [kind, paths] of Object.entries(NEEDED_FIELDS)) {
    for (const path of paths) {
      assert.deepEqual(lackingFields(without(kind, path)), {
        needed: [`${kind} ${path}`],
        useful: [],
      });
    }
  }
});

Deno.test("a field that is of use only is missed as such, a whole status as one", () => {
  assert.deepEqual(lackingFields(without("EphemeralRunnerSet", "spec.completedRunners")).useful, [
    "EphemeralRunnerSet spec.completedRunners",
  ]);
  assert.deepEqual(lackingFields(without("AutoscalingRunnerSet", "status")).useful, [
    "AutoscalingRunnerSet status",
  ]);
  assert.deepEqual(lackingFields(without("EphemeralRunner", "status")).needed, [
    "EphemeralRunner status",
  ]);
});

Deno.test("what keeps unknown fields lacks none, and what is not served is not looked at", () => {
  const keeps = { properties: { spec: { "x-kubernetes-preserve-unknown-fields": true } } };
  assert.deepEqual(
    lackingFields(new Map([["AutoscalingListener", keeps]])).needed,
    [],
  );
});

Deno.test({
  name: `ARC's own definitions have all that is needed ${NEEDS_ARC}`,
  ignore: arcIsAbsent(),
  async fn() {
    const files = KINDS.map(({ type }) => `arc-crds/actions.github.com_${type.plural}.yaml`);
    const arc = schemasOf((await Promise.all(files.map(arcDocuments))).flat());
    assert.equal(arc.size, 4);
    const { needed, useful } = lackingFields(arc);
    assert.deepEqual(needed, []);
    assert.ok(useful.includes("EphemeralRunnerSet status.conditions"));
  },
});
