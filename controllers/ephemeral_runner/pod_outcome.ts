/** What a runner's pod says about its runner. Pure. Spec: §10 R10; X12: a sidecar's end is not the runner's. */
import { EXIT_OUTDATED } from "../../crds/group.ts";
import type { ContainerStatus, Pod } from "../../kube/types.ts";
import { runnerContainer } from "../runner_container.ts";

export type PodOutcome =
  /** Not started, or running: `ready` and `phase` as the pod has them. */
  | { readonly kind: "alive" }
  | { readonly kind: "succeeded" }
  /** GitHub refused the runner's version. */
  | { readonly kind: "outdated" }
  | { readonly kind: "failed"; readonly reason: string; readonly message: string };

/** Total: a pod of which nothing is known yet is alive. */
export function podOutcome(pod: Pod): PodOutcome {
  const status = pod.status ?? {};
  const runner = runnerContainer(pod);
  const ended = runner?.state?.terminated;
  if (ended?.exitCode === 0) return { kind: "succeeded" };
  if (ended?.exitCode === EXIT_OUTDATED) return { kind: "outdated" };
  if (ended !== undefined) return failedContainer(runner as ContainerStatus);
  const broken = brokenInitContainer(pod);
  if (status.phase === "Failed" || status.phase === "Succeeded") {
    if (broken !== undefined && status.reason === undefined) return failedContainer(broken);
    return {
      kind: "failed",
      reason: status.reason ?? "PodFailed",
      message: status.message ?? `The pod ended as ${status.phase} before its runner did`,
    };
  }
  return broken === undefined ? { kind: "alive" } : failedContainer(broken);
}

/** An init container that failed for good: a restartable one, or one that the pod's policy restarts, has not. */
function brokenInitContainer(pod: Pod): ContainerStatus | undefined {
  if (pod.spec?.restartPolicy !== "Never") return undefined;
  const restartable = new Set(
    (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always").map((c) => c.name),
  );
  return pod.status?.initContainerStatuses?.find((container) =>
    (container.state?.terminated?.exitCode ?? 0) !== 0 && !restartable.has(container.name)
  );
}

function failedContainer(container: ContainerStatus): PodOutcome {
  const ended = container.state?.terminated;
  const detail = ended?.message ? `: ${ended.message}` : "";
  return {
    kind: "failed",
    reason: ended?.reason ?? "Error",
    message: `Container "${container.name}" ended with exit code ${ended?.exitCode}${detail}`,
  };
}

/** The newest word of the pod's Ready condition. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.find((condition) => condition.type === "Ready")?.status === "True";
}
