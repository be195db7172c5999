/** How the stories of runners' lives look at the stage: pods, conditions and Events of the one set on it. */
import { conditionOf } from "../../kube/meta.ts";
import { EVENTS } from "../../kube/resources.ts";
import type { Event, Pod } from "../../kube/types.ts";
import { jobsOf } from "../journeys/invariants.ts";
import type { Stage } from "../journeys/stage.ts";
import { runnerSetOf, type Story } from "./stories.ts";

/** In seconds of the story. */
export const MINUTE = 60;

export function completed(stage: Stage): number {
  return jobsOf(stage).filter(({ result }) => result === "succeeded").length;
}

export async function untilCompleted(stage: Stage, count: number, limitS: number): Promise<void> {
  await stage.until(`${count} jobs are done`, () => completed(stage) === count, limitS);
}

export function runnerPods(stage: Stage): readonly Pod[] {
  return stage.pods().filter((pod) => pod.metadata?.namespace === "arc-runners");
}

/** "status reason" of a condition of the set of runners. */
export function says(stage: Stage, type: string): string {
  const { status, reason } = conditionOf(runnerSetOf(stage)?.status?.conditions, type) ?? {};
  return `${status} ${reason}`;
}

export function message(stage: Stage, type: string): string {
  return conditionOf(runnerSetOf(stage)?.status?.conditions, type)?.message ?? "";
}

/** Reasons of the Events, of those about objects of one kind when it is named. */
export function told(stage: Stage, kind?: string): ReadonlySet<string> {
  const events = stage.stored<Event>(EVENTS);
  return new Set(
    events.filter(({ involvedObject }) => kind === undefined || involvedObject.kind === kind)
      .map(({ reason }) => reason ?? ""),
  );
}

export function online(stage: Stage): number {
  return stage.world.github.control.state().runners.filter(({ state }) => state === "online")
    .length;
}

export async function untilQuiet(story: Story, runners: number): Promise<void> {
  const { stage } = story;
  await stage.until(`${runners} runners are left`, () => {
    const agents = stage.world.github.control.state().runners;
    return stage.runners().length === runners && agents.length === runners;
  }, 5 * MINUTE);
  story.check();
}
