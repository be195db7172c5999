import assert from "node:assert/strict";
import { isReady, podOutcome } from "../../../controllers/ephemeral_runner/pod_outcome.ts";
import type { Pod } from "../../../kube/types.ts";
import { applyMergePatch } from "../../../lib/json.ts";
import { aPod } from "../../builders.ts";
import { pure } from "../situations.ts";

/** The pod with more in it. */
function withMore(pod: Pod, patch: unknown): Pod {
  return applyMergePatch(pod, patch) as Pod;
}

const sidecar = (restartPolicy: string | undefined, pod: Pod, exitCode = 1) =>
  withMore(pod, {
    spec: { initContainers: [{ name: "dind", restartPolicy: restartPolicy ?? null }] },
    status: {
      initContainerStatuses: [{
        name: "dind",
        state: { terminated: { exitCode, reason: "Error" } },
      }],
    },
  });

const ROWS: readonly {
  readonly claim: string;
  readonly pod: Pod;
  readonly kind: ReturnType<typeof podOutcome>["kind"];
  readonly reason?: string;
  readonly message?: RegExp;
}[] = [
  { claim: "R10-6: a pod that nobody scheduled lives", pod: aPod(), kind: "alive" },
  { claim: "R10-6: a pod without room lives", pod: aPod().unschedulable(), kind: "alive" },
  {
    claim: "R10-7: a waiting container lives",
    pod: aPod().waitingFor("ImagePullBackOff"),
    kind: "alive",
  },
  { claim: "R10-7: a running container lives", pod: aPod().running(), kind: "alive" },
  {
    claim: "R10-7: a pod on a lost node lives, for all that is known",
    pod: aPod().onLostNode(),
    kind: "alive",
  },
  {
    claim: "R10-1: an evicted pod failed",
    pod: aPod().evicted(),
    kind: "failed",
    reason: "Evicted",
    message: /memory/,
  },
  {
    claim: "R10-1: a pod that failed while its runner still ran failed",
    pod: withMore(aPod().running(), { status: { phase: "Failed" } }),
    kind: "failed",
    reason: "PodFailed",
    message: /ended as Failed before its runner did/,
  },
  {
    claim: "a pod that succeeded without its runner failed",
    pod: withMore(aPod(), { status: { phase: "Succeeded" } }),
    kind: "failed",
    reason: "PodFailed",
  },
  {
    claim: "R10-2: a failed pod whose runner ended well succeeded",
    pod: withMore(aPod().exitedWith(0), { status: { phase: "Failed" } }),
    kind: "succeeded",
  },
  {
    claim: "R10-3: a failed pod with exit code 7 is outdated",
    pod: aPod().failedWith(7),
    kind: "outdated",
  },
  {
    claim: "R10-4: any other exit code of a failed pod failed",
    pod: aPod().failedWith(1),
    kind: "failed",
    reason: "Error",
    message: /Container "runner" ended with exit code 1$/,
  },
  {
    claim: "R10-4: out of memory failed",
    pod: aPod().failedWith(137),
    kind: "failed",
    reason: "OOMKilled",
  },
  {
    claim: "R10-5: an init container that failed for good failed",
    pod: aPod().initFailedWith(3),
    kind: "failed",
    message: /Container "init" ended with exit code 3/,
  },
  {
    claim: "R10-8: exit code 7 while a sidecar runs is outdated",
    pod: aPod().exitedWith(7),
    kind: "outdated",
  },
  {
    claim: "R10-9: another exit code while a sidecar runs failed",
    pod: aPod().exitedWith(2),
    kind: "failed",
  },
  {
    claim: "R10-10: exit code 0 while a sidecar runs succeeded",
    pod: aPod().exitedWith(0),
    kind: "succeeded",
  },
  { claim: "R10-10: a pod that succeeded succeeded", pod: aPod().succeeded(), kind: "succeeded" },
  {
    claim: "X12: a sidecar that crashes and is restarted is no failure",
    pod: sidecar("Always", aPod().running()),
    kind: "alive",
  },
  {
    claim: "X12: the runner's own end counts before that of a sidecar",
    pod: sidecar("Always", aPod().exitedWith(0)),
    kind: "succeeded",
  },
  {
    claim: "X12: the runner's own end counts before that of an init container",
    pod: sidecar(undefined, aPod().exitedWith(0)),
    kind: "succeeded",
  },
  {
    claim: "R10-5: an init container that ended well is no failure",
    pod: sidecar(undefined, aPod().running(), 0),
    kind: "alive",
  },
  {
    claim: "an init container that the pod's policy restarts is no failure",
    pod: withMore(aPod().initFailedWith(3), { spec: { restartPolicy: "OnFailure" } }),
    kind: "alive",
  },
  { claim: "a pod without a status lives", pod: { metadata: { name: "p" } }, kind: "alive" },
];

for (const { claim, pod, kind, reason, message } of ROWS) {
  pure(`the outcome of a pod, ${claim}`, () => {
    const outcome = podOutcome(pod);
    assert.equal(outcome.kind, kind);
    if (outcome.kind !== "failed") return;
    if (reason) assert.equal(outcome.reason, reason);
    if (message) assert.match(outcome.message, message);
  });
}

pure("a pod is ready when its Ready condition is true", () => {
  assert.ok(isReady(aPod().running()));
  assert.ok(!isReady(aPod().waitingFor("ContainerCreating")));
  assert.ok(!isReady({}));
});
