import assert from "node:assert/strict";
import { parseWorkflowRef } from "../../listener/workflow_ref.ts";

const PREFIX = "octo/widgets/.github/workflows/";

/** listener.md §7.5. */
const ROWS: readonly (readonly [text: string, name: string, target: string])[] = [
  [`${PREFIX}blank.yml@refs/heads/main`, "blank", "heads/main"],
  [`${PREFIX}ci-cd.yml@refs/heads/feature/new-feature`, "ci-cd", "heads/feature/new-feature"],
  [`${PREFIX}deploy.yaml@refs/heads/develop`, "deploy", "heads/develop"],
  [`${PREFIX}release.yml@refs/tags/v1.0.0`, "release", "tags/v1.0.0"],
  [`${PREFIX}test.yml@refs/pull/123/merge`, "test", "pull/123"],
  [`${PREFIX}test.yml@refs/pull/123`, "test", ""],
  [`${PREFIX}test.yml@refs/pull//merge`, "test", ""],
  [`${PREFIX}test.yml@refs/other/x`, "test", ""],
  [`${PREFIX}test.yml@refs/heads/a@b`, "", ""],
  ["", "", ""],
  [`${PREFIX}test.yml`, "", ""],
  [`${PREFIX}build.test.yml@refs/heads/main`, "build.test", "heads/main"],
  [`${PREFIX}build-test_deploy.yml@refs/heads/main`, "build-test_deploy", "heads/main"],
];

for (const [text, name, target] of ROWS) {
  Deno.test(`reads "${text}"`, { permissions: "none" }, () => {
    assert.deepEqual(parseWorkflowRef(text), { name, target });
  });
}
