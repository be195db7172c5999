import assert from "node:assert/strict";
import { GitHubError, SessionConflict } from "../../github/errors.ts";
import { DeadlineExceeded } from "../../lib/clock.ts";
import { SessionHealth } from "../../listener/session_health.ts";

const at = (seconds: number) => new Date(seconds * 1000);
const conflict = new SessionConflict("A session is active", 20_000);
const outage = new GitHubError("github_unavailable", "HTTP 503");

function pure(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

pure("a short interruption is nobody's business", () => {
  const health = new SessionHealth();
  health.failed(outage, { now: at(0), waitMs: 2_000 });
  health.failed(outage, { now: at(2), waitMs: 4_000 });
  assert.equal(health.problem, undefined);
  health.worked();
  health.failed(outage, { now: at(40), waitMs: 2_000 });
  assert.equal(health.problem, undefined);
});

pure("a silence of 30 s is told, known beforehand or not", () => {
  const health = new SessionHealth();
  health.failed(conflict, { now: at(0), waitMs: 20_000 });
  assert.equal(health.problem, undefined);
  health.failed(conflict, { now: at(20), waitMs: 20_000 });
  assert.deepEqual(health.problem, { reason: "SessionConflict", message: "A session is active" });
  const patient = new SessionHealth();
  patient.failed(outage, { now: at(0), waitMs: 77_000 });
  assert.equal(patient.problem?.reason, "GitHubUnavailable");
});

pure("B9: another reason is told at most every 5 min, another message never", () => {
  const health = new SessionHealth();
  health.failed(outage, { now: at(0), waitMs: 60_000 });
  const told = health.problem;
  health.failed(new GitHubError("github_unavailable", "HTTP 503 again"), {
    now: at(600),
    waitMs: 0,
  });
  assert.equal(health.problem, told);
  health.failed(conflict, { now: at(200), waitMs: 0 });
  assert.equal(health.problem, told);
  health.failed(conflict, { now: at(301), waitMs: 0 });
  assert.equal(health.problem?.reason, "SessionConflict");
});

pure("no answer and what nobody foresaw have words too", () => {
  for (
    const [thrown, reason] of [[new DeadlineExceeded("x"), "NoAnswer"], [
      new TypeError("x"),
      "CannotPoll",
    ]] as const
  ) {
    const health = new SessionHealth();
    health.failed(thrown, { now: at(0), waitMs: 90_000 });
    assert.equal(health.problem?.reason, reason);
    health.worked();
    assert.equal(health.problem, undefined);
  }
});
