import assert from "node:assert/strict";
import { formerScaleSetExecutor } from "../../../controllers/reconcile/former_scale_set_executor.ts";
import { createGitHubCalls } from "../../../controllers/reconcile/github_calls.ts";
import type { Step } from "../../../controllers/reconcile/step.ts";
import type { VirtualClock } from "../../../sim/clock.ts";
import { aRunnerSet } from "../../builders.ts";
import { executorContext, fakeGitHub, fakeKube, NEVER } from "../fakes.ts";
import { TARGET } from "../situations.ts";

const STEP: Extract<Step, { do: "retire-scale-set" }> = {
  do: "retire-scale-set",
  runnerSet: { namespace: "arc-runners", name: "linux" },
  target: TARGET,
  scaleSetId: 7,
  orElse: {
    about: aRunnerSet(),
    type: "Warning",
    reason: "ScaleSetLeftBehind",
    note: "It may exist",
  },
  withinMs: 10_000,
  forget: { metadata: { annotations: { former: null } } },
};

function hands(answers: Parameters<typeof fakeGitHub>[0] = {}) {
  const kube = fakeKube();
  const github = fakeGitHub(answers);
  const { context, told } = executorContext({ kube: kube.kube, services: github.services });
  const left: string[] = [];
  const all = { ...context, onLeftBehind: ({ note }: { note: string }) => void left.push(note) };
  const does = formerScaleSetExecutor(all, createGitHubCalls(all))["retire-scale-set"];
  return { does, kube, github, told, left, clock: context.clock as VirtualClock };
}

Deno.test("X7: a former scale set that GitHub removes is forgotten in the cluster", async () => {
  const { does, github, kube, told } = hands();
  await does(STEP, NEVER);
  assert.deepEqual(github.calls, ["deleteScaleSet 7"]);
  assert.deepEqual(kube.bodyOf("patch", "AutoscalingRunnerSet"), STEP.forget);
  assert.deepEqual(told, []);
});

Deno.test("X7: one that GitHub keeps is told of, with the reason, and stays remembered", async () => {
  const { does, kube, told, left } = hands({ deleteScaleSet: () => "busy" });
  await does(STEP, NEVER);
  assert.deepEqual(kube.outline(), []);
  assert.deepEqual(told, ["ScaleSetLeftBehind"]);
  assert.deepEqual(left, ["It may exist: a runner of it is busy"]);
});

Deno.test("X7: GitHub is not asked again at once, and a failure keeps nothing else from being done", async () => {
  const { does, github, clock } = hands({
    deleteScaleSet: () => {
      throw new TypeError("down");
    },
  });
  await does(STEP, NEVER);
  await does(STEP, NEVER);
  assert.equal(github.calls.length, 1);
  await clock.advance(50_000);
  await does(STEP, NEVER);
  assert.equal(github.calls.length, 2);
});
