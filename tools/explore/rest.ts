/**
 * What the world looks like when nobody wants anything: the desired state, as differences in words. Knows what users
 * asked for and reads both sides; refuses to know what went on before.
 */
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { conditionOf, isDeleting } from "../../kube/meta.ts";
import { SECRETS } from "../../kube/resources.ts";
import type { KubeObject } from "../../kube/types.ts";
import type { GitHubSimState } from "../../sim/github/control.ts";
import { objectsOf } from "./user_deeds.ts";
import { HOME, isIn, nameOf, type Scene, SYSTEM, type WantedSet } from "./scene.ts";

/** Everything that is not as it should be by now; empty: the world is at rest. */
export function unrest(scene: Scene): readonly string[] {
  const { stage, wanted, plan, replicas } = scene;
  const state = stage.world.github.control.state();
  const open = state.jobs.filter((job) => job.state !== "completed");
  const found = open.map((job) => `job ${job.jobId} is ${job.state}`);
  const expect = (what: string, is: number, should: number) => {
    if (is !== should) found.push(`${what}: ${is}, not ${should}`);
  };
  const runners = wanted.reduce((sum, { min }) => sum + min, 0);
  expect("runners", stage.runners().length, runners);
  expect("runner pods", stage.pods().filter(isIn(HOME)).length, runners);
  expect("listener pods", stage.pods().filter(isIn(SYSTEM)).length, wanted.length);
  expect("listener processes", stage.listeners.size, wanted.length);
  expect("controllers", replicas.running.length, plan.setting.replicas);
  expect("sets of runners", stage.stored(EPHEMERAL_RUNNER_SETS).length, wanted.length);
  expect("listeners", stage.stored(AUTOSCALING_LISTENERS).length, wanted.length);
  expect("runners at GitHub", state.runners.length, runners);
  expect("scale sets at GitHub", state.scaleSets.length, wanted.length);
  for (const set of wanted) found.push(...unrestOf(scene, { set, state }));
  return [...found, ...straySecrets(scene)];
}

/** A runner that has started does without its Secret; one without a runner is left over. */
function straySecrets({ stage, wanted }: Scene): readonly string[] {
  const known = new Set([
    ...stage.runners().map(nameOf),
    ...wanted.flatMap(objectsOf).filter(({ kind }) => kind === SECRETS.kind).map(nameOf),
  ]);
  return stage.stored(SECRETS).filter(isIn(HOME)).map(nameOf)
    .filter((name) => !known.has(name)).map((name) => `Secret ${name} is left over`);
}

function unrestOf(
  { stage }: Scene,
  about: { readonly set: WantedSet; readonly state: GitHubSimState },
): readonly string[] {
  const { set, state } = about;
  const found: string[] = [];
  const scaleSet = state.scaleSets.find(({ name }) => name === set.name);
  if (scaleSet?.session === undefined) found.push(`${set.name} has no session`);
  if ((scaleSet?.undeletedMessages ?? 0) > 0) found.push(`${set.name} has messages left`);
  const runners = stage.runners().filter((runner) => ownerOf(runner) === set.name);
  if (runners.length !== set.min) found.push(`${set.name}: ${runners.length}, not ${set.min}`);
  for (const runner of runners) {
    found.push(...unrestOfRunner(runner, { set, state, scaleSetId: scaleSet?.id }));
  }
  const { status } = stage.runnerSet(set.name) ?? {};
  if ((status?.currentRunners ?? 0) !== set.min) {
    found.push(`${set.name} shows ${status?.currentRunners} runners, not ${set.min}`);
  }
  for (const type of ["SessionHealthy", "Registered"]) {
    const condition = conditionOf(status?.conditions, type);
    if (condition !== undefined && condition.status !== "True") {
      found.push(`${set.name}: ${type} is ${condition.status}, ${condition.reason}`);
    }
  }
  return found;
}

function unrestOfRunner(
  runner: EphemeralRunner,
  about: {
    readonly set: WantedSet;
    readonly state: GitHubSimState;
    readonly scaleSetId: number | undefined;
  },
): readonly string[] {
  const name = nameOf(runner);
  const { set, state, scaleSetId } = about;
  const found: string[] = [];
  const { phase, jobId, runnerId } = runner.status ?? {};
  if (isDeleting(runner)) found.push(`${name} is being deleted`);
  if (phase !== "Running") found.push(`${name} is ${phase ?? "new"}`);
  if (jobId) found.push(`${name} has job ${jobId}`);
  const round = runner.spec?.metadata?.annotations?.["example.com/round"] ?? "0";
  if (Number(round) !== set.round) found.push(`${name} is of round ${round}, not ${set.round}`);
  const record = state.runners.find((record) => record.name === name);
  if (record === undefined) return [...found, `${name} is unknown to GitHub`];
  if (record.id !== runnerId) found.push(`${name} is ${record.id} at GitHub, not ${runnerId}`);
  if (record.state !== "online") found.push(`${name} is ${record.state} at GitHub`);
  if (record.scaleSetId !== scaleSetId) found.push(`${name} belongs to another scale set`);
  return found;
}

function ownerOf(object: KubeObject): string | undefined {
  return object.metadata?.ownerReferences?.[0]?.name;
}
