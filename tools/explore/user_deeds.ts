/**
 * What users do: want jobs, edit their sets, take them away and bring them back, lose the Secret with the credential.
 * Knows what they want by now, which is what the world is measured by in the end.
 */
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { SECRETS } from "../../kube/resources.ts";
import { keyOf, type KubeObject } from "../../kube/types.ts";
import { setObjects } from "../../tests/journeys/stage.ts";
import type { Deed } from "./plan.ts";
import { chosen, HOME, type Scene, type WantedSet } from "./scene.ts";

/** Jobs that are not over. */
export function openJobs({ stage }: Scene): readonly { readonly jobId: string }[] {
  return stage.world.github.control.state().jobs.filter(({ state }) => state !== "completed");
}

/** Jobs that end well, if nobody stops them. */
export function queueJobs(scene: Scene, deed: Extract<Deed, { do: "jobs" }>): void {
  const set = setAt(scene, deed.set);
  const ids = scene.stage.world.github.control.queueJobs({
    scaleSet: set.name,
    count: deed.count,
    durationMs: { fromMs: deed.shortestMs, toMs: deed.longestMs },
  });
  scene.trace.note("users", `want jobs ${ids.join(" ")} of ${set.name}`);
}

function setAt(scene: Scene, at: number): WantedSet {
  return chosen(scene.wanted, at) as WantedSet;
}

/** The user's edit, and what is wanted from now on. */
export async function edit(scene: Scene, deed: Extract<Deed, { do: "edit" }>): Promise<void> {
  const set = setAt(scene, deed.set);
  set.min = deed.min ?? set.min;
  set.max = deed.max ?? set.max;
  set.highest = Math.max(set.highest, set.max);
  set.round = deed.round ?? set.round;
  await scene.stage.world.admin.patch(
    AUTOSCALING_RUNNER_SETS,
    { namespace: HOME, name: set.name },
    { spec: wantedSpec(set) },
  );
}

/** As users would write it by now. */
function wantedSpec({ min, max, round }: WantedSet) {
  const annotations = { "example.com/round": String(round) };
  return {
    minRunners: min,
    maxRunners: max,
    ...(round > 0 && { template: { metadata: { annotations } } }),
  };
}

/** A user deletes a set, waits until it is gone, and creates it again. */
export async function recreate(
  scene: Scene,
  deed: Extract<Deed, { do: "recreate-set" }>,
): Promise<void> {
  const { stage } = scene;
  const { world, clock } = stage;
  const set = setAt(scene, deed.set);
  const key = { namespace: HOME, name: set.name };
  const stored = () => world.api.store.get(AUTOSCALING_RUNNER_SETS, key);
  const former = stored();
  if (former === undefined || former.metadata.deletionTimestamp !== undefined) return;
  await world.admin.delete(AUTOSCALING_RUNNER_SETS, key);
  scene.happened(deed.do, set.name);
  await clock.sleep(deed.forS * 1000);
  while (stored()?.metadata.uid === former.metadata.uid) await clock.sleep(5_000);
  if (stored() !== undefined) return; // another user was faster
  scene.trace.note("users", `create set ${set.name} again`);
  await world.apply(objectsOf(set).filter(({ kind }) => kind === AUTOSCALING_RUNNER_SETS.kind));
  if (set.round > 0) {
    await world.admin.patch(AUTOSCALING_RUNNER_SETS, key, { spec: wantedSpec(set) });
  }
}

/** A set and what it needs, as its users apply them. */
export function objectsOf({ name, min, max }: WantedSet): readonly KubeObject[] {
  return setObjects({ name, min, max });
}

/** Somebody deletes the Secret that a set names, and makes it again. */
export async function loseCredential(
  scene: Scene,
  deed: Extract<Deed, { do: "lose-credential" }>,
): Promise<void> {
  const { world, clock } = scene.stage;
  const set = setAt(scene, deed.set);
  scene.happened(deed.do, `of ${set.name} for ${deed.forS} s`);
  const secrets = objectsOf(set).filter(({ kind }) => kind === SECRETS.kind);
  for (const secret of secrets) await world.admin.delete(SECRETS, keyOf(secret));
  await clock.sleep(deed.forS * 1000);
  await world.apply(secrets);
}
