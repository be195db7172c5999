import assert from "node:assert/strict";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { crashAt, type CrashPoint, everyPoint } from "./crash_points.ts";
import { allSucceeded, hasSession, jobsOf, openWatchedStage } from "./invariants.ts";
import type { Stage, Tap } from "./stage.ts";

const MAX = 4;

for (const backend of ["broker", "pipelines"] as const) {
  for (const when of ["before", "after"] as const) {
    Deno.test(`a listener that dies ${when} any of its calls loses, kills and doubles no job (${backend})`, async () => {
      const reached = await everyPoint(when, (point) => live(point, backend));
      assert.ok(reached > 25, `only ${reached} points were reached`);
    });
  }
}

Deno.test("after the listener died, a backlog is served without pauses", async () => {
  const watched = await openWatchedStage({ max: 2 });
  await using stage = watched.stage;
  stage.startController();
  await stage.addSet({ max: 2 });
  await stage.until("a session is open", () => hasSession(stage), 60);
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 2, durationMs: 120_000 });
  await stage.until("both slots are busy", () => {
    return jobsOf(stage).every(({ state }) => state === "running");
  }, 30);
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 10, durationMs: 5_000 });
  [...stage.listeners][0]?.crash();
  await stage.until("the first jobs are done", () => {
    return jobsOf(stage).filter(({ result }) => result !== undefined).length >= 2;
  }, 150);
  await stage.until("all jobs are done", () => allSucceeded(stage), 45);
  watched.check();
});

/** Jobs come while others run, and end one by one, while the listener dies once. */
async function live(point: CrashPoint, backend: "broker" | "pipelines"): Promise<boolean> {
  const watched = await openWatchedStage({ max: MAX, github: { backend } });
  await using stage = watched.stage;
  stage.startController();
  const crash = crashAt(point, { counts: () => true, process: () => [...stage.listeners][0] });
  const acknowledgements = watchAcknowledgements(stage);
  stage.taps.listener = (request, send) =>
    acknowledgements.tap(request, async () => await crash.tap(request, send) ?? await send());
  await stage.addSet({ max: MAX });
  await stage.until("a session is open", () => hasSession(stage), 120);
  const { control } = stage.world.github;
  control.queueJobs({ scaleSet: "linux", count: 2, durationMs: 25_000 });
  await stage.pass(10);
  control.queueJobs({ scaleSet: "linux", count: 3, durationMs: { fromMs: 5_000, toMs: 30_000 } });
  // A session that was not closed is held against its successor for a minute.
  await stage.until("all jobs are done", () => allSucceeded(stage), 200);
  await stage.until("all runners are gone", () => stage.runners().length === 0, 120);
  await stage.until("all messages are acknowledged", () => undeleted(stage) === 0, 120);
  await stage.pass(60);
  assert.equal(stage.runners().length, 0, "a runner was hired for nothing");
  assert.equal(jobsOf(stage).length, 5);
  assert.deepEqual(control.state().runners, []);
  assert.deepEqual(acknowledgements.premature, []);
  watched.check();
  return crash.crashed;
}

function undeleted(stage: Stage): number | undefined {
  return stage.world.github.control.state().scaleSets[0]?.undeletedMessages;
}

interface Acknowledgements {
  readonly tap: Tap;
  /** What was not stored yet when its message was acknowledged (B2, F01). */
  readonly premature: readonly string[];
}

interface Told {
  readonly assigned: number;
  readonly started: readonly { readonly runnerName: string; readonly jobId: string }[];
}

/** Reads along what the listener is told, and looks at the cluster at each of its acknowledgements. */
function watchAcknowledgements(stage: Stage): Acknowledgements {
  const told = new Map<string, Told>();
  const premature: string[] = [];

  async function listen(response: Response): Promise<void> {
    if (response.status !== 200) return;
    const { messageId, body, statistics } = await response.clone().json();
    const inner: readonly Record<string, string>[] = JSON.parse(body);
    told.set(String(messageId), {
      assigned: statistics.totalAssignedJobs,
      started: inner.filter((message) => message["messageType"] === "JobStarted")
        .map(({ runnerName = "", jobId = "" }) => ({ runnerName, jobId })),
    });
  }

  function check(messageId: string): void {
    const message = told.get(messageId);
    for (const { runnerName, jobId } of message?.started ?? []) {
      const runner = stage.runners().find(({ metadata }) => metadata?.name === runnerName);
      if (runner && runner.status?.jobId !== jobId) premature.push(`the job of ${runnerName}`);
    }
    const [set] = stage.world.api.store.list(
      EPHEMERAL_RUNNER_SETS,
    ) as readonly EphemeralRunnerSet[];
    const wanted = Math.min(message?.assigned ?? 0, MAX);
    if ((set?.spec?.replicas ?? 0) !== wanted) premature.push(`${wanted} runners wanted`);
  }

  return {
    premature,
    tap: async (request, send) => {
      const { pathname } = new URL(request.url);
      const [, messageId] = /\/message\/(\d+)$/.exec(pathname) ?? [];
      if (messageId !== undefined) check(messageId);
      const response = await send();
      if (pathname.endsWith("/message")) await listen(response);
      return response;
    },
  };
}
