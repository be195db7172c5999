import assert from "node:assert/strict";
import { GitHubError, SessionLost } from "../../github/errors.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { acknowledge, acquire, needsAnotherSession } from "../../listener/queue_calls.ts";
import { VirtualClock } from "../../sim/clock.ts";

const outage = new GitHubError("github_unavailable", "HTTP 503");
const refusal = new GitHubError("github_refused", "HTTP 400");

function calls() {
  const clock = new VirtualClock();
  const troubles: unknown[] = [];
  const hand = new AbortController();
  return {
    clock,
    troubles,
    hand,
    options: {
      clock,
      random: seededRandom(1),
      log: silentLogger,
      onTrouble: (thrown: unknown) => {
        troubles.push(thrown);
        return Promise.resolve();
      },
    },
  };
}

Deno.test("jobs that cannot be had for the moment are told, those refused for good are left", async () => {
  const { options, hand } = calls();
  const failing = (thrown: unknown) => ({ acquire: () => Promise.reject(thrown) });
  assert.deepEqual(await acquire(failing(outage), [1], options, hand.signal), {
    acquired: 0,
    failure: { thrown: outage },
  });
  assert.deepEqual(await acquire(failing(refusal), [1], options, hand.signal), { acquired: 0 });
  assert.deepEqual(await acquire(failing(outage), [], options, hand.signal), { acquired: 0 });
});

Deno.test("that there is nothing to acquire by is believed when it is said three times", async () => {
  const absence = new GitHubError("github_not_found", "HTTP 404");
  for (const [times, acquired] of [[2, 1], [Infinity, 0]] as const) {
    const { clock, options, hand } = calls();
    let asked = 0;
    const session = {
      acquire: (ids: readonly number[]) =>
        ++asked <= times ? Promise.reject(absence) : Promise.resolve(ids),
    };
    const outcome = acquire(session, [7], options, hand.signal);
    await clock.advance(10_000);
    assert.deepEqual([await outcome, asked], [{ acquired }, 3]);
  }
});

Deno.test("told to stop, it leaves what it could not acquire to the next life", async () => {
  const absence = new GitHubError("github_not_found", "HTTP 404");
  const { clock, options, hand } = calls();
  const outcome = acquire({ acquire: () => Promise.reject(absence) }, [7], options, hand.signal);
  await clock.advance(100);
  hand.abort(new Error("stopping"));
  assert.deepEqual(await outcome, { acquired: 0, failure: { thrown: absence } });
});

Deno.test("an acknowledgement is insisted on, and every failure of it is told", async () => {
  const { clock, options, troubles, hand } = calls();
  let failures = 3;
  const session = {
    acknowledge: () => failures-- > 0 ? Promise.reject(outage) : Promise.resolve(),
  };
  let isDone = false;
  const done = acknowledge(session, 5, options, hand.signal).then(() => isDone = true);
  await clock.advance(30_000);
  await done;
  assert.ok(isDone);
  assert.deepEqual(troubles, [outage, outage, outage]);
});

Deno.test("what only another session can cure is thrown", async () => {
  const { options, hand } = calls();
  const lost = new SessionLost("gone");
  // The token was new already: the session has no better one.
  const refusedToken = new GitHubError("github_unauthorized", "HTTP 401", {
    disposition: { kind: "retry" },
  });
  for (const thrown of [lost, refusal, refusedToken]) {
    assert.ok(needsAnotherSession(thrown));
    const session = { acknowledge: () => Promise.reject(thrown) };
    await assert.rejects(acknowledge(session, 5, options, hand.signal), thrown);
  }
  assert.ok(!needsAnotherSession(outage));
});
