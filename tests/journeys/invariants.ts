/**
 * What must hold in every story, watched at each write: never more runners than the maximum, no pod of a busy runner
 * removed by us, each job begun once. And what must be true at its end: jobs done, nothing left. Knows no story.
 */
import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../kube/meta.ts";
import { PODS, ROLE_BINDINGS, ROLES, SECRETS, SERVICE_ACCOUNTS } from "../../kube/resources.ts";
import type { AnyType, KubeObject, Pod, ResourceType } from "../../kube/types.ts";
import type { GitHubSimState, JobView } from "../../sim/github/control.ts";
import type { Write } from "../../sim/kube/engine.ts";
import { type AnyStage, openStage, type Stage, type StageOptions } from "./stage.ts";

/** A stage and what was seen on it. */
export interface Watched {
  readonly stage: Stage;
  /** Rules that did not hold, in words. */
  readonly broken: readonly string[];
  /** The most runners that one set had at a time. */
  readonly peak: number;
  /** Fails naming everything that was broken so far. */
  check(): void;
}

export interface Bounds extends StageOptions {
  /** Most runners of one set ("namespace/name") at a time, whatever its spec says meanwhile. */
  readonly max: number | ((set: string) => number);
  /** A runner that somebody else brought down: its pod may go, whatever GitHub still believes. */
  readonly isLost?: (runner: string) => boolean;
}

const OURS = "system:serviceaccount:arc-systems:";
const ENDED = ["Succeeded", "Failed", "Outdated"];

/** A stage on which the rules are watched. Dispose of the stage as usual. */
export async function openWatchedStage(bounds: Bounds): Promise<Watched> {
  const broken: string[] = [];
  const starts = new Map<string, number>();
  let peak = 0;
  let stage: Stage | undefined = undefined;

  function countRunners(): void {
    const live = (stage?.runners() ?? []).filter(isLive);
    for (const [set, runners] of Map.groupBy(live, setOf)) {
      peak = Math.max(peak, runners.length);
      const max = typeof bounds.max === "number" ? bounds.max : bounds.max(set);
      if (runners.length > max) broken.push(`${set} has ${runners.length} runners`);
    }
  }

  function checkPod(write: Write): void {
    const { name = "", deletionTimestamp } = write.object.metadata;
    const goes = write.removed || deletionTimestamp !== undefined;
    if (!goes || !write.user.startsWith(OURS) || hasEnded(write) || bounds.isLost?.(name)) return;
    const runner = stage?.world.github.control.state().runners.find((r) => r.name === name);
    if (runner?.jobId !== undefined) broken.push(`The pod of busy runner ${name} was deleted`);
  }

  stage = await openStage({
    ...bounds,
    onWrite: (write) => {
      bounds.onWrite?.(write);
      if (write.verb === "create" && write.resource === EPHEMERAL_RUNNERS.plural) countRunners();
      if (write.resource === PODS.plural) checkPod(write);
    },
  });
  stage.world.github.onJobChange((job) => {
    if (job.state !== "running") return;
    const count = (starts.get(job.jobId) ?? 0) + 1;
    starts.set(job.jobId, count);
    if (count > 1) broken.push(`Job ${job.jobId} began ${count} times`);
  });
  return {
    stage,
    broken,
    get peak() {
      return peak;
    },
    check: () => assert.deepEqual(broken, []),
  };
}

function hasEnded({ object }: Write): boolean {
  const { phase } = (object as unknown as Pod).status ?? {};
  return phase === "Succeeded" || phase === "Failed";
}

/** Counts towards the maximum. */
export function isLive(runner: EphemeralRunner): boolean {
  return !isDeleting(runner) && !ENDED.includes(runner.status?.phase ?? "");
}

/** The set that a runner belongs to, as "namespace/name". */
export function setOf(runner: EphemeralRunner): string {
  const owner = runner.metadata?.ownerReferences?.[0];
  return `${runner.metadata?.namespace}/${owner?.name}`;
}

/** The jobs of the simulated GitHub. */
export function jobsOf(stage: AnyStage): readonly JobView[] {
  return stage.world.github.control.state().jobs;
}

/** Whether all jobs are over, and well. */
export function allSucceeded(stage: AnyStage): boolean {
  return jobsOf(stage).every((job) => job.state === "completed" && job.result === "succeeded");
}

/** Whether a listener has a session at GitHub. */
export function hasSession(stage: AnyStage): boolean {
  return githubLeft(stage).scaleSets.some((set) => set.session !== undefined);
}

/** What GitHub has of ours. */
export function githubLeft(
  stage: AnyStage,
): Pick<GitHubSimState, "scaleSets" | "runners"> {
  const { scaleSets, runners } = stage.world.github.control.state();
  return { scaleSets, runners };
}

const KINDS: readonly AnyType[] = [
  AUTOSCALING_RUNNER_SETS,
  AUTOSCALING_LISTENERS,
  EPHEMERAL_RUNNER_SETS,
  EPHEMERAL_RUNNERS,
  PODS,
  SECRETS,
  SERVICE_ACCOUNTS,
  ROLES,
  ROLE_BINDINGS,
];

/** Everything in the cluster that somebody installed or we made: "Kind namespace/name", sorted. */
export function clusterContent(stage: AnyStage): readonly string[] {
  return KINDS.flatMap((type) =>
    stage.stored(type as ResourceType<KubeObject>).map(({ metadata }) =>
      `${type.kind} ${metadata?.namespace}/${metadata?.name}`
    )
  ).sort();
}

/** Fails unless the cluster holds what it held `before`, and GitHub nothing. */
export function assertNothingLeft(stage: AnyStage, before: readonly string[]): void {
  const isNew = (name: string) => !before.includes(name);
  assert.deepEqual(clusterContent(stage).filter(isNew), [], "left in the cluster");
  assert.deepEqual(githubLeft(stage), { scaleSets: [], runners: [] }, "left at GitHub");
}

/** Whether {@link assertNothingLeft} would pass. */
export function isNothingLeft(stage: AnyStage, before: readonly string[]): boolean {
  const { scaleSets, runners } = githubLeft(stage);
  return scaleSets.length === 0 && runners.length === 0 &&
    clusterContent(stage).every((name) => before.includes(name));
}
