/** What a story is that both worlds can tell, and what stories have in common. Knows no world. */
import type { KubeObject, ResourceType } from "../../../kube/types.ts";
import { hasSession, jobsOf } from "../invariants.ts";
import type { AnyStage, SetWords, StageOptions } from "../stage.ts";

/** A stage on which the rules of `invariants.ts` are watched. */
export interface WatchedStage {
  readonly stage: AnyStage;
  /** The most runners that one set had at a time. */
  readonly peak: number;
  /** Fails naming every rule that was broken so far. */
  check(): Promise<void> | void;
}

export interface StoryBounds extends Pick<StageOptions, "github" | "runnerScript"> {
  /** Most runners of one set at a time, whatever its spec says meanwhile. */
  readonly max: number;
}

export type OpenWatched = (bounds: StoryBounds) => Promise<WatchedStage>;

export interface Story {
  readonly says: string;
  readonly tell: (open: OpenWatched) => Promise<void>;
}

/** A controller, a set called `linux`, and a listener with a session. */
export async function openSet(
  open: OpenWatched,
  set: SetWords & { readonly max: number },
  bounds: Partial<StoryBounds> = {},
): Promise<WatchedStage> {
  const watched = await open({ max: set.max, ...bounds });
  const { stage } = watched;
  stage.startController();
  await stage.addSet(set);
  await stage.until("a session is open", () => hasSession(stage), 60);
  return watched;
}

/** Queues jobs for `linux` that last so many seconds of the story. */
export function queue(stage: AnyStage, count: number, seconds: number): readonly string[] {
  const durationMs = seconds * stage.secondMs;
  return stage.world.github.control.queueJobs({ scaleSet: "linux", count, durationMs });
}

export function running(stage: AnyStage): number {
  return jobsOf(stage).filter(({ state }) => state === "running").length;
}

/** Runners that GitHub could give a job. */
export function idle(stage: AnyStage): number {
  const { runners } = stage.world.github.control.state();
  return runners.filter(({ state, jobId }) => state === "online" && jobId === undefined).length;
}

/** How jobs ended, by result; "none" for those that did not. */
export function results(stage: AnyStage): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { result = "none" } of jobsOf(stage)) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

export async function untilOver(stage: AnyStage, limitS = 240): Promise<void> {
  await stage.until(
    "all jobs are over",
    () => jobsOf(stage).every(({ state }) => state === "completed"),
    limitS,
  );
}

/** No more runners than these, here and at GitHub, and it stays so. */
export async function untilAtRest(watched: WatchedStage, runners = 0): Promise<void> {
  const { stage } = watched;
  await stage.until(`${runners} runners are left`, () => {
    const { runners: agents } = stage.world.github.control.state();
    return stage.runners().length === runners && agents.length === runners;
  }, 180);
  await stage.pass(30);
  await watched.check();
}

/** The only object of a type, or the first. */
export function first<T extends KubeObject>(
  stage: AnyStage,
  type: ResourceType<T>,
): T | undefined {
  return stage.stored(type)[0];
}
