import assert from "node:assert/strict";
import { codeOf, filesBelow } from "./tree.ts";

const ROOMS = ["lib", "kube", "github", "crds", "controllers", "listener", "sim"];

/** Tests that cover files without one of their own. Files of types alone need none. */
const COVERS: Readonly<Record<string, readonly string[]>> = {
  "tests/lib/logger_test.ts": ["lib/log.ts"],
  "tests/kube/client_test.ts": ["kube/resources.ts"],
  "tests/crds/kinds_test.ts": ["crds/autoscaling_listener.ts", "crds/autoscaling_runner_set.ts"],
  "tests/crds/conforming_test.ts": ["crds/template_shape.ts", "crds/unfit.ts"],
  "tests/controllers/start_test.ts": ["controllers/loops.ts"],
  "tests/journeys/stories_test.ts": ["controllers/github_clients.ts"],
  "tests/controllers/autoscaling_runner_set/plan_test.ts": [
    "controllers/autoscaling_runner_set/facts.ts",
  ],
  "tests/controllers/ephemeral_runner/plan_test.ts": ["controllers/ephemeral_runner/removal.ts"],
  "tests/sim/github/control_test.ts": ["sim/github/model.ts"],
  "tests/sim/kube/apply_test.ts": ["sim/kube/list_types.ts"],
  "tests/sim/kube/authorization_test.ts": ["sim/kube/rbac.ts"],
  "tests/sim/kube/protobuf_test.ts": ["sim/kube/protobuf_kinds.ts"],
  "tests/sim/kube/server_test.ts": ["sim/kube/request_log.ts"],
  "tests/sim/kube/table_test.ts": [
    "sim/kube/columns.ts",
    "sim/kube/durations.ts",
    "sim/kube/json_path.ts",
  ],
  // The inside of the simulated API server: what it answers is held to what a real one answers.
  "tests/conformance/kube/claims_test.ts": [
    "admission",
    "answers",
    "background",
    "bodies",
    "bootstrap",
    "calls",
    "cel",
    "definitions",
    "discovery",
    "document",
    "engine",
    "history",
    "kinds",
    "mutations",
    "partial",
    "patch",
    "paths",
    "reads",
    "registry",
    "resources",
    "reviews",
    "router",
    "schema_defaults",
    "schema_pruning",
    "service_accounts",
    "status",
    "store",
    "subresources",
    "wire",
  ].map((name) => `sim/kube/${name}.ts`),
};

const tests = filesBelow("tests").filter((path) => path.endsWith("_test.ts"));
const sources = ROOMS.flatMap(filesBelow).filter((path) => path.endsWith(".ts"));
const covered = Object.values(COVERS).flat();

/** A file may be tested in several: `<file>_test.ts`, `<file>_<aspect>_test.ts`. */
function mirrors(test: string, source: string): boolean {
  const start = `tests/${source.slice(0, -".ts".length)}_`;
  return test.startsWith(start) && !test.slice(start.length).includes("/");
}

function hasCode(path: string): boolean {
  return /^(export )?(async )?(function|const|let|class)\b/m.test(codeOf(path));
}

Deno.test("every source file has its mirror among the tests", () => {
  const missing = sources.filter((source) => hasCode(source) && !covered.includes(source))
    .filter((source) => !tests.some((test) => mirrors(test, source)));
  assert.deepEqual(missing, []);
});

Deno.test("what is said to be covered by another test is there, with that test and none of its own", () => {
  assert.deepEqual(Object.keys(COVERS).filter((test) => !tests.includes(test)), []);
  const stale = covered.filter((source) =>
    !sources.includes(source) || tests.some((own) => mirrors(own, source))
  );
  assert.deepEqual(stale, []);
});
