import assert from "node:assert/strict";
import {
  brokenCompanion,
  restartedSidecar,
  startTrouble,
  unschedulableInMs,
} from "../../../controllers/ephemeral_runner/pod_troubles.ts";
import type { Pod } from "../../../kube/types.ts";
import { aPod } from "../../builders.ts";
import { after } from "../../times.ts";
import { pure } from "../situations.ts";

const NOW = after(31);

function waiting(reason: string, message?: string): Pod {
  const state = { waiting: { reason, ...(message !== undefined && { message }) } };
  const container = { name: "runner", image: "i:1", imageID: "", ready: false, restartCount: 0 };
  const pod = aPod();
  return { ...pod, status: { ...pod.status, containerStatuses: [{ ...container, state }] } };
}

const REASONS: readonly (readonly [kubelets: string, ours: string | undefined])[] = [
  ["ErrImagePull", "ImagePullFailed"],
  ["ImagePullBackOff", "ImagePullFailed"],
  ["ErrImageNeverPull", "ImagePullFailed"],
  ["InvalidImageName", "InvalidImageName"],
  ["CreateContainerConfigError", "ContainerConfigFailed"],
  ["RunContainerError", "ContainerConfigFailed"],
  ["ContainerCreating", undefined],
  ["PodInitializing", undefined],
];

for (const [kubelets, ours] of REASONS) {
  pure(`F21: a container that waits for ${kubelets} is ${ours ?? "no trouble"}`, () => {
    const trouble = startTrouble(waiting(kubelets, "not found"), {}, NOW);
    assert.equal(trouble?.reason, ours);
    if (ours === undefined) return;
    assert.equal(trouble?.message, 'Container "runner" cannot start from image "i:1": not found');
  });
}

pure("B9: what a back-off leaves out stays as it was said, of the same image only", () => {
  const first = startTrouble(waiting("ErrImagePull", "not found"), {}, NOW);
  const next = waiting("ImagePullBackOff", 'Back-off pulling image "i:1"');
  assert.deepEqual(startTrouble(next, first ?? {}, NOW), first);
  const other = { reason: "ImagePullFailed", message: 'Container "init" cannot start' };
  assert.match(startTrouble(next, other, NOW)?.message ?? "", /Back-off/);
});

pure("a pod without a node is trouble after 30 s, and its changing numbers are no news", () => {
  const pod = aPod().unschedulable();
  assert.equal(startTrouble(pod, {}, after(29)), undefined);
  assert.equal(unschedulableInMs(pod, after(29)), 1_000);
  const trouble = startTrouble(pod, {}, NOW);
  assert.equal(trouble?.reason, "Unschedulable");
  assert.match(trouble?.message ?? "", /Insufficient cpu/);
  const before = { reason: "Unschedulable", message: "0/9 nodes are available" };
  assert.deepEqual(startTrouble(pod, before, NOW), before);
  assert.equal(unschedulableInMs(aPod().running(), NOW), undefined);
});

/** With a container of that role that ended badly. */
function beside(role: "container" | "sidecar", exitCode = 137): Pod {
  const pod = aPod().running();
  const ended = { terminated: { exitCode, reason: exitCode === 137 ? "OOMKilled" : "Error" } };
  const status = { name: "dind", image: "d", imageID: "", ready: false, restartCount: 1 };
  if (role === "container") {
    const containerStatuses = [...pod.status?.containerStatuses ?? [], { ...status, state: ended }];
    return { ...pod, status: { ...pod.status, containerStatuses } };
  }
  const initContainers = [{ name: "dind", restartPolicy: "Always" }];
  return {
    ...pod,
    spec: { containers: [], ...pod.spec, initContainers },
    status: {
      ...pod.status,
      initContainerStatuses: [{ ...status, state: { running: {} }, lastState: ended }],
    },
  };
}

pure("F15: a container beside the runner that ended badly and stays so is told", () => {
  assert.deepEqual(brokenCompanion(beside("container")), {
    reason: "SidecarOOMKilled",
    message: 'Container "dind" ended with exit code 137',
  });
  assert.equal(brokenCompanion(beside("container", 0)), undefined);
  assert.equal(brokenCompanion(aPod().running()), undefined);
  const pod = beside("container");
  const restarts: Pod = { ...pod, spec: { containers: [], ...pod.spec, restartPolicy: "Always" } };
  assert.equal(brokenCompanion(restarts), undefined, "its kubelet starts it again");
});

pure("X12, F15: a sidecar that was started again is told, and breaks nothing", () => {
  assert.equal(restartedSidecar(beside("sidecar"))?.reason, "SidecarOOMKilled");
  assert.equal(restartedSidecar(beside("sidecar", 1))?.reason, "SidecarError");
  assert.equal(restartedSidecar(aPod().running()), undefined);
  assert.equal(brokenCompanion(beside("sidecar")), undefined);
});
