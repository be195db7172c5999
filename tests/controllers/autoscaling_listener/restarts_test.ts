import assert from "node:assert/strict";
import {
  restartDelayMs,
  terminationOf,
} from "../../../controllers/autoscaling_listener/restarts.ts";
import type { Pod } from "../../../kube/types.ts";
import { aListenerPod } from "../../builders.ts";
import { after as later, stampAfter } from "../../times.ts";
import { pure } from "../situations.ts";

const WAITS: readonly (readonly [restarts: number | undefined, seconds: number])[] = [
  [undefined, 0],
  [0, 0],
  [1, 0],
  [2, 2],
  [3, 5],
  [7, 60],
  [99, 60],
];

for (const [restarts, seconds] of WAITS) {
  pure(`B10: after ${restarts} short lives in a row the next start waits ${seconds} s`, () => {
    const status = { lastRestartTime: stampAfter(10), ...(restarts !== undefined && { restarts }) };
    assert.equal(restartDelayMs(status, later(10)), seconds * 1_000);
    assert.equal(restartDelayMs(status, later(10 + seconds)), 0);
  });
}

pure("a time that cannot be read waits for nothing", () => {
  assert.equal(restartDelayMs({ restarts: 9 }, later(0)), 0);
  assert.equal(restartDelayMs(undefined, later(0)), 0);
});

const ENDS: readonly (readonly [claim: string, pod: Pod, message: RegExp | undefined])[] = [
  ["starts", aListenerPod(), undefined],
  ["waits", aListenerPod().waitingFor("ImagePullBackOff"), undefined],
  ["runs", aListenerPod().running(), undefined],
  ["AL-05: ended well", aListenerPod().exitedWith(0), /exit code 0 \(Completed\)/],
  ["AL-08: failed while its sidecar runs", aListenerPod().exitedWith(1), /exit code 1 \(Error\)/],
  ["AL-09: was evicted", aListenerPod().evicted(), /Evicted The node was low on resource/],
  ["failed with its pod", aListenerPod().failedWith(137), /exit code 137 \(OOMKilled\)/],
];

for (const [claim, pod, message] of ENDS) {
  pure(`a listener that ${claim} has ${message ? "" : "not "}ended`, () => {
    const termination = terminationOf(pod, { restarts: 2 }, later(60));
    assert.equal(termination === undefined, message === undefined);
    if (message === undefined) return;
    assert.match(termination?.message ?? "", message);
    assert.equal(termination?.restarts, 3);
  });
}

pure("a long life starts the row afresh", () => {
  const pod = aListenerPod().exitedWith(1);
  assert.equal(terminationOf(pod, { restarts: 5 }, later(600))?.restarts, 6);
  assert.equal(terminationOf(pod, { restarts: 5 }, later(601))?.restarts, 1);
  assert.equal(terminationOf(pod, undefined, later(60))?.restarts, 1);
});
