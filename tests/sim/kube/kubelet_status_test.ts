import assert from "node:assert/strict";
import {
  type ContainerRecord,
  type ContainerRole,
  type ContainerState,
  initialRecords,
  podPhase,
  podStatus,
} from "../../../sim/kube/kubelet_status.ts";

const T = "2026-01-01T12:00:00Z";
const waiting: ContainerState = { is: "waiting", reason: "ContainerCreating" };
const running: ContainerState = { is: "running", startedAt: T };
function ended(exitCode: number): ContainerState {
  return { is: "terminated", exitCode, reason: "x", startedAt: T, finishedAt: T };
}
function record(role: ContainerRole, state: ContainerState, restarts = 0): ContainerRecord {
  return { name: role, image: "i", role, state, restarts };
}
const facts = { startTime: T, hostIP: "10.0.0.1" };

const PHASES: readonly [
  claim: string,
  policy: string,
  records: readonly ContainerRecord[],
  phase: string,
][] = [
  ["waiting to start", "Never", [record("main", waiting)], "Pending"],
  ["init at work", "Never", [record("init", running), record("main", waiting)], "Pending"],
  ["init failed for good", "Never", [record("init", ended(1)), record("main", waiting)], "Failed"],
  [
    "init to be tried again",
    "OnFailure",
    [record("init", ended(1)), record("main", waiting)],
    "Pending",
  ],
  [
    "side-car not up yet",
    "Never",
    [record("sidecar", waiting), record("main", waiting)],
    "Pending",
  ],
  ["one of two runs", "Never", [record("main", ended(0)), record("main", running)], "Running"],
  ["all ended well", "Never", [record("main", ended(0)), record("main", ended(0))], "Succeeded"],
  ["one ended badly", "Never", [record("main", ended(0)), record("main", ended(1))], "Failed"],
  ["failed, will restart", "OnFailure", [record("main", ended(1))], "Running"],
  ["ended, will restart", "Always", [record("main", ended(0))], "Running"],
  ["a side-car that still runs does not count", "Never", [
    record("sidecar", running),
    record("main", ended(0)),
  ], "Succeeded"],
];

for (const [claim, restartPolicy, records, phase] of PHASES) {
  Deno.test({
    name: `phase: ${claim} is ${phase}`,
    permissions: "none",
    fn: () => assert.equal(podPhase(records, { ...facts, restartPolicy }), phase),
  });
}

Deno.test({
  name: "a verdict outranks what the containers say",
  permissions: "none",
  fn: () => {
    const verdict = { reason: "Evicted", message: "short of memory" };
    const status = podStatus([record("main", running)], {
      ...facts,
      restartPolicy: "Never",
      verdict,
    }, {
      now: T,
      before: undefined,
    });
    assert.equal(status.phase, "Failed");
    assert.equal(status.reason, "Evicted");
  },
});

Deno.test({
  name: "a condition keeps its time until it changes, and those of others stay",
  permissions: "none",
  fn: () => {
    const options = { ...facts, restartPolicy: "Never", podIP: "10.244.0.1" };
    const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: "1" };
    const first = podStatus([record("main", waiting)], options, {
      now: "2",
      before: { conditions: [scheduled] },
    });
    const second = podStatus([record("main", running)], options, { now: "3", before: first });
    const time = (type: string) =>
      second.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
    assert.deepEqual([time("PodScheduled"), time("PodReadyToStartContainers"), time("Ready")], [
      "1",
      "2",
      "3",
    ]);
  },
});

Deno.test({
  name: "init containers that restart for ever are side-cars",
  permissions: "none",
  fn: () => {
    const sidecar = { name: "s", restartPolicy: "Always" } as { name: string };
    const records = initialRecords({
      initContainers: [{ name: "i" }, sidecar],
      containers: [{ name: "m" }],
    });
    assert.deepEqual(records.map(({ role }) => role), ["init", "sidecar", "main"]);
  },
});
