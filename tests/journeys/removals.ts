/** A set that will be taken away: it hears of jobs, and what was in the cluster before it came is known. */
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import {
  type Bounds,
  clusterContent,
  hasSession,
  openWatchedStage,
  type Watched,
} from "./invariants.ts";
import { type Process, setObjects, type SetWords } from "./stage.ts";

export interface RemovalScene {
  readonly watched: Watched;
  /** For `isNothingLeft`: its Secret is there, the set is not. */
  readonly before: readonly string[];
  readonly controller: Process;
}

/** Resolves when a session is open. */
export async function openRemoval(bounds: Bounds, words: SetWords): Promise<RemovalScene> {
  const watched = await openWatchedStage(bounds);
  const { stage } = watched;
  const objects = setObjects(words);
  await stage.world.apply(objects.filter(({ kind }) => kind !== AUTOSCALING_RUNNER_SETS.kind));
  const before = clusterContent(stage);
  const controller = stage.startController();
  await stage.world.apply(objects);
  await stage.until("a session is open", () => hasSession(stage), 60);
  return { watched, before, controller };
}
