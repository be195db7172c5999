/**
 * The rules of the simulated journeys, watched on a real control plane: never more runners than the maximum, no pod of a
 * busy runner removed by us, each job begun once. Knows watches and the audit log; refuses to know a story.
 */
import assert from "node:assert/strict";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../kube/meta.ts";
import { PODS } from "../../kube/resources.ts";
import type { Pod } from "../../kube/types.ts";
import { isLive, setOf } from "../journeys/invariants.ts";
import type { WatchedStage } from "../journeys/stories/story.ts";
import type { Facts } from "./facts.ts";
import { openRealStage, type RealStage, type RealStageOptions } from "./real_stage.ts";

/** Users that are the product. */
export const OURS = "system:serviceaccount:arc-systems:";

export interface RealWatched extends WatchedStage {
  readonly stage: RealStage;
}

/** Dispose of the stage as usual. */
export async function openWatchedRealStage(
  facts: Facts,
  { max, ...options }: RealStageOptions & { readonly max: number },
): Promise<RealWatched> {
  const stage = await openRealStage(facts, options);
  const { github } = stage.world;
  const broken = new Set<string>();
  const starts = new Map<string, number>();
  /** Pods that went while their runners had jobs. */
  const torn = new Set<string>();
  let peak = 0;

  /** Later than the change: a list that replaces all that was known comes object by object. */
  stage.mirror.onChange(EPHEMERAL_RUNNERS, () => queueMicrotask(count));
  function count(): void {
    for (const [set, runners] of Map.groupBy(stage.runners().filter(isLive), setOf)) {
      peak = Math.max(peak, runners.length);
      if (runners.length > max) broken.add(`${set} had ${runners.length} runners`);
    }
  }
  stage.mirror.onChange(PODS, (before, after) => {
    if (before === undefined || isDeleting(before) || (after && !isDeleting(after))) return;
    if (hasEnded(before)) return; // nothing of it is cut off, whatever GitHub still believes
    const { name = "" } = before.metadata ?? {};
    const runner = github.control.state().runners.find((one) => one.name === name);
    if (runner?.jobId !== undefined) torn.add(name);
  });
  github.onJobChange((job) => {
    if (job.state !== "running") return;
    const count = (starts.get(job.jobId) ?? 0) + 1;
    starts.set(job.jobId, count);
    if (count > 1) broken.add(`Job ${job.jobId} began ${count} times`);
  });

  async function check(): Promise<void> {
    for (const { user, verb, resource, name, code } of await stage.audit.requests()) {
      if (verb !== "delete" || resource !== "pods" || code >= 300 || !torn.has(name)) continue;
      if (user.startsWith(OURS)) broken.add(`The pod of busy runner ${name} was deleted`);
    }
    assert.deepEqual([...broken], []);
  }

  return {
    stage,
    get peak() {
      return peak;
    },
    check,
  };
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}
