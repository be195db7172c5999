/** What must never happen when the API server is unwell: F34. The same on a real one is in `tests/cluster/faults/`. */
import assert from "node:assert/strict";
import { hasSession, openWatchedStage } from "../journeys/invariants.ts";
import type { CallerTap } from "../journeys/product.ts";
import { queue, results, running, untilAtRest, untilOver } from "../journeys/stories/story.ts";

interface Trouble {
  readonly says: string;
  /** What becomes of a call to the API server, in place of the call itself. */
  readonly act: (send: () => Promise<Response>, sleep: (ms: number) => Promise<void>) =>
    | Promise<Response | void>
    | Response;
}

const status = (code: number, headers: HeadersInit = {}) => () =>
  new Response("{}", { status: code, headers });

const TROUBLES: readonly Trouble[] = [
  { says: "answers 429, to be asked again in a second", act: status(429, { "retry-after": "1" }) },
  { says: "answers 500", act: status(500) },
  { says: "answers 503", act: status(503) },
  { says: "drops every connection", act: () => Promise.reject(new TypeError("connection reset")) },
  {
    says: "does what it is asked and drops the answer",
    act: async (send) => {
      await (await send()).body?.cancel();
      throw new TypeError("connection reset");
    },
  },
  { says: "takes 10 s for everything", act: (_send, sleep) => sleep(10_000) },
];

const MAX = 8;
const MIN = 2;
const BAD_S = 120;

for (const { says, act } of TROUBLES) {
  Deno.test(`F34: the API server ${says} for two minutes: nothing lost, killed or too many`, async () => {
    const watched = await openWatchedStage({ max: MAX });
    await using stage = watched.stage;
    const controller = stage.startController();
    await stage.addSet({ min: MIN, max: MAX });
    await stage.until("a session is open", () => hasSession(stage));
    queue(stage, 4, 60);
    await stage.until("jobs run", () => running(stage) === 4);

    const tap: CallerTap = (request, send) =>
      new URL(request.url).host.startsWith("kubernetes")
        ? act(() => send(), (ms) => stage.clock.sleep(ms))
        : undefined;
    stage.taps.controller = tap;
    stage.taps.listener = tap;
    queue(stage, 20, 30);
    await stage.pass(BAD_S / 2);
    // One that starts now knows nothing until it has seen everything.
    controller.crash();
    stage.startController();
    await stage.pass(BAD_S / 2);
    stage.taps.controller = undefined;
    stage.taps.listener = undefined;

    await untilOver(stage, 600);
    assert.deepEqual(results(stage), { succeeded: 24 });
    await untilAtRest(watched, MIN);
    assert.ok(watched.peak <= MAX);
  });
}

Deno.test("F34: pods that the API server did not take for 20 min are there within 45 s of its recovery", async () => {
  const watched = await openWatchedStage({ max: MAX });
  await using stage = watched.stage;
  stage.startController();
  await stage.addSet({ max: MAX });
  await stage.until("a session is open", () => hasSession(stage));
  let tries = 0;
  stage.taps.controller = ({ method, url }) => {
    if (method !== "POST" || !url.endsWith("/arc-runners/pods")) return;
    tries++;
    return new Response("{}", { status: 503 });
  };
  queue(stage, 6, 30);
  await stage.pass(20 * 60);
  assert.ok(tries < 6 * 20 * 5, `${tries} tries in 20 min`);
  stage.taps.controller = undefined;
  await stage.until("all jobs run", () => running(stage) === 6, 45);
  await untilOver(stage, 120);
  watched.check();
});
