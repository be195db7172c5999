/** The pages' tables, row by row. */
import assert from "node:assert/strict";
import { int, list, map, opaque, optional, record, text } from "../../../crds/schema.ts";
import { ourType } from "../../../crds/kind.ts";
import { fieldRows, typeText } from "../../../tools/gen/fields_page.ts";
import { isMode, modeSection } from "../../../tools/gen/flags_page.ts";
import { table } from "../../../tools/gen/generator.ts";
import { isMetricTable, metricsTable } from "../../../tools/gen/metrics_page.ts";

const TYPES = [
  { field: text(), words: "string" },
  { field: text({ format: "date-time" }), words: "string (date-time)" },
  { field: int({ min: 0, bits: 64 }), words: "integer (int64) ≥ 0" },
  { field: list(map(text())), words: "list of map of string" },
  { field: opaque(), words: "object, kept as it is" },
  { field: { schema: { type: "string", enum: ["True", "False"] } }, words: "True or False" },
] as const;

for (const { field, words } of TYPES) {
  Deno.test(`a field's type in words: ${words}`, { permissions: "none" }, () => {
    assert.equal(typeText(field.schema), words);
  });
}

Deno.test("fields inherit their writer, unless they name one", { permissions: "none" }, () => {
  const rows = fieldRows({
    type: ourType("Thing"),
    doc: "",
    columns: [],
    spec: record({
      count: int({ doc: "How many.", writtenBy: "listener" }),
      parts: optional(list(record({ name: text() }))),
    }, { writtenBy: "controller" }),
    status: record({ by: optional(map(record({ at: text() }))) }),
  });
  const columns = rows.map(({ path, required, writtenBy }) => [path, required, writtenBy]);
  assert.deepEqual(columns, [
    ["spec", false, "controller"],
    ["spec.count", true, "listener"],
    ["spec.parts", false, "controller"],
    ["spec.parts[].name", true, "controller"],
    ["status", false, "controller"],
    ["status.by", false, "controller"],
    ["status.by.*.at", true, "controller"],
  ]);
  assert.equal(rows[1]?.sentence, "How many.");
});

Deno.test("a cell keeps its row together", { permissions: "none" }, () => {
  assert.equal(
    table(["a"], [["x | y"], ["<z>\nw"]]),
    "| a |\n| --- |\n| x \\| y |\n| \\<z> w |",
  );
});

Deno.test("tables of metrics are told from other exports", { permissions: "none" }, () => {
  const row = { name: "jobs_total", kind: "counter", help: "Jobs (name).", labels: ["name"] };
  assert.ok(isMetricTable([row]));
  for (const other of [[], null, row, [{ ...row, kind: "summary" }], [1], () => []]) {
    assert.ok(!isMetricTable(other), JSON.stringify(other));
  }
});

Deno.test("a metric is shown once, with its labels", { permissions: "none" }, () => {
  const row = { name: "n", kind: "gauge", help: "H.", labels: ["a", "b"] } as const;
  assert.equal(
    metricsTable([row, row]).split("\n").slice(2).join(),
    "| `n` | gauge | `a`, `b` | H. |",
  );
});

Deno.test("modes are told from other exports, and shown with their summary", {
  permissions: "none",
}, () => {
  assert.ok(!isMode(null) && !isMode({ summary: "S." }) && !isMode({ flags: {} }));
  const mode = { summary: "Says it.", flags: {} };
  assert.ok(isMode(mode));
  assert.equal(
    modeSection("explain", mode),
    "## longshore explain\n\nSays it.\n\nIt takes no flags.",
  );
});
