import assert from "node:assert/strict";
import { lossOf, lostInMs } from "../../../controllers/autoscaling_listener/lost_pod.ts";
import type { Pod } from "../../../kube/types.ts";
import { pure } from "../situations.ts";

const T0 = Date.parse("2026-01-01T12:00:00Z");
const stamp = (seconds: number) => new Date(T0 + seconds * 1000).toISOString().replace(".000", "");
const at = (seconds: number) => new Date(T0 + seconds * 1000);

/** A pod whose containers run since `T0`, and whose readiness changed after so many seconds. */
function aPod(ready: "True" | "False", changedAfter: number, isContainerReady = "yes"): Pod {
  const container = { ready: isContainerReady === "yes", restartCount: 0, image: "", imageID: "" };
  return {
    metadata: { namespace: "arc-systems", name: "listener" },
    status: {
      conditions: [{ type: "Ready", status: ready, lastTransitionTime: stamp(changedAfter) }],
      containerStatuses: [
        { ...container, name: "listener", state: { running: { startedAt: stamp(0) } } },
      ],
    },
  };
}

/** As the API shows it: the time at which its grace is over. */
function going(pod: Pod, askedAfter: number): Pod {
  const deletionTimestamp = stamp(askedAfter + 60);
  return {
    ...pod,
    metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: 60 },
  };
}

const ROWS:
  readonly (readonly [claim: string, pod: Pod, seconds: number, isLost: "lost" | "there"])[] = [
    ["a pod that runs", aPod("True", 0), 999, "there"],
    [
      "F02: a pod that the cluster called not ready later, though its containers are",
      aPod("False", 40),
      41,
      "lost",
    ],
    ["a pod that waits for a readiness gate from the start", aPod("False", 0), 999, "there"],
    ["a pod whose container is not ready", aPod("False", 40, "no"), 41, "there"],
    ["a pod that is asked to end", going(aPod("True", 0), 100), 139, "there"],
    [
      "F02: a pod that does not end though it was asked to",
      going(aPod("True", 0), 100),
      140,
      "lost",
    ],
  ];

for (const [claim, pod, seconds, isLost] of ROWS) {
  pure(`${claim} is ${isLost}`, () => {
    assert.equal(lossOf(pod, at(seconds)) === undefined ? "there" : "lost", isLost);
  });
}

pure("how long until a pod that ends counts as lost", () => {
  assert.equal(lostInMs(aPod("True", 0), at(5)), undefined);
  assert.equal(lostInMs(going(aPod("True", 0), 100), at(110)), 30_000);
  assert.equal(lostInMs(going(aPod("True", 0), 100), at(999)), 0);
});
