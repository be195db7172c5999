/** What is generated for the charts: the keys of a values file, their schema and page, rules, alerts, dashboards. */
import assert from "node:assert/strict";
import {
  clusterRules,
  singleNamespaceOwnRules,
  singleNamespaceWatchedRules,
} from "../../../controllers/rules.ts";
import type { PolicyRule } from "../../../kube/types.ts";
import { CHART_RULES } from "../../../tools/gen/chart_rules.ts";
import { targets } from "../../../tools/gen/chart_dashboards.ts";
import { uncommented, unexplained, valuesKeys } from "../../../tools/gen/chart_values.ts";
import { CHARTS, CONTROLLER_CHART } from "../../../tools/gen/charts.ts";
import { valuesRow } from "../../../tools/gen/values_page.ts";
import { keySchema, knownKeysTemplate, valuesSchema } from "../../../tools/gen/values_schema.ts";

const VALUES = `## The head of the file.

image:
  ## Its name.
  ## In two lines.
  ## @type string
  name: "a"
## @type map of string
labels: {}
#   ## One that we know.
#   ## @type string
#   known: x
## Not set.
# proxy:
#   ## @type object
#   http:
#     url: http://x
#     list:
#       - name: y
unexplained: 1
`;

const KEYS = valuesKeys(VALUES, "values.yaml");

Deno.test(
  "keys are read in order, commented ones too, samples not",
  { permissions: "none" },
  () => {
    assert.deepEqual(KEYS.map(({ path, type }) => [path, type]), [
      ["image", undefined],
      ["image.name", "string"],
      ["labels", "map of string"],
      ["labels.known", "string"],
      ["proxy", undefined],
      ["proxy.http", "object"],
    ]);
    const [, name, , , proxy] = KEYS;
    assert.equal(name?.doc, "Its name. In two lines.");
    assert.equal(name?.value, "a");
    assert.equal(proxy?.doc, "Not set.");
    assert.equal(proxy?.value, undefined);
  },
);

Deno.test("a value that nothing explains is found", { permissions: "none" }, () => {
  assert.deepEqual(unexplained(VALUES, "values.yaml"), ["unexplained"]);
});

Deno.test("to uncomment is to take away one mark", { permissions: "none" }, () => {
  assert.equal(
    uncommented("## a\n# b:\n#   ## c\n  # d:\n#   - e"),
    "## a\nb:\n  ## c\n  d:\n  - e",
  );
});

Deno.test(
  "a schema nests, describes, and takes what templates take",
  { permissions: "none" },
  () => {
    const schema = valuesSchema(KEYS, "T") as { properties: Record<string, unknown> };
    const { image, labels } = schema.properties as Record<string, Record<string, unknown>>;
    assert.deepEqual(image?.["properties"], {
      name: {
        description: "Its name. In two lines.",
        type: ["string", "number", "boolean", "null"],
        default: "a",
      },
    });
    assert.deepEqual(labels?.["anyOf"], [{ type: "object" }, { enum: [null, "", false, []] }]);
    assert.doesNotMatch(JSON.stringify(schema), /additionalProperties/);
  },
);

Deno.test("a type in unknown words is a mistake of ours", { permissions: "none" }, () => {
  const key = { path: "a", type: "strng", doc: "", value: undefined };
  assert.throws(() => keySchema(key), /Values key a: unknown @type "strng"/);
});

Deno.test("known keys end where a map is the user's", { permissions: "none" }, () => {
  const text = knownKeysTemplate(KEYS, "c");
  const body = text.split("\n").slice(3, -2);
  assert.deepEqual(body, [
    "global: true",
    "image:",
    "  name: true",
    "labels: true",
    "proxy:",
    "  http: true",
  ]);
});

Deno.test("a row of the page has key, type, default and meaning", { permissions: "none" }, () => {
  const key = { path: "a.b", type: "string", doc: "What.", value: "x" };
  assert.deepEqual(valuesRow(key), ["`a.b`", "string", '`"x"`', "What."]);
  assert.deepEqual(valuesRow({ ...key, value: undefined })[2], "");
  assert.deepEqual(valuesRow({ ...key, value: "x".repeat(99) })[2], "see the values file");
});

Deno.test("a panel asks for what its kind of series can tell", { permissions: "none" }, () => {
  const row = { name: "n", help: "", labels: ["a", "b"] };
  assert.deepEqual(targets({ ...row, kind: "gauge" }), [
    { expr: "n", legendFormat: "{{a}} {{b}}" },
  ]);
  const [counter] = targets({ ...row, kind: "counter" }) as readonly { expr: string }[];
  assert.equal(counter?.expr, "sum by (a, b) (rate(n[$__rate_interval]))");
  assert.equal(targets({ ...row, kind: "histogram", buckets: [1] }).length, 3);
});

/** `resource verb` words of a list of rules. */
function grants(rules: readonly PolicyRule[]): ReadonlySet<string> {
  return new Set(
    rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`))
      )
    ),
  );
}

Deno.test(
  "one namespace needs nothing that the whole cluster does not",
  { permissions: "none" },
  () => {
    const all = grants(clusterRules);
    const one = grants([...singleNamespaceOwnRules, ...singleNamespaceWatchedRules]);
    assert.deepEqual([...one].filter((grant) => !all.has(grant)), []);
    assert.deepEqual([...all].filter((grant) => !one.has(grant)), []);
  },
);

Deno.test("rules have ARC's count, and listeners no names that a chart could know", {
  permissions: "none",
}, () => {
  const rules = CHART_RULES[CONTROLLER_CHART] ?? {};
  assert.deepEqual(
    Object.entries(rules).map(([name, list]) => [name, list.length]),
    [
      ["cluster", 16],
      ["singleNamespaceOwn", 10],
      ["singleNamespaceWatched", 14],
      ["ownNamespace", 4],
      ["leaderElection", 2],
      ["event", 1],
      ["lettingGo", 1],
      ["lettingGoOwn", 2],
      ["listenerWatch", 1],
    ],
  );
  assert.equal(rules["listenerWatch"]?.[0]?.resourceNames, undefined);
  assert.deepEqual(Object.keys(CHART_RULES), [...CHARTS]);
});
