import assert from "node:assert/strict";
import { startLeftMs, stopLeftMs } from "../../../controllers/ephemeral_runner/deadlines.ts";
import type { Pod } from "../../../kube/types.ts";
import { aPod } from "../../builders.ts";
import { after, CREATED } from "../../times.ts";
import { pure } from "../situations.ts";

const LIMITS = { startMs: 60_000, stopMs: 30_000 };
const NONE = { startMs: 0, stopMs: 0 };

/** A pod that a queueing system holds back. */
function gated(): Pod {
  const pod = aPod();
  const conditions = [{
    type: "PodScheduled",
    status: "False",
    reason: "SchedulingGated",
    lastTransitionTime: CREATED,
  }];
  return { ...pod, status: { ...pod.status, conditions } } as Pod;
}

const STARTS: readonly (readonly [claim: string, pod: Pod, leftMs: number | undefined])[] = [
  ["counts from the creation of the pod", aPod(), 50_000],
  ["waits for an image", aPod().waitingFor("ImagePullBackOff"), 50_000],
  ["waits for a node", aPod().unschedulable(), 50_000],
  ["is over when the runner runs", aPod().running(), undefined],
  ["does not begin behind a scheduling gate", gated(), undefined],
];

for (const [claim, pod, leftMs] of STARTS) {
  pure(`B11: the time to start ${claim}`, () => {
    assert.equal(startLeftMs(pod, LIMITS, after(10)), leftMs);
    assert.equal(startLeftMs(pod, NONE, after(10)), undefined, "0 is no limit");
  });
}

pure("B11: the time to stop counts from the word that the job is over", () => {
  assert.equal(stopLeftMs(undefined, LIMITS, after(10)), undefined);
  assert.equal(stopLeftMs(after(5).getTime(), LIMITS, after(10)), 25_000);
  assert.equal(stopLeftMs(after(5).getTime(), LIMITS, after(40)), -5_000);
  assert.equal(stopLeftMs(after(5).getTime(), NONE, after(40)), undefined);
});
