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
  for (const thrown of [lost, refusal]) {
    assert.ok(needsAnotherSession(thrown));
    const session = { acknowledge: () => Promise.reject(thrown) };
    await assert.rejects(acknowledge(session, 5, options, hand.signal), thrown);
  }
  assert.ok(!needsAnotherSession(outage));
});
