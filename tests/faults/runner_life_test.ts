import assert from "node:assert/strict";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { conditionOf } from "../../kube/meta.ts";
import { keyOf, type Pod } from "../../kube/types.ts";
import type { RunnerScript } from "../../sim/runner.ts";
import type { Stage } from "../journeys/stage.ts";
import {
  message,
  MINUTE,
  online,
  runnerPods,
  says,
  told,
  untilCompleted,
  untilQuiet,
} from "./runner_stories.ts";
import { heal, isPolled, openStory, queue, runnerSetOf, running, spoil } from "./stories.ts";

/** The nth runner pod follows the nth script, all further ones do their work. `names`: of those that began, in order. */
function scripted(
  scripts: readonly RunnerScript[],
  names: string[] = [],
): (pod: Pod) => RunnerScript {
  return (pod) => scripts[names.push(keyOf(pod).name) - 1] ?? "run";
}

Deno.test("F16, B11: an init container takes 9 min and the runner never registers: the job is served", async () => {
  const story = await openStory({
    set: {
      max: 1,
      spec: {
        template: {
          spec: {
            restartPolicy: "Never",
            initContainers: [{ name: "slow", image: "busybox" }],
            containers: [{ name: "runner", image: "ghcr.io/actions/actions-runner:latest" }],
          },
        },
      },
    },
    runnerScript: scripted(["never-register"]),
    programs: (container) =>
      container === "slow"
        ? async ({ signal }) => {
          await clock.sleep(9 * MINUTE * 1_000, signal);
          return 0;
        }
        : undefined,
  });
  await using stage = story.stage;
  const { clock } = stage;
  queue(stage, 1);
  await stage.until("the first runner runs", () => running(stage) === 0 && ran(stage), 15 * MINUTE);
  await stage.until(
    "it is known that it did not come online",
    () => runnerSetOf(stage)?.status?.lastFailureReason === "NotRegistered",
    9 * MINUTE,
  );
  await untilCompleted(stage, 1, 12 * MINUTE);
  assert.equal(runnerSetOf(stage)?.status?.consecutiveFailures, 0, "a slow start is no failure");
  await untilQuiet(story, 0);
});

function ran(stage: Stage): boolean {
  return runnerPods(stage).some(({ status }) => status?.phase === "Running");
}

for (
  const [words, script, strike, reason] of [
    ["that GitHub forgot", "never-register", "forget", "NotRegistered"],
    ["that never comes online", "never-register", "none", "NotRegistered"],
    ["that falls silent", "fall-silent", "none", "Offline"],
  ] as const
) {
  Deno.test(`F17, B11: a warm runner ${words} is replaced, and no other one`, async () => {
    const names: string[] = [];
    const story = await openStory({
      set: { min: 2, max: 4 },
      // So long that the one that falls silent is seen online once.
      github: { runnerLostMs: 6 * MINUTE * 1_000 },
      runnerScript: scripted([script], names),
    });
    await using stage = story.stage;
    await stage.until("two runners began", () => names.length === 2, MINUTE);
    const [victim, other] = names;
    if (strike === "forget") {
      const { control } = stage.world.github;
      const agent = control.state().runners.find(({ name }) => name === victim);
      control.forgetRunner(agent?.id ?? 0);
    }
    await stage.until(
      "two runners are online",
      () => online(stage) === 2 && !runnerPods(stage).some((pod) => keyOf(pod).name === victim),
      25 * MINUTE,
    );
    assert.ok(runnerPods(stage).some((pod) => keyOf(pod).name === other));
    assert.equal(runnerSetOf(stage)?.status?.lastFailureReason, reason);
    assert.equal(says(stage, "Degraded"), `True ${reason}`);
    assert.ok(told(stage, "EphemeralRunnerSet").has("RunnerFailed"));
    await stage.pass(20 * MINUTE);
    assert.equal(says(stage, "Degraded"), "False Recovered");
    assert.match(message(stage, "Degraded"), new RegExp(reason));
    await untilQuiet(story, 2);
  });
}

Deno.test("F17: idle runners are looked up with one listing each ten minutes, whatever their number", async () => {
  const story = await openStory({ set: { min: 150, max: 200 } });
  await using stage = story.stage;
  await stage.until("all are online", () => online(stage) === 150, 5 * MINUTE);
  await stage.pass(10 * MINUTE);
  const { calls } = stage.world.github;
  const before = { ...calls };
  await stage.pass(60 * MINUTE);
  const pages = calls.listrunners - before.listrunners;

  // Two pages each; the sweep for what nobody owns lists as often.
  assert.ok(pages >= 2 * 4 && pages <= 4 * 9, `${pages} pages of listings in an hour`);
  assert.equal(calls.findrunner, before.findrunner);
  assert.equal(calls.removerunner, before.removerunner);
  assert.equal(runnerPods(stage).length, 150);
  story.check();
});

Deno.test("F17: a GitHub that lists nothing, or refuses to list, costs no runner", async () => {
  const story = await openStory({ set: { min: 3, max: 4 } });
  await using stage = story.stage;
  await stage.until("all are online", () => online(stage) === 3, MINUTE);
  const names = runnerPods(stage).map((pod) => keyOf(pod).name).sort();
  stage.world.github.control.setFaults([
    {
      operation: "listrunners",
      effect: { do: "rewrite", mergePatch: { total_count: 0, runners: [] } },
      times: 2,
    },
    { operation: "listrunners", effect: { do: "answer", status: 403 } },
  ]);
  await stage.pass(60 * MINUTE);
  assert.deepEqual(runnerPods(stage).map((pod) => keyOf(pod).name).sort(), names);
  heal(stage);
  story.check();
});

Deno.test("F06, F17: after an outage of GitHub the idle runners are looked up again", async () => {
  const story = await openStory({ set: { min: 2, max: 4 } });
  await using stage = story.stage;
  await stage.until("all are online", () => online(stage) === 2, MINUTE);
  await stage.pass(12 * MINUTE);
  const { calls } = stage.world.github;
  spoil(stage, ["poll", "createsession", "refreshsession"], { do: "answer", status: 503 });
  const [set] = stage.world.github.control.state().scaleSets;
  stage.world.github.control.loseSession(set?.id ?? 0);
  await stage.pass(3 * MINUTE);
  heal(stage);
  const before = calls.listrunners;
  await stage.until("the queue is polled again", () => isPolled(stage), 3 * MINUTE);
  await stage.until("the runners are looked up", () => calls.listrunners > before, 4 * MINUTE);
  story.check();
});

Deno.test("F18, B11: a container that lives on after its job is stopped, and its slot is free", async () => {
  const story = await openStory({ set: { max: 1 }, runnerScript: scripted(["hang-after-job"]) });
  await using stage = story.stage;
  queue(stage, 1);
  await untilCompleted(stage, 1, 2 * MINUTE);
  const [pod] = runnerPods(stage);
  queue(stage, 1);
  await untilCompleted(stage, 2, 4 * MINUTE);
  assert.ok(!runnerPods(stage).some(({ metadata }) => metadata?.uid === pod?.metadata?.uid));
  assert.ok(told(stage, "EphemeralRunner").has("StopDeadlineExceeded"));
  await untilQuiet(story, 0);
});

Deno.test("F18: a long job is no job that is over", async () => {
  const story = await openStory({ set: { max: 1 } });
  await using stage = story.stage;
  queue(stage, 1, { durationMs: 6 * 3_600_000 });
  await untilCompleted(stage, 1, 7 * 60 * MINUTE);
  await untilQuiet(story, 0);
});

Deno.test("B7: what the runners of a set met is kept when they are gone", async () => {
  const story = await openStory({ set: { max: 1 }, runnerScript: scripted(["fail-early"]) });
  await using stage = story.stage;
  queue(stage, 1);
  await untilCompleted(stage, 1, 2 * MINUTE);
  await untilQuiet(story, 0);
  assert.equal(stage.stored(EPHEMERAL_RUNNERS).length, 0);
  assert.equal(says(stage, "Degraded"), "False Recovered");
  assert.match(message(stage, "Degraded"), /Error: Container "runner" ended with exit code 1/);
  assert.equal(says(stage, "Ready"), "True AsWanted");
  const [set] = stage.stored(EPHEMERAL_RUNNER_SETS);
  const ready = conditionOf(runnerSetOf(stage)?.status?.conditions, "Ready");
  assert.ok((ready?.observedGeneration ?? 0) <= (set?.metadata?.generation ?? 0));
});
