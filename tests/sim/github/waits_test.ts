import assert from "node:assert/strict";
import { VirtualClock } from "../../../sim/clock.ts";
import { Waits } from "../../../sim/github/waits.ts";

Deno.test("a hold ends by being woken, by time, by its caller or by the end of all", async () => {
  const clock = new VirtualClock();
  const waits = new Waits(clock);
  const { signal } = new AbortController();
  const woken = waits.hold(1_000, signal);
  woken.wake();
  assert.equal(await woken.ended, "woken");
  const expired = waits.hold(1_000, signal);
  await clock.advance(1_000);
  expired.wake();
  assert.equal(await expired.ended, "expired");
  const caller = new AbortController();
  const left = waits.hold(1_000, caller.signal);
  caller.abort(new Error("gone"));
  await assert.rejects(left.ended, /gone/);
  await assert.rejects(waits.hold(1_000, caller.signal).ended, /gone/);
  const stopped = waits.hold(1_000, signal);
  waits.stop();
  assert.equal(await stopped.ended, "expired");
});

Deno.test("an alarm that was taken back does not ring", async () => {
  const clock = new VirtualClock();
  const waits = new Waits(clock);
  const rung: string[] = [];
  waits.after(10, () => rung.push("first"));
  waits.after(10, () => rung.push("second"))();
  waits.after(20, () => rung.push("third"));
  await clock.advance(10);
  waits.stop();
  await clock.advance(10);
  assert.deepEqual(rung, ["first"]);
});
