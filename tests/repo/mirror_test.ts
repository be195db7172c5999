import assert from "node:assert/strict";
import { codeOf, filesBelow } from "./tree.ts";

/** Rooms whose tests are being written: not checked yet. Take a room out when it is whole, never put one in. */
const UNFINISHED: readonly string[] = ["kube", "github", "crds", "controllers", "listener", "sim"];

const ROOMS = ["lib", "kube", "github", "crds", "controllers", "listener", "sim"];

/** Files without a test of their own, each with the test that covers it. Files of types alone need none. */
const TESTED_BY: Readonly<Record<string, string>> = {
  "lib/log.ts": "tests/lib/logger_test.ts",
  "kube/resources.ts": "tests/kube/client_test.ts",
};

const tests = filesBelow("tests").filter((path) => path.endsWith("_test.ts"));
const sources = ROOMS.filter((room) => !UNFINISHED.includes(room)).flatMap(filesBelow).filter((
  path,
) => path.endsWith(".ts"));

/** A file may be tested in several: `<file>_test.ts`, `<file>_<aspect>_test.ts`. */
function mirrors(test: string, source: string): boolean {
  const start = `tests/${source.slice(0, -".ts".length)}_`;
  return test.startsWith(start) && !test.slice(start.length).includes("/");
}

function hasCode(path: string): boolean {
  return /^(export )?(async )?(function|const|let|class)\b/m.test(codeOf(path));
}

Deno.test("every source file has its mirror among the tests", () => {
  const missing = sources.filter((source) => hasCode(source) && TESTED_BY[source] === undefined)
    .filter((source) => !tests.some((test) => mirrors(test, source)));
  assert.deepEqual(missing, []);
});

Deno.test("what is said to be tested by another test has that, and none of its own", () => {
  const stale = Object.entries(TESTED_BY).filter(([source, test]) =>
    sources.includes(source) &&
    (!tests.includes(test) || tests.some((own) => mirrors(own, source)))
  );
  assert.deepEqual(stale, []);
});
