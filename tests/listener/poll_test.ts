import assert from "node:assert/strict";
import type { JobMessage } from "../../github/messages.ts";
import { DeadlineExceeded } from "../../lib/clock.ts";
import { createLimits } from "../../listener/limits.ts";
import { poll } from "../../listener/poll.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { aMessage, statistics } from "./jobs.ts";

const PURE = { permissions: "none" } as const;

function polling(answer: (signal: AbortSignal | undefined) => Promise<JobMessage | undefined>) {
  const clock = new VirtualClock();
  const limits = createLimits({ minRunners: 0, maxRunners: 5 });
  const stop = new AbortController();
  const asked: unknown[] = [];
  const session = {
    poll: (after: unknown, options?: { readonly signal?: AbortSignal | undefined }) => {
      asked.push(after);
      return answer(options?.signal);
    },
  };
  const start = clock.now().getTime();
  const ended = poll({ session, cursor: 3, limits, clock }, stop.signal)
    .then(
      (heard) => ({ heard, afterMs: clock.now().getTime() - start }),
      (reason) => ({ reason, afterMs: clock.now().getTime() - start }),
    );
  return { asked, clock, ended, limits, stop };
}

function hanging(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((_resolve, reject) =>
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}

Deno.test(
  "asks from its cursor with the maximum, and hands a new message on at once",
  PURE,
  async () => {
    const message = aMessage(4, statistics(1));
    const { asked, clock, ended } = polling(() => Promise.resolve(message));
    await clock.advance(0);
    assert.deepEqual(await ended, { heard: message, afterMs: 0 });
    assert.deepEqual(asked, [{ messageId: 3, capacity: 5 }]);
  },
);

Deno.test("lasts a second at least when there is no news", PURE, async () => {
  for (const answer of [undefined, aMessage(3, statistics(1))]) {
    const { clock, ended } = polling(() => Promise.resolve(answer));
    await clock.advance(5_000);
    assert.deepEqual(await ended, { heard: answer, afterMs: 1_000 });
  }
});

Deno.test("is cut off after 90 s of silence", PURE, async () => {
  const { clock, ended } = polling(hanging);
  await clock.advance(100_000);
  const { afterMs, ...rest } = await ended;
  assert.equal(afterMs, 90_000);
  assert.ok("reason" in rest && rest.reason instanceof DeadlineExceeded);
});

Deno.test("B3: is cut off when the limits change", PURE, async () => {
  const { clock, ended, limits } = polling(hanging);
  await clock.advance(10_000);
  limits.set({ minRunners: 1, maxRunners: 5 });
  assert.deepEqual(await ended, { heard: "cut off", afterMs: 10_000 });
});

Deno.test("rejects with the reason when told to stop", PURE, async () => {
  const { clock, ended, stop } = polling(hanging);
  await clock.advance(10_000);
  const reason = new Error("SIGTERM");
  stop.abort(reason);
  assert.deepEqual(await ended, { reason, afterMs: 10_000 });
});
