/** The story of a take-over, told for each release of ARC; both worlds can tell it. */
import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../../crds/ephemeral_runner.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { isDeleting } from "../../../kube/meta.ts";
import { PODS } from "../../../kube/resources.ts";
import type { AnyType, KubeObject, ResourceType } from "../../../kube/types.ts";
import {
  allSucceeded,
  assertNothingLeft,
  clusterContent,
  githubLeft,
  hasSession,
  isNothingLeft,
  jobsOf,
} from "../invariants.ts";
import type { AnyStage } from "../stage.ts";
import { idle, type OpenWatched, queue, untilAtRest, untilOver } from "../stories/story.ts";
import { type ArcAtWork, arcAtWork, type ArcWords } from "./arc_at_work.ts";
import { ARC_LISTENER, ARC_SET } from "./arc_objects.ts";
import { ARC_ONLY_FINALIZERS, type ArcRelease } from "./arc_release.ts";

/** How long a new listener may take to poll in the place of ARC's, in s (F26). */
const GAP_S = 30;
const QUIET_S = 120;

/** What the release leaves behind, small enough to be told for each of them. */
export function smallState(release: ArcRelease): ArcWords {
  return { release, min: 2, max: 10, busy: 3, idle: 2, outdated: 1, jobSeconds: 600 };
}

/** F26: nothing that ARC left is touched but what only ARC needed, and work goes on. */
export async function tellTakeover(open: OpenWatched, words: ArcWords): Promise<void> {
  const watched = await open({ max: words.max });
  await using stage = watched.stage;
  const before = clusterContent(stage);
  const release = stage.holdJobs();
  const arc = await arcAtWork(stage, words);
  await arc.leave();
  stage.startController();
  await stage.until("our listener polls", () => hasSession(stage), GAP_S);
  await stage.pass(QUIET_S);
  assertUntouched(stage, arc);
  await watched.check();
  await stage.until(
    "sets and listener bear no finalizer of ARC's",
    () => arcsFinalizers(stage) === "",
  );

  release();
  await untilOver(stage, words.jobSeconds * 2);
  assert.ok(allSucceeded(stage), JSON.stringify(jobsOf(stage)));
  await untilAtRest(watched, words.min);
  queue(stage, words.max, 20);
  await untilOver(stage);
  assert.ok(allSucceeded(stage));
  await untilAtRest(watched, words.min);
  await stage.until("the minimum is idle", () => idle(stage) === words.min, 60);
  await stage.until(
    "the older generation is gone",
    () => stage.stored(EPHEMERAL_RUNNER_SETS).length === 1,
    60,
  );

  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, ARC_SET);
  const installed = (name: string) =>
    !/^(AutoscalingRunnerSet|Autoscaling|Ephemeral|Pod)/.test(name) && !name.includes(ARC_LISTENER);
  const left = [...before, ...clusterContent(stage).filter(installed)];
  await stage.until("the set is gone", () => isNothingLeft(stage, left));
  assertNothingLeft(stage, left);
}

function assertUntouched(stage: AnyStage, arc: ArcAtWork): void {
  const kept = (type: AnyType, objects: readonly KubeObject[]) =>
    assert.deepEqual(
      alive(stage, type).filter((uid) => objects.some(({ metadata }) => metadata?.uid === uid)),
      objects.map(({ metadata }) => metadata?.uid).sort(),
      `every ${type.kind} that was there lives on`,
    );
  kept(EPHEMERAL_RUNNERS, arc.runners);
  kept(PODS, arc.pods);
  const annotations = stage.runnerSet()?.metadata?.annotations;
  assert.equal(annotations?.[ANNOTATIONS.scaleSetId], String(arc.set.scaleSetId));
  assert.deepEqual(githubLeft(stage).scaleSets.map(({ id }) => id), [arc.set.scaleSetId]);
}

function alive(stage: AnyStage, type: AnyType): readonly string[] {
  return stage.stored(type as ResourceType<KubeObject>).filter((object) => !isDeleting(object))
    .map(({ metadata }) => metadata?.uid ?? "").sort();
}

/** What still bears a finalizer of ARC's, in words. A runner's second one goes with its first: it costs no write. */
function arcsFinalizers(stage: AnyStage): string {
  const kinds: readonly AnyType[] = [AUTOSCALING_LISTENERS, EPHEMERAL_RUNNER_SETS];
  return kinds.flatMap((type) =>
    stage.stored(type as ResourceType<KubeObject>).filter(({ metadata }) =>
      metadata?.finalizers?.some((finalizer) => ARC_ONLY_FINALIZERS.includes(finalizer))
    ).map(({ metadata }) => `${type.kind} ${metadata?.name}`)
  ).join(", ");
}
