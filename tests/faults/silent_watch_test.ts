/** What must never happen when watches fall silent while everything else works: F34. */
import assert from "node:assert/strict";
import { CallFaults } from "../../tools/explore/calls.ts";
import { allSucceeded, hasSession, openWatchedStage } from "../journeys/invariants.ts";
import type { CallerTap, Stage } from "../journeys/stage.ts";
import { openStory, queue, running } from "./stories.ts";

const MINUTE = 60;

/** The streams that are open at a moment bring nothing any more, and do not end. */
function cutStreams(stage: Stage): { readonly tap: CallerTap; cut(): void } {
  let generation = 0;
  const { clock } = stage;
  const tap: CallerTap = async (request, send) => {
    const { host, searchParams } = new URL(request.url);
    if (!host.startsWith("kubernetes") || !searchParams.has("watch")) return;
    const opened = generation;
    const response = await send();
    const reader = response.body?.getReader();
    if (reader === undefined || !response.ok) return response;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (opened < generation) await clock.sleep(1e9, request.signal);
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return new Response(body, { status: response.status, headers: response.headers });
  };
  return { tap, cut: () => void generation++ };
}

Deno.test("F34: watches that tell nothing for five minutes cost no runner beyond the maximum", async () => {
  const max = 2;
  const watched = await openWatchedStage({ max });
  await using stage = watched.stage;
  const calls = new CallFaults({ clock: stage.clock, onBite: () => {} });
  let isHeld = false;
  stage.taps.controller = (request, send, from) => {
    const makesRunner = request.method === "POST" && request.url.endsWith("/ephemeralrunners");
    if (makesRunner && !isHeld) {
      isHeld = true;
      calls.hold(from, 5 * MINUTE * 1_000);
    }
    return calls.tap(request, send, from);
  };
  stage.startController();
  await stage.addSet({ min: max, max });
  await stage.until("the first runner is made", () => isHeld, MINUTE);
  await stage.pass(6 * MINUTE);
  watched.check();
  queue(stage, 2);
  await stage.until("the jobs are done", () => allSucceeded(stage), MINUTE);
  assert.equal(stage.runners().length, max);
});

Deno.test("F34: streams that fell silent are noticed within two minutes; what was ordered meanwhile is done", async () => {
  const story = await openStory({ set: { min: 1, max: 5 } });
  await using stage = story.stage;
  const streams = cutStreams(stage);
  stage.taps.controller = streams.tap;
  story.crashController();
  story.startController();
  await stage.until("a session is held", () => hasSession(stage), MINUTE);
  await stage.pass(2 * MINUTE);
  streams.cut();
  queue(stage, 3, { durationMs: 5 * MINUTE * 1_000 });
  await stage.until("the jobs run", () => running(stage) === 3, 2 * MINUTE);
  await stage.until("the jobs are done", () => allSucceeded(stage), 6 * MINUTE);
  story.check();
});
