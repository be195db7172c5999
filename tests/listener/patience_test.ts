import assert from "node:assert/strict";
import { GitHubError, SessionConflict } from "../../github/errors.ts";
import { patienceMs } from "../../listener/patience.ts";

const PURE = { permissions: "none" } as const;

function range(thrown: unknown, failures: number): readonly [least: number, most: number] {
  return [
    patienceMs(thrown, { failures, random: () => 0 }),
    patienceMs(thrown, { failures, random: () => 0.999999 }),
  ];
}

const unavailable = new GitHubError("github_unavailable", "503");
const forbidden = new GitHubError("github_forbidden", "403");
const limited = new GitHubError("github_rate_limited", "429", {
  disposition: { kind: "retry-after", ms: 70_000 },
});
const hasty = new GitHubError("github_rate_limited", "429", {
  disposition: { kind: "retry-after", ms: 0 },
});

const ROWS: readonly (readonly [string, unknown, number, number, number])[] = [
  ["a first transient failure", unavailable, 1, 1_000, 2_000],
  ["a third transient failure", unavailable, 3, 4_000, 8_000],
  ["a hundredth transient failure", unavailable, 100, 20_000, 40_000],
  ["a bug", new TypeError("x"), 1, 1_000, 2_000],
  ["a first refusal", forbidden, 1, 1_000, 2_000],
  ["a hundredth refusal", forbidden, 100, 150_000, 300_000],
  ["a time that the server named", limited, 9, 70_000, 71_000],
  ["a time that is no time", hasty, 1, 1_000, 1_000],
  ["a session held by another", new SessionConflict("held", 20_000), 9, 15_000, 20_000],
  ["a conflict without end", new SessionConflict("held", 600_000), 9, 21_000, 28_000],
];

for (const [words, thrown, failures, least, most] of ROWS) {
  Deno.test(`waits ${least} to ${most} ms after ${words}`, PURE, () => {
    assert.deepEqual(range(thrown, failures), [least, most]);
  });
}
