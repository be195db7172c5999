/** What the stories of faults have in common: a set at work on the stage, and how to look at it. */
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { conditionOf } from "../../kube/meta.ts";
import type { Pod } from "../../kube/types.ts";
import type { Effect } from "../../sim/faults.ts";
import type { JobRequest } from "../../sim/github/control.ts";
import type { Operation } from "../../sim/github/routes.ts";
import { hasSession, jobsOf, openWatchedStage, type Watched } from "../journeys/invariants.ts";
import type { SetWords, Stage, StageOptions, Tap } from "../journeys/stage.ts";

export interface StoryOptions extends StageOptions {
  readonly set?: SetWords;
  /** Most runners that there may ever be. */
  readonly max?: number;
}

export interface Story extends Pick<Watched, "stage" | "check"> {
  /** As on SIGKILL. */
  crashController(): void;
  startController(): void;
}

const MAX = 100;

/** A controller, a set called `linux`, and a listener that polls. */
export async function openStory(options: StoryOptions = {}): Promise<Story> {
  const max = options.max ?? options.set?.max ?? MAX;
  const watched = await openWatchedStage({ ...options, max });
  const { stage } = watched;
  let controller = stage.startController();
  await stage.addSet({ max, ...options.set });
  await stage.until("a listener polls", () => isPolled(stage), 60);
  return {
    stage,
    check: () => watched.check(),
    crashController: () => controller.crash(),
    startController: () => controller = stage.startController(),
  };
}

/** Whether a session is held by somebody who polls it. */
export function isPolled(stage: Stage): boolean {
  return hasSession(stage) && stage.world.github.calls.poll > 0;
}

export function queue(stage: Stage, count: number, rest: Partial<JobRequest> = {}): void {
  stage.world.github.control.queueJobs({ scaleSet: "linux", count, durationMs: 20_000, ...rest });
}

export function conditionText(stage: Stage, type: string, name?: string): string {
  const { status, reason } = conditionOf(stage.runnerSet(name)?.status?.conditions, type) ?? {};
  return `${status} ${reason}`;
}

export function runnerSetOf(stage: Stage): EphemeralRunnerSet | undefined {
  return (stage.world.api.store.list(EPHEMERAL_RUNNER_SETS) as readonly EphemeralRunnerSet[])[0];
}

/** Runners that exist, are not leaving, and have no job. */
export function idleRunners(stage: Stage): number {
  return stage.runners().filter(({ metadata, status }) =>
    metadata?.deletionTimestamp === undefined && !status?.jobId
  ).length;
}

export function running(stage: Stage): number {
  return jobsOf(stage).filter(({ state }) => state === "running").length;
}

export function listenerPod(stage: Stage): Pod | undefined {
  return stage.pods().find(({ metadata }) => metadata?.namespace === "arc-systems");
}

/** Every call of these operations goes wrong, until {@link heal}. */
export function spoil(
  stage: Stage,
  operations: readonly (Operation | "*")[],
  effect: Effect,
): void {
  stage.world.github.control.setFaults(
    operations.map((operation) => ({ operation, effect })),
  );
}

export function heal(stage: Stage): void {
  stage.world.github.control.setFaults([]);
}

/** What the queue says, from now on, as `change` makes it of what it would have said. */
export function rewriteStatistics(
  change: (statistics: Readonly<Record<string, number>>) => Readonly<Record<string, number>>,
): Tap {
  return async (request, send) => {
    const { pathname } = new URL(request.url);
    if (!/\/(message|sessions)$/.test(pathname)) return;
    const response = await send();
    if (response.status !== 200) return response;
    const body = await response.json();
    return Response.json({ ...body, statistics: change(body.statistics) });
  };
}

export async function editSet(stage: Stage, spec: object): Promise<void> {
  const key = { namespace: "arc-runners", name: "linux" };
  await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, key, { spec });
}
