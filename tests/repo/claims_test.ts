import assert from "node:assert/strict";
import { codeOf, filesBelow } from "./tree.ts";

/** Statements of the protocol's conformance checklist (github-protocol.md §20). */
const STATEMENTS = 67;
/** Faults that must never happen (faults.md). */
const FAULTS = 37;

const code = filesBelow("tests")
  // Those of `tests/cluster/` are no part of `deno task test`, which must name every id by itself.
  .filter((path) => !/^tests\/(?:repo|cluster)\//.test(path))
  .filter((path) => path.endsWith("_test.ts") || path.startsWith("tests/journeys/stories/"))
  .map(codeOf).join("\n");

/** Ids are in claims, and claims are text: what comes after a quotation mark, up to the next. */
const claims = [...code.matchAll(/(["`'])((?:(?!\1)[^\n\\]|\\.)*)\1/g)].map(([, , text]) => text)
  .join("\n");

function untested(ids: readonly string[]): readonly string[] {
  return ids.filter((id) => !new RegExp(`${id.replace(".", "\\.")}(?!\\d)`).test(claims));
}

function numbered(count: number, name: (number: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, index) => name(index + 1));
}

Deno.test("every statement of the protocol's checklist is named by a test", () => {
  assert.deepEqual(untested(numbered(STATEMENTS, (number) => `§20.${number}`)), []);
});

Deno.test("every fault that must never happen is named by a test", () => {
  const ids = numbered(FAULTS, (number) => `F${String(number).padStart(2, "0")}`);
  assert.deepEqual(untested(ids), []);
});
