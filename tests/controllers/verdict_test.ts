import assert from "node:assert/strict";
import { accepted, failed, type Verdict } from "../../controllers/verdict.ts";
import { GitHubError, type GitHubErrorCode } from "../../github/errors.ts";
import { pure, TARGET } from "./situations.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const of = (before?: Verdict) => ({ target: TARGET, fingerprint: "f", before, now: NOW });

const ROWS: readonly (readonly [
  GitHubErrorCode,
  "stop" | "retry",
  Verdict["outcome"],
  reason: string,
  about?: "network",
])[] = [
  ["github_unauthorized", "stop", "refused", "Refused"],
  ["github_forbidden", "stop", "refused", "Refused"],
  ["github_not_found", "stop", "refused", "Refused"],
  ["github_unauthorized", "retry", "undecided", "NotTried"],
  ["github_unavailable", "retry", "undecided", "NotTried"],
  ["github_rate_limited", "retry", "undecided", "NotTried"],
  ["github_unreachable", "retry", "undecided", "Unreachable", "network"],
  ["github_unreachable", "stop", "refused", "Unreachable", "network"],
  ["github_host_denied", "stop", "refused", "Unreachable", "network"],
];

for (const [code, kind, outcome, reason, about] of ROWS) {
  pure(`${code} (${kind}) leaves a credential ${outcome}: ${reason}`, () => {
    const thrown = new GitHubError(code, "no", { disposition: { kind }, hint: "Look here" });
    const verdict = failed(thrown, of());
    assert.equal(verdict.outcome, outcome);
    assert.equal(verdict.problem?.reason, reason);
    assert.equal(verdict.problem?.about, about);
    assert.match(verdict.problem?.message ?? "", /Look here\. no$/);
  });
}

pure(
  "a credential that is not taken is shown again ever less often, every ten minutes at last",
  () => {
    let verdict: Verdict | undefined;
    const waits = Array.from({ length: 6 }, () => {
      verdict = failed(new GitHubError("github_forbidden", "no"), of(verdict));
      return (verdict.untilMs - NOW.getTime()) / 60_000;
    });
    assert.deepEqual(waits, [1, 2, 4, 8, 10, 10]);
    const other = failed(new GitHubError("github_forbidden", "no"), {
      ...of(verdict),
      fingerprint: "g",
    });
    assert.equal(other.untilMs - NOW.getTime(), 60_000);
    assert.equal(accepted("f").untilMs, Infinity);
  },
);
