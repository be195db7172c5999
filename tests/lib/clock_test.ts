import assert from "node:assert/strict";
import { DeadlineExceeded, systemClock, withDeadline } from "../../lib/clock.ts";
import { VirtualClock } from "../../sim/clock.ts";

/** Ends when its signal aborts, with the signal's reason. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

Deno.test("the machine's clock wakes a sleeper, and not before", async () => {
  const before = systemClock.now().getTime();
  await systemClock.sleep(5);
  assert.ok(systemClock.now().getTime() - before >= 4);
});

Deno.test("an aborted sleep rejects with the reason and leaves no timer", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const sleeping = assert.rejects(systemClock.sleep(60_000, controller.signal), reason);
  controller.abort(reason);
  await sleeping;
  await assert.rejects(systemClock.sleep(60_000, AbortSignal.abort(reason)), reason);
});

Deno.test("a sleep longer than a timer can hold does not end at once", async () => {
  const controller = new AbortController();
  let over = "asleep";
  const sleeping = systemClock.sleep(2 ** 40, controller.signal).then(
    () => over = "awake",
    () => {},
  );
  await systemClock.sleep(5);
  assert.equal(over, "asleep");
  controller.abort();
  await sleeping;
});

Deno.test("work that ends in time gives its result", async () => {
  const clock = new VirtualClock();
  const result = await withDeadline(clock, { ms: 10 }, (signal) => {
    assert.ok(!signal.aborted);
    return Promise.resolve("done");
  });
  assert.equal(result, "done");
});

Deno.test("work that takes too long is aborted at its deadline", async () => {
  const clock = new VirtualClock();
  let ended = "running";
  const refused = assert.rejects(withDeadline(clock, { ms: 10 }, untilAborted), DeadlineExceeded)
    .then(() => ended = "refused");
  await clock.advance(9);
  assert.equal(ended, "running");
  await clock.advance(1);
  await refused;
});

Deno.test("the parent's abort ends the work with the parent's reason", async () => {
  const clock = new VirtualClock();
  const reason = new Error("stopping");
  const parent = new AbortController();
  const refused = assert.rejects(
    withDeadline(clock, { ms: 10, parent: parent.signal }, untilAborted),
    reason,
  );
  parent.abort(reason);
  await refused;
  await assert.rejects(
    withDeadline(clock, { ms: 10, parent: parent.signal }, untilAborted),
    reason,
  );
});

Deno.test("after the work, nothing listens to the parent and no timer is left", async () => {
  const parent = new AbortController();
  let listeners = 0;
  const signal = parent.signal;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (
    ...args: Parameters<typeof remove>
  ) => (listeners--, remove(...args));
  await withDeadline(systemClock, { ms: 60_000, parent: signal }, () => Promise.resolve());
  await assert.rejects(
    withDeadline(systemClock, { ms: 60_000, parent: signal }, () => Promise.reject(new Error())),
  );
  assert.equal(listeners, 0);
});
